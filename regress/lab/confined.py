#!/usr/bin/env python3
"""Check one running process of the gateway against its row: user, chroot,
capabilities, no_new_privs, seccomp and open descriptors, from /proc.

usage: confined.py NAME PID STATE-DIRECTORY
"""
import os
import pwd
import sys

NET_ADMIN = 1 << 12
# name: user, chroot (STATE is the state directory), capabilities it may
# keep, kinds of descriptors it may have beyond pipes to its peers
ROWS = {
    "ike": ("_ikerd", "/var/empty", NET_ADMIN, {"udp", "pfkey"}),
    "crypto": ("_ikerkey", "/var/empty", 0, set()),
    "authd": ("_authd", "STATE/authd", 0, {"file"}),
    "poold": ("_poold", "STATE/poold", 0, {"file"}),
    "filter": ("_fwd", "/var/empty", NET_ADMIN, {"netlink"}),
}
# what any process has: log, event loop, /dev/null
COMMON = {"unix", "eventpoll", "eventfd", "null", "log", "signalfd", "pipe"}


def status(pid):
    with open(f"/proc/{pid}/status") as lines:
        return dict(line.rstrip("\n").split(":\t", 1)
                    for line in lines if ":\t" in line)


def sockets(pid):
    """Inode to kind, for the process's network namespace."""
    kinds = {}
    for kind, column in (("unix", 6), ("udp", 9), ("udp6", 9), ("tcp", 9),
                         ("netlink", 9), ("raw", 9), ("packet", 8),
                         ("pfkey", 5)):
        try:
            with open(f"/proc/{pid}/net/{kind}") as lines:
                next(lines)
                for line in lines:
                    fields = line.split()
                    if len(fields) > column:
                        kinds[fields[column]] = kind.rstrip("6")
        except FileNotFoundError:
            pass
    return kinds


def kind_of(target, number, known):
    if target.startswith("socket:["):
        # PF_KEY sockets have no line of their own everywhere
        return known.get(target[8:-1], "pfkey")
    if target.startswith("anon_inode:"):
        return target.split(":", 1)[1].strip("[]")
    if target == "/dev/null":
        return "null"
    if number in (1, 2):
        # the lab runs the gateway with -d and its output in a file
        return "log"
    return "pipe" if target.startswith("pipe:") else "file"


def descriptors(pid):
    known = sockets(pid)
    directory = f"/proc/{pid}/fd"
    for number in sorted(os.listdir(directory), key=int):
        target = os.readlink(f"{directory}/{number}")
        yield int(number), target, kind_of(target, int(number), known)


def check(name, pid, state):
    user, chroot, capabilities, kinds = ROWS[name]
    chroot = chroot.replace("STATE", state)
    now = status(pid)
    uid = str(pwd.getpwnam(user).pw_uid)
    yield f"user {user}", now["Uid"].split() == [uid] * 4, now["Uid"]
    yield "group of its own", len(set(now["Gid"].split())) == 1 and \
        now["Groups"].split() in ([], now["Gid"].split()[:1]), \
        f"{now['Gid']} / {now['Groups']}"
    root = os.readlink(f"/proc/{pid}/root")
    yield f"chroot {chroot}", root == chroot, root
    for kind in ("CapEff", "CapPrm", "CapInh", "CapAmb", "CapBnd"):
        extra = int(now[kind], 16) & ~capabilities
        yield f"{kind} at most {capabilities:#x}", extra == 0, now[kind]
    yield "no_new_privs", now["NoNewPrivs"].strip() == "1", now["NoNewPrivs"]
    yield "a seccomp filter", now["Seccomp"].strip() == "2", now["Seccomp"]
    for number, target, kind in descriptors(pid):
        yield f"descriptor {number} is {kind}", \
            kind in COMMON | kinds, target


def main():
    name, pid, state = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    bad = False
    for what, right, seen in check(name, pid, state):
        print(f"{'ok ' if right else 'NOT'} {name}: {what} ({seen.strip()})")
        bad = bad or not right
    sys.exit(1 if bad else 0)


main()
