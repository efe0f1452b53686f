"""Finished trajectories in the order in which they ended: no gap, no repeat."""

from __future__ import annotations

import json
import time
from collections.abc import Generator, Iterator, Mapping
from typing import Any

from aiopslab_tasks.backoff import Backoff
from aiopslab_tasks.connections import failed
from aiopslab_tasks.errors import TaskServiceError, not_json, unexpected
from aiopslab_tasks.polling import SLICE_SECONDS, pause_after
from aiopslab_tasks.records import Record, Trajectory
from aiopslab_tasks.transport import Transport, duration

LINES_TYPE = "application/x-ndjson"


class Feed:
    """An iterator of trajectories; made by `Client.feed`.

    `cursor` is behind the last one that was given out, and behind everything that the filter left
    out: store it once what was given out is worked in, and begin there the next time. After an
    error a new feed goes on from it.
    """

    def __init__(
        self,
        transport: Transport,
        after: str | None,
        follow: bool,
        limit: int,
        backoff: Backoff,
        filters: Mapping[str, Any],
    ) -> None:
        self.cursor = after
        self._transport = transport
        self._follow = follow
        self._limit = limit
        self._backoff = backoff
        self._filters = filters
        self._trajectories = self._read()

    def __getstate__(self) -> dict[str, Any]:
        """A copy goes on behind `cursor`, by a request of its own."""
        return {name: value for name, value in vars(self).items() if name != "_trajectories"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._trajectories = self._read()

    def __iter__(self) -> Iterator[Trajectory]:
        return self

    def __next__(self) -> Trajectory:
        return next(self._trajectories)

    def close(self) -> None:
        """Frees the connection; only needed by who stops in between."""
        self._trajectories.close()

    def _read(self) -> Generator[Trajectory, None, None]:
        while True:
            began, before = time.monotonic(), self.cursor
            try:
                yield from self._page()
                self._backoff.worked()
            except TaskServiceError as failure:
                if self.cursor != before:
                    self._backoff.worked()
                if not self._backoff.may_go_on_after(failure):
                    raise
                continue
            if self.cursor == before:
                if not self._follow:
                    return
                pause_after(began)

    def _page(self) -> Iterator[Trajectory]:
        wait = SLICE_SECONDS if self._follow else 0.0
        query = {
            **self._filters,
            "after": self.cursor,
            "limit": self._limit,
            "wait": duration(wait) if wait else None,
        }
        headers = {"Accept": LINES_TYPE}
        with self._transport.open(
            "GET", "trajectories", query=query, headers=headers, wait=wait
        ) as answer:
            is_empty, is_whole = True, False
            for line in answer.lines():
                is_empty = False
                record = _record(line)
                is_whole = "task_id" not in record
                self.cursor = str(record["next" if is_whole else "cursor"])
                if not is_whole:
                    yield Trajectory(record)
            if is_empty:
                raise unexpected("with nothing")
            if not is_whole:
                raise failed("the feed", "it broke off")


def _record(line: str) -> Record:
    try:
        return Record(json.loads(line))
    except (ValueError, RecursionError):
        raise not_json() from None
