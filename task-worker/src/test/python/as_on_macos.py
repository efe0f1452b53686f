"""Runs a program of Python without what macOS lacks: prctl, a clock since boot, and a poll that
tells who asks for no data of a hang-up. What hides /proc is hidden_proc.py."""

from __future__ import annotations

import ctypes
import runpy
import select
import sys
import time
from typing import Any


class LibraryWithoutPrctl:
    def __init__(self, *arguments: object, **options: object) -> None:
        """As ctypes.CDLL."""


class PollForData:
    def __init__(self) -> None:
        self._poll = _poll()
        self.poll = self._poll.poll

    def register(self, descriptor: int, events: int) -> None:
        if events:
            self._poll.register(descriptor, events)


_poll: Any = select.poll
select.poll = PollForData  # type: ignore[misc, assignment]
ctypes.CDLL = LibraryWithoutPrctl  # type: ignore[misc, assignment]
del time.CLOCK_BOOTTIME

sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
