"""Tells a person how it goes: a line for each part that is ready, and what is waited for."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

NAME_WIDTH = 18


class Console:
    def __init__(self, out: TextIO = sys.stdout) -> None:
        self._out = out
        self._is_terminal = out.isatty()
        self._interval = 0.5 if self._is_terminal else 10.0
        self._lock = threading.Lock()
        self._waits: dict[str, tuple[float, str]] = {}
        self._idle = threading.Event()

    def say(self, text: str = "") -> None:
        with self._lock:
            self._clear()
            self._out.write(text + "\n")
            self._out.flush()

    def line(self, word: str, name: str, seconds: float | None, note: str) -> None:
        took = "" if seconds is None else f"{seconds:.1f} s"
        self.say(f"  {word:<8} {name:<{NAME_WIDTH}} {took:>7}  {note}".rstrip())

    @contextmanager
    def waiting(self, name: str, what: str) -> Iterator[None]:
        """While the block runs, says every now and then that `name` waits for `what`."""
        with self._lock:
            self._waits[name] = (time.monotonic(), what)
        try:
            yield
        finally:
            with self._lock:
                self._waits.pop(name, None)

    def waits_for(self, name: str, what: str) -> None:
        """Says from now on that `name`, which waits already, waits for this."""
        with self._lock:
            self._waits[name] = (self._waits[name][0], what)

    @contextmanager
    def ticking(self) -> Iterator[None]:
        ticker = threading.Thread(target=self._tick, daemon=True)
        ticker.start()
        try:
            yield
        finally:
            self._idle.set()
            ticker.join()
            self._idle.clear()

    def _tick(self) -> None:
        while not self._idle.wait(self._interval):
            with self._lock:
                self._clear()
                if self._waits:
                    self._out.write(self._waits_in_words() + ("" if self._is_terminal else "\n"))
                    self._out.flush()
        with self._lock:
            self._clear()

    def _waits_in_words(self) -> str:
        now = time.monotonic()
        waits = [
            f"{name}: {what} {now - since:.0f} s" for name, (since, what) in self._waits.items()
        ]
        return "  waiting  " + "; ".join(waits)

    def _clear(self) -> None:
        if self._is_terminal:
            self._out.write("\r\033[K")
