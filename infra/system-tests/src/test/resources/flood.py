"""Prints a flood: lines of 1 KiB, of 10 MB, or many short ones; the sizes are its arguments."""

import sys

kind, amount = sys.argv[1], int(sys.argv[2])
out = sys.stdout.buffer
if kind == "bytes":
    line = b"x" * 1023 + b"\n"
    for _ in range(amount // 1024):
        out.write(line)
elif kind == "long":
    line = b"y" * 10_000_000 + b"\n"
    for _ in range(amount // len(line)):
        out.write(line)
else:
    for number in range(amount):
        out.write(b"line %d\n" % number)
print("all is said", flush=True)
