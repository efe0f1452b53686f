"""A run that writes its own record: when it began, what it printed, when it ended.

    python3 -I chaos_run.py RECORDS

RECORDS is a file that all runs append to, one JSON object a line. AIOPSLAB_AGENT_CONFIG says what
to do: print {"lines"} lines within {"seconds"}, leave a child behind if {"child"}, and end with
the status {"exit"}. SIGTERM is taken between two lines, so the record tells exactly what was
printed.
"""

import hashlib
import json
import os
import signal
import sys
import time


def record(**fact):
    fact["session"] = os.environ["AIOPSLAB_SESSION_ID"]
    fact["at"] = time.clock_gettime(time.CLOCK_MONOTONIC)
    file = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    os.write(file, json.dumps(fact).encode() + b"\n")
    os.close(file)


def leave_a_child_behind():
    if os.fork() == 0:
        os.setsid()
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        for stream in (0, 1, 2):
            os.close(stream)
        time.sleep(600)
        os._exit(0)


def print_lines(lines, seconds):
    """How many lines were printed, their digest, and what ended it early."""
    printed, digest = 0, hashlib.sha256()
    for number in range(lines):
        if signal.sigtimedwait([signal.SIGTERM], seconds / lines) is not None:
            return printed, digest, "SIGTERM"
        line = b"line %d of %s\n" % (number, os.environ["AIOPSLAB_SESSION_ID"].encode())
        try:
            os.write(1, line)
        except BrokenPipeError:
            return printed, digest, "nobody reads"
        digest.update(line)
        printed += 1
    return printed, digest, "end"


signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
todo = json.loads(os.environ["AIOPSLAB_AGENT_CONFIG"])
record(
    event="start",
    task=os.environ["AIOPSLAB_TASK_ID"],
    cluster=os.environ["AIOPSLAB_CLUSTER"],
    pid=os.getpid(),
    group=os.getpgrp(),
)
if todo.get("child"):
    leave_a_child_behind()
printed, digest, why = print_lines(todo["lines"], todo["seconds"])
record(event="stop", lines=printed, sha256=digest.hexdigest(), why=why)
sys.exit(todo.get("exit", 0))
