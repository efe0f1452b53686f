"""A command with a child, and a daemon that left its session; none of them heeds SIGTERM.

Its one argument names a file: when that exists, the command ends well.
"""

import os
import signal
import sys
import time

signal.signal(signal.SIGTERM, signal.SIG_IGN)
pids = [os.getpid()]
for daemon in (False, True):
    reader, writer = os.pipe()
    if os.fork() == 0:
        if daemon:
            os.setsid()
            if os.fork():
                os._exit(0)
        os.write(writer, str(os.getpid()).encode())
        time.sleep(3600)
    pids.append(int(os.read(reader, 100)))
print("pids", *pids, flush=True)
while not os.path.exists(sys.argv[1]):
    time.sleep(0.01)
    print("still there", "x" * 1000, flush=True)
