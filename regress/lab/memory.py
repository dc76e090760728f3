#!/usr/bin/env python3
"""Is a text anywhere in a process's memory?  Exit status 0: yes, 1: no.

usage: memory.py PID TEXT
"""
import sys


def readable_maps(pid):
    with open(f"/proc/{pid}/maps") as maps:
        for line in maps:
            fields = line.split(None, 5)
            start, end = (int(x, 16) for x in fields[0].split("-"))
            name = fields[5].strip() if len(fields) > 5 else ""
            if name not in ("[vvar]", "[vsyscall]"):
                yield start, end, fields[1], name


def regions(pid):
    """Readable memory; root reads what the process itself may not, as
    sodium's guarded pages."""
    with open(f"/proc/{pid}/mem", "rb", 0) as mem:
        for start, end, mode, name in readable_maps(pid):
            try:
                mem.seek(start)
                data = mem.read(end - start)
            except (OSError, OverflowError, ValueError):
                continue
            yield start, mode, name, data


def main():
    pid, text = int(sys.argv[1]), sys.argv[2].encode()
    found = False
    for start, mode, name, data in regions(pid):
        at = data.find(text)
        if at >= 0:
            print(f"at {start + at:#x} in {mode} {name or 'anonymous memory'}")
            found = True
    print("found" if found else "not found")
    sys.exit(0 if found else 1)


main()
