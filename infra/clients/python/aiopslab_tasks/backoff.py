"""When to try again, and when to give up."""

from __future__ import annotations

import random
import time
from email.utils import parsedate_to_datetime
from typing import Callable, Protocol

FIRST_SECONDS = 0.25
LONGEST_SECONDS = 8.0
LONGEST_RETRY_AFTER_SECONDS = 120.0


class Failure(Protocol):
    @property
    def retriable(self) -> bool: ...

    @property
    def retry_after(self) -> float | None: ...


def delay(failures: int, retry_after: float | None, chance: float) -> float:
    """Seconds until the next try: doubled each time, a random half of it left out.

    Where the service has said how long (Retry-After), never earlier, and spread out behind that.

    :param failures: in a row so far, at least 1
    :param chance: from 0 to 1
    """
    step = min(LONGEST_SECONDS, FIRST_SECONDS * 2.0 ** min(failures - 1, 20))
    if retry_after is None:
        return step * (0.5 + 0.5 * chance)
    return min(retry_after, LONGEST_RETRY_AFTER_SECONDS) + step * chance


def read_retry_after(text: str | None, now: Callable[[], float] = time.time) -> float | None:
    """Seconds from now; None where there is none that can be read."""
    if text is None:
        return None
    if text.strip().isdigit():
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now())
    except (TypeError, ValueError, IndexError, OverflowError):
        return None


def by_chance() -> float:
    """From 0 to 1; a function by its name, so that copies in other processes draw their own."""
    return random.random()


class Backoff:
    """Counts failures in a row, and waits after each."""

    def __init__(
        self,
        retries: int,
        sleep: Callable[[float], None] = time.sleep,
        chance: Callable[[], float] = by_chance,
    ) -> None:
        self._retries = retries
        self._sleep = sleep
        self._chance = chance
        self._failures = 0

    def worked(self) -> None:
        self._failures = 0

    def may_go_on_after(self, failure: Failure) -> bool:
        """Has waited, if it may; false when there is nothing to hope for."""
        if not failure.retriable or self._failures >= self._retries:
            return False
        self._failures += 1
        self._sleep(delay(self._failures, failure.retry_after, self._chance()))
        return True
