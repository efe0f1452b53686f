"""Never ends: neither it nor its children, in its session or in others, listen to SIGTERM."""

import os
import signal
import sys
import time

signal.signal(signal.SIGTERM, signal.SIG_IGN)
sys.stdin.readline()
pids = [os.getpid()]
for own_session in (False, True):
    reader, writer = os.pipe()
    if os.fork() == 0:
        if own_session:
            os.setsid()
        if os.fork() == 0:
            os.write(writer, str(os.getpid()).encode() + b"\n")
            time.sleep(3600)
        time.sleep(3600)
    pids.append(int(os.read(reader, 100)))
print("pids", *pids, flush=True)
time.sleep(3600)
