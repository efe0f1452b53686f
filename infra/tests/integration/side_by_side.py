"""Gives test classes to JVMs, several at a time, and a JVM what its module still has to run."""

from __future__ import annotations

import threading
from collections.abc import Callable

from integration.fork import Fork, Result
from integration.plan import TestClass


class SideBySide:
    """
    Each lane keeps to one module while that has something left, as its JVM has everything loaded
    by then; after that it helps the module with the most left to each of its lanes.
    """

    def __init__(
        self,
        classes: list[TestClass],
        lanes: int,
        start: Callable[[str], Fork],
        tell: Callable[[Result], None],
    ) -> None:
        self._waiting: dict[str, list[TestClass]] = {}
        for test in classes:
            self._waiting.setdefault(test.module, []).append(test)
        self._helpers = dict.fromkeys(self._waiting, 0)
        self._lanes = min(lanes, len(classes))
        self._start = start
        self._tell = tell
        self._lock = threading.Lock()
        self._trouble: list[BaseException] = []

    def run(self) -> None:
        """Returns once every class has run; raises what a lane met that was no test's failure."""
        threads = [threading.Thread(target=self._lane, daemon=True) for _ in range(self._lanes)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if self._trouble:
            raise self._trouble[0]

    def _lane(self) -> None:
        try:
            while (module := self._next_module()) is not None:
                self._stay_with(module)
        except BaseException as trouble:
            self._trouble.append(trouble)

    def _stay_with(self, module: str) -> None:
        fork = self._start(module)
        try:
            while (test := self._next_of(module)) is not None:
                self._tell(fork.run(test))
                if not fork.is_alive:
                    fork.close()
                    fork = self._start(module)
        finally:
            fork.close()
            with self._lock:
                self._helpers[module] -= 1

    def _next_module(self) -> str | None:
        with self._lock:
            left = {m: sum(t.weight for t in ts) for m, ts in self._waiting.items() if ts}
            if not left or self._trouble:
                return None
            module = max(left, key=lambda m: left[m] / (1 + self._helpers[m]))
            self._helpers[module] += 1
            return module

    def _next_of(self, module: str) -> TestClass | None:
        with self._lock:
            tests = self._waiting[module]
            return tests.pop(0) if tests and not self._trouble else None
