"""Stops a run on SIGTERM or SIGINT wherever it is, except in the parts that hold the stop back."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager


class RunStopped(BaseException):
    """Somebody stopped the run; not an Exception, so that no agent can swallow it."""

    def __init__(self, number: int) -> None:
        super().__init__(f"stopped by signal {number}")
        self.exit_status = 128 + number


class StopGate:
    """Raises RunStopped in the main thread, once; held back, it is raised when the hold ends."""

    def __init__(self) -> None:
        self._holds = 0
        self._pending: int | None = None
        self._raised = False

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
        self._raise_if_due()

    def close(self) -> None:
        """From here on a stop is too late: what is left to do is the clean-up."""
        self._raised = True

    def _on_signal(self, number: int, frame: object) -> None:
        self._pending = self._pending or number
        self._raise_if_due()

    def _raise_if_due(self) -> None:
        if self._pending is not None and self._holds == 0 and not self._raised:
            self._raised = True
            raise RunStopped(self._pending)
