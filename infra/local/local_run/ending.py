"""What ends at once when a command is interrupted, or one of its parts fails: waits in whatever
thread, and programs that were called. From then on nothing is started."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

LOOK = 0.1

_ends = threading.Event()
_starts = threading.RLock()
_called: set[subprocess.Popen[str]] = set()


class EndedError(Exception):
    """The command ends; whoever waited has nothing more to do."""


def begin() -> None:
    with _starts:
        _ends.set()
        for process in _called:
            process.kill()


def forget() -> None:
    """For tests, which run several commands in one process."""
    _ends.clear()


def pause(seconds: float) -> None:
    if _ends.wait(seconds):
        raise EndedError


def wait_for(event: threading.Event) -> None:
    while not event.wait(LOOK):
        pause(0)


@contextmanager
def may_start() -> Iterator[None]:
    """What is started within is known before the command can end."""
    with _starts:
        pause(0)
        yield


def call(
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    text: str = "",
    timeout: float | None = None,
) -> tuple[int, str]:
    """Its exit code and what it printed.

    Raises subprocess.TimeoutExpired, and EndedError as soon as the command ends.
    """
    with may_start():
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        _called.add(process)
    try:
        said, _ = process.communicate(text, timeout)
    finally:
        process.kill()
        process.wait()
        with _starts:
            _called.discard(process)
    pause(0)
    return process.returncode, said
