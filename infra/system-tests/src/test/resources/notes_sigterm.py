"""An agent that never ends by itself; it and its child say when SIGTERM came, and go."""

import os
import signal
import sys
import time


def note(number, frame):
    os.write(1, f"terminated {time.time()}\n".encode())  # in one piece: two processes write
    os._exit(0)


signal.signal(signal.SIGTERM, signal.SIG_IGN if "--stubborn" in sys.argv else note)
reader, writer = os.pipe()
child = os.fork()
if child == 0:
    os.write(writer, b"ready")
    time.sleep(3600)
os.read(reader, 5)
print("pids", os.getpid(), child, flush=True)
time.sleep(3600)
