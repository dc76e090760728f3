#!/usr/bin/env python3
"""Make a process do one system call it never would, and tell what became of
it.  Root's ptrace stands in for an attacker who runs code in the process.

usage: inject.py PID SYSCALL
"""
import ctypes
import os
import signal
import sys

SYSCALLS = {"mount": 165, "execve": 59, "socket": 41, "open": 2, "ptrace": 101,
            "fork": 57, "kill": 62}
CONT, ATTACH, GETREGS, SETREGS, POKETEXT = 7, 16, 12, 13, 4
# user_regs_struct of x86_64
NAMES = """r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax
    rip cs eflags rsp ss fs_base gs_base ds es fs gs""".split()


class Registers(ctypes.Structure):
    _fields_ = [(name, ctypes.c_ulonglong) for name in NAMES]


libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p,
                        ctypes.c_void_p]
libc.ptrace.restype = ctypes.c_long


def ptrace(request, pid, address=None, data=None):
    if libc.ptrace(request, pid, address, data) == -1:
        error = ctypes.get_errno()
        raise OSError(error, f"ptrace {request}: {os.strerror(error)}")


def executable_page(pid):
    with open(f"/proc/{pid}/maps") as maps:
        for line in maps:
            fields = line.split()
            if "x" in fields[1] and fields[-1] != "[vsyscall]":
                return int(fields[0].split("-")[0], 16)
    raise SystemExit("no executable page")


def call(pid, number):
    """Run 'syscall; int3' with that number and null arguments."""
    ptrace(ATTACH, pid)
    os.waitpid(pid, 0)
    registers = Registers()
    ptrace(GETREGS, pid, None, ctypes.addressof(registers))
    page = executable_page(pid)
    ptrace(POKETEXT, pid, page, 0xcc050f)
    registers.rip, registers.rax = page, number
    # not in a system call any more, so that the kernel restarts none
    registers.orig_rax = 2 ** 64 - 1
    for name in ("rdi", "rsi", "rdx", "r10", "r8", "r9"):
        setattr(registers, name, 0)
    ptrace(SETREGS, pid, None, ctypes.addressof(registers))
    ptrace(CONT, pid)
    return os.waitpid(pid, 0)[1]


def main():
    pid, name = int(sys.argv[1]), sys.argv[2]
    status = call(pid, SYSCALLS[name])
    if os.WIFSIGNALED(status):
        print("ended by", signal.Signals(os.WTERMSIG(status)).name)
    elif os.WIFSTOPPED(status) and os.WSTOPSIG(status) == signal.SIGSYS:
        print("stopped by SIGSYS")
        ptrace(CONT, pid, None, signal.SIGSYS)
    else:
        print(f"{name} returned: status {status:#x}")
        os.kill(pid, signal.SIGKILL)
        sys.exit(1)


main()
