"""What the command lines have in common: one command, its failures in words, an exit code."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from typing import TextIO

from aiopslab_tasks.client import Client
from aiopslab_tasks.errors import TaskServiceError, WaitTimeoutError
from aiopslab_tasks.harmless import harmless

DONE, NOT_COMPLETED, WRONG, REFUSED, NO_ANSWER, NO_OUTPUT = 0, 1, 2, 3, 4, 5
TIME_OVER, INTERRUPTED, CLOSED_PIPE = 124, 130, 141
# Somebody sits before the screen, and a service that is not there shall be said within seconds.
RETRIES = 5

Command = Callable[[Client, Namespace], int]
Reader = Callable[[Sequence[str]], Namespace]


def run(commands: Mapping[str, Command], read: Reader, words: Sequence[str]) -> int:
    """Does nothing if there is nowhere to say what came of it."""
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115  # until the process ends
    if sys.stdout is None:
        return _complain("standard output is closed; send it to a file or to /dev/null.", NO_OUTPUT)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        return _said(lambda: _run(commands, read(words)))
    except BrokenPipeError:
        _silence(sys.stdout)
        return CLOSED_PIPE
    except OSError as reason:
        _silence(sys.stdout)
        return _complain(
            f"standard output cannot be written ({reason.strerror}); free room there, or send it "
            "elsewhere. What the service was asked for goes on.",
            NO_OUTPUT,
        )
    finally:
        try:
            sys.stderr.flush()
        except (OSError, ValueError):
            _silence(sys.stderr)


def _said(command: Callable[[], int]) -> int:
    """All that it says is written when this returns. Raises OSError where it cannot be."""
    try:
        return command()
    finally:
        sys.stdout.flush()


def _run(commands: Mapping[str, Command], given: Namespace) -> int:
    try:
        with Client(given.url, retries=RETRIES) as client:
            return commands[given.command](client, given)
    except WaitTimeoutError as over:
        return _complain(str(over), TIME_OVER)
    except TaskServiceError as failure:
        return _complain(str(failure), NO_ANSWER if failure.retriable else REFUSED)
    except ValueError as wrong:
        return _complain(str(wrong), WRONG)
    except KeyboardInterrupt:
        return _complain("interrupted; what the service was asked for goes on.", INTERRUPTED)


def _complain(message: str, code: int) -> int:
    note("error: " + "\n".join(harmless(line) for line in message.split("\n")))
    return code


def note(text: str) -> None:
    """To standard error, which may be gone: then the exit code has to do."""
    with contextlib.suppress(OSError):
        print(text, file=sys.stderr, flush=True)


def _silence(stream: TextIO) -> None:
    """What is still buffered must not fail once more when Python ends."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
