"""What the command lines have in common: one command, its failures in words, an exit code."""

from __future__ import annotations

import io
import os
import sys
from argparse import Namespace
from collections.abc import Callable, Mapping

from aiopslab_tasks.client import Client
from aiopslab_tasks.errors import TaskServiceError, WaitTimeoutError
from aiopslab_tasks.harmless import harmless

DONE, NOT_COMPLETED, WRONG, REFUSED, NO_ANSWER, TIME_OVER, INTERRUPTED = 0, 1, 2, 3, 4, 124, 130
CLOSED_PIPE = 141
# Somebody sits before the screen, and a service that is not there shall be said within seconds.
RETRIES = 5

Command = Callable[[Client, Namespace], int]


def run(commands: Mapping[str, Command], given: Namespace) -> int:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        with Client(given.url, retries=RETRIES) as client:
            code = commands[given.command](client, given)
        sys.stdout.flush()
        return code
    except WaitTimeoutError as over:
        return _complain(str(over), TIME_OVER)
    except TaskServiceError as failure:
        return _complain(str(failure), NO_ANSWER if failure.retriable else REFUSED)
    except ValueError as wrong:
        return _complain(str(wrong), WRONG)
    except KeyboardInterrupt:
        return _complain("interrupted; what the service was asked for goes on.", INTERRUPTED)
    except BrokenPipeError:
        # What is still buffered must not fail once more when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return CLOSED_PIPE


def _complain(message: str, code: int) -> int:
    lines = [harmless(line) for line in message.split("\n")]
    print("error: " + "\n".join(lines), file=sys.stderr)
    return code
