"""Waits on a condition of a process, for as long as the process runs."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from local_run import ending
from local_run.problem import CannotGoOnError
from local_run.processes import Running, identity

INTERVAL = 0.1
TAIL_LINES = 15


def until_ready(
    process: Running, is_ready: Callable[[], bool], log: Path, seconds: float = 120
) -> None:
    """Raises CannotGoOnError, with the end of the log, if it ends or is not ready in time."""
    until = time.monotonic() + seconds
    while not is_ready():
        if identity(process.pid) != process.identity:
            raise CannotGoOnError(f"{process.name} ended while it started. {tail(log)}")
        if time.monotonic() > until:
            raise CannotGoOnError(f"{process.name} was not ready in {seconds:.0f} s. {tail(log)}")
        ending.pause(INTERVAL)


def tail(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines()[-TAIL_LINES:]
    return f"The end of {log}:\n" + "\n".join(f"    {line}" for line in lines)
