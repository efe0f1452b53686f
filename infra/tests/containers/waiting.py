"""Waiting for something to be so."""

from __future__ import annotations

import time
from collections.abc import Callable


def wait(what: str, is_so: Callable[[], bool], within: float = 180) -> None:
    """Looks ten times a second. Raises AssertionError after `within` seconds."""
    until = time.monotonic() + within
    while not is_so():
        if time.monotonic() > until:
            raise AssertionError(f"after {within:.0f} s it is not so that {what}")
        time.sleep(0.1)
