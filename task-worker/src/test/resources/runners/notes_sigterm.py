"""Takes a step, then waits; it and its child say when SIGTERM came, by the clock of this host."""

import json
import os
import signal
import sys
import time


def note(number, frame):
    os.write(1, f"terminated {time.time()}\n".encode())  # in one piece: two processes write
    os._exit(143)


json.loads(sys.stdin.readline())
signal.signal(signal.SIGTERM, note)
reader, writer = os.pipe()
child = os.fork()
if child == 0:
    os.write(writer, b"ready")
    time.sleep(3600)
os.read(reader, 5)
step = {"type": "step", "index": 0, "turn": 0, "role": "assistant", "content": "act"}
print(json.dumps({**step, "ts": "2026-11-23T12:00:00.000Z"}), flush=True)
print("pids", os.getpid(), child, flush=True)
time.sleep(3600)
