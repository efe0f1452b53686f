"""Stops a run on SIGTERM or SIGINT wherever it is, except in the parts that hold the stop back."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

UNINTERRUPTED_VARIABLE = "AIOPSLAB_UNINTERRUPTED"


class RunStopped(BaseException):
    """Somebody stopped the run; not an Exception, so that no agent can swallow it."""

    def __init__(self, number: int) -> None:
        super().__init__(f"stopped by signal {number}")
        self.exit_status = 128 + number


class StopGate:
    """Raises RunStopped in the main thread; held back, it is raised when the hold ends.

    A signal interrupts only once, so that a second one cannot disturb the unwinding; but if the
    first was lost on its way (an event loop swallows what lands in its own code), every message
    that is sent afterwards raises again.
    """

    def __init__(self) -> None:
        self._holds = 0
        self._pending: int | None = None
        self._closed = False

    def install(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)

    @contextmanager
    def hold(self) -> Iterator[None]:
        self._holds += 1
        try:
            yield
        finally:
            self._holds -= 1
        if self._holds == 0 and not self._closed:
            self.check()

    @contextmanager
    def as_a_whole(self) -> Iterator[None]:
        """Holds a stop back, also from the processes that are started within (supervise.py)."""
        with self.hold(), uninterrupted_processes():
            yield

    @property
    def is_asked_to_stop(self) -> bool:
        return self._pending is not None

    def close(self) -> None:
        """From here on nothing is interrupted; what remains is the clean-up, and then `check`."""
        self._closed = True

    def check(self) -> None:
        """Raises RunStopped if a signal has come."""
        if self._pending is not None:
            raise RunStopped(self._pending)

    def _on_signal(self, number: int, frame: object) -> None:
        if self._pending is not None:
            return
        self._pending = number
        if self._holds == 0 and not self._closed:
            raise RunStopped(number)


@contextmanager
def uninterrupted_processes() -> Iterator[None]:
    """The supervisor does not ask to end what is started within; it kills it after the grace."""
    before = os.environ.get(UNINTERRUPTED_VARIABLE)
    os.environ[UNINTERRUPTED_VARIABLE] = "1"
    try:
        yield
    finally:
        if before is None:
            os.environ.pop(UNINTERRUPTED_VARIABLE, None)
        else:
            os.environ[UNINTERRUPTED_VARIABLE] = before
