"""Waiting for something that the service is asked to wait for, slice by slice."""

from __future__ import annotations

import time
from typing import Callable, TypeVar

from aiopslab_tasks.errors import WaitTimeoutError

SLICE_SECONDS = 30.0
# A service that stops answers at once, and must not be asked again at once.
SHORTEST_SECONDS = 0.2

Seen = TypeVar("Seen")


class Deadline:
    """`seconds` from now; None is never."""

    def __init__(self, seconds: float | None) -> None:
        self._end = None if seconds is None else time.monotonic() + seconds

    def left(self) -> float:
        """Of one slice, in seconds."""
        if self._end is None:
            return SLICE_SECONDS
        return max(0.0, min(SLICE_SECONDS, self._end - time.monotonic()))

    def is_over(self) -> bool:
        return self._end is not None and time.monotonic() >= self._end


def poll(
    look: Callable[[float], Seen],
    is_enough: Callable[[Seen], bool],
    timeout: float | None,
    what: str,
) -> Seen:
    """Raises WaitTimeoutError, which changes nothing about what was waited for.

    :param look: asks once, and has the service wait for the seconds that it is given
    """
    deadline = Deadline(timeout)
    while True:
        began = time.monotonic()
        seen = look(deadline.left())
        if is_enough(seen):
            return seen
        if deadline.is_over():
            raise WaitTimeoutError(
                f"{what} is not there after {timeout:g} s, and goes on; wait again, or cancel it.",
                code="wait_timeout",
            )
        pause_after(began)


def pause_after(began: float) -> None:
    time.sleep(max(0.0, min(SHORTEST_SECONDS, SHORTEST_SECONDS - (time.monotonic() - began))))
