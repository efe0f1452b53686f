"""Parts of a command, each in a thread."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def side_by_side(*parts: Callable[[], T]) -> list[T]:
    """What each gave, in their order.

    Raises at once what the first that fails raises, and KeyboardInterrupt. The others' threads are
    then left to themselves: they end with the process, or by `ending`.
    """
    done: queue.SimpleQueue[tuple[int, T | BaseException, bool]] = queue.SimpleQueue()

    def run(number: int, part: Callable[[], T]) -> None:
        try:
            done.put((number, part(), True))
        except BaseException as reason:
            done.put((number, reason, False))

    for number, part in enumerate(parts):
        threading.Thread(target=run, args=(number, part), daemon=True).start()
    results: dict[int, T] = {}
    for _ in parts:
        number, result, succeeded = done.get()
        if not succeeded:
            assert isinstance(result, BaseException)
            raise result
        results[number] = result  # type: ignore[assignment]
    return [results[number] for number in range(len(parts))]
