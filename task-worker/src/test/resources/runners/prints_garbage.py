"""Prints what no protocol knows, then more than a run may log, then ends well."""

import os
import sys

out = sys.stdout.buffer
out.write(b"nul\0nul\n")
out.write(b"\xff\xfe\x80 binary\n")
out.write(b"{not json\n")
out.write(b'{"type": 7}\n')
out.write(b"[1, 2]\n\n")
out.write("über\r\n".encode())
out.flush()
for _ in range(64):
    os.write(2, b"x" * 65536)
os.write(2, b"\n")
for number in range(20000):
    out.write(b"flood %d\n" % number)
out.write(
    b'{"type": "result", "results": {}, "success": null, "reward": null, "steps": 0}\n'
)
