"""Simulated time: seconds of a clock that only moves when the simulation moves it."""

from __future__ import annotations

import random
from datetime import datetime, timedelta, timezone

FIRST_DAY = datetime(2026, 3, 2, tzinfo=timezone.utc)


class SimulatedClock:
    """Starts at a moment that depends on the seed; `now` counts seconds from there."""

    def __init__(self, seed: int) -> None:
        offset = random.Random(f"clock:{seed}").randrange(30 * 86400)
        self._start = FIRST_DAY + timedelta(seconds=offset)
        self.now = 0.0

    def advance(self, seconds: float) -> None:
        self.now += seconds

    def at(self, seconds: float) -> datetime:
        return self._start + timedelta(seconds=seconds)

    def stamp(self, seconds: float) -> str:
        """RFC 3339 to the second, as Kubernetes prints it."""
        return self.at(seconds).strftime("%Y-%m-%dT%H:%M:%SZ")

    def epoch(self, seconds: float) -> int:
        return int(self.at(seconds).timestamp())


def age(seconds: float) -> str:
    """A duration the way kubectl prints it: 45s, 3m12s, 14m, 5h2m, 3d4h."""
    total = max(0, int(seconds))
    minutes, hours, days = total // 60, total // 3600, total // 86400
    if total < 120:
        return f"{total}s"
    if minutes < 10:
        return f"{minutes}m{total % 60}s" if total % 60 else f"{minutes}m"
    if hours < 3:
        return f"{minutes}m"
    if hours < 48:
        return f"{hours}h{minutes % 60}m" if minutes % 60 else f"{hours}h"
    return f"{days}d{hours % 24}h" if hours % 24 else f"{days}d"
