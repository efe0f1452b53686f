"""The messages to the worker: one JSON object per line on a descriptor nobody else knows.

An agent or an environment may print what it likes, and so may its child processes: that ends on
standard error, and can never be taken for a message (a result printed by an agent, for example).
"""

from __future__ import annotations

import io
import json
import os
import sys
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timezone
from typing import Any, Callable

from aiopslab_runner.sendable import sendable

Json = dict[str, Any]


def claim_stdout() -> int:
    """Moves standard output to a private descriptor; descriptor 1 becomes standard error.

    Returns the private descriptor, which no child process inherits (PEP 446).
    """
    if sys.stdout is not None:
        sys.stdout.flush()
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(line_buffering=True)  # what is printed is a log line now
    private = os.dup(1)
    os.dup2(2, 1)
    return private


def print_into_the_void() -> None:
    """Descriptors 1 and 2 lead nowhere from here on: whoever read them is gone, and a recovery
    that prints must not fail at that."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    os.close(nowhere)


class OutputClosed(BaseException):
    """The worker no longer reads; not an Exception, so that no agent can swallow it."""


class Protocol:
    """Writes messages; each line is written whole, also when a stop signal comes in between."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._closed = False
        self.uninterrupted: Callable[[], AbstractContextManager[Any]] = nullcontext

    def send(self, kind: str, fields: Json) -> None:
        """Sends one message. Raises OutputClosed once, and says nothing more after that."""
        if self._closed:
            return
        line = json.dumps(
            sendable({"type": kind, "ts": now(), **fields}),
            ensure_ascii=False,
            separators=(",", ":"),
            allow_nan=False,
        )
        with self.uninterrupted():
            self._write(line.encode() + b"\n")

    def log(self, level: str, message: str, context: Json | None = None) -> None:
        self.send("log", {"level": level, "message": message, **_optional("context", context)})

    def error(self, code: str, message: str, details: Json | None = None) -> None:
        self.send("error", {"code": code, "message": message, **_optional("details", details)})

    def _write(self, data: bytes) -> None:
        try:
            while data:
                data = data[os.write(self._descriptor, data) :]
        except OSError as reason:
            self._closed = True
            print_into_the_void()
            raise OutputClosed(str(reason)) from reason


def now() -> str:
    """RFC 3339, UTC, milliseconds."""
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _optional(name: str, value: Json | None) -> Json:
    return {name: value} if value else {}
