"""What an operator does to workers and dead letters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aiopslab_tasks.records import Json, Record
from aiopslab_tasks.transport import Transport

PAGE = 100
MOST = 1000


class Operator:
    """Every method raises TaskServiceError, and may be repeated."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def workers(
        self,
        *,
        status: str | None = None,
        backend_type: str | None = None,
        seen_within: str | None = None,
    ) -> list[Json]:
        """All of them, by id.

        :param seen_within: only those that were heard of in this time: 90s, 30m, 24h, 7d
        """
        found: list[Json] = []
        after: str | None = None
        while True:
            query = {
                "status": status,
                "backend_type": backend_type,
                "seen_within": seen_within,
                "after": after,
                "limit": MOST,
            }
            page = self._transport.call("GET", "workers", query=query)
            found += page.each("workers", Record)
            after = page.get("next")
            if after is None:
                return found

    def worker(self, worker_id: str) -> Json:
        return self._transport.call("GET", "workers", worker_id)

    def pause(self, worker_id: str, reason: str | None = None) -> Json:
        """It takes nothing until it is resumed."""
        return hold(self._transport, "workers", worker_id, "pause", reason)

    def drain(self, worker_id: str, reason: str | None = None) -> Json:
        """It finishes what it runs and takes no more; `drained` says when nothing runs there."""
        return hold(self._transport, "workers", worker_id, "drain", reason)

    def resume(self, worker_id: str) -> Json:
        return hold(self._transport, "workers", worker_id, "resume")

    def dead_letters(self, **filters: Any) -> Iterator[Json]:
        """Messages that nobody could read or store, newest first.

        :param filters: state (kept, asked, requeued, returned), reason, since
        """
        after: str | None = None
        while True:
            query = {**filters, "after": after, "limit": PAGE}
            page = self._transport.call("GET", "dead-letters", query=query)
            yield from page.each("dead_letters", Record)
            after = page["next"]
            if after is None:
                return

    def requeue(self, letter_id: str, by: str | None = None, again: bool = False) -> Json:
        """Has it sent again, as it came.

        :param by: who asks
        :param again: also if it was sent before and has not come back
        """
        body = {"by": by, "again": again}
        return self._transport.call("POST", "dead-letters", letter_id, "requeue", body=body)

    def requeue_where(self, *, by: str | None = None, **filters: Any) -> int:
        """Has all that are kept or have returned sent again, and says how many they are.

        :param filters: state (kept or returned), reason, since; at least one
        """
        body = {**filters, "by": by}
        asked, more = 0, True
        while more:
            answer = self._transport.call("POST", "dead-letters", "requeue", body=body)
            asked += int(answer["asked"])
            more = bool(answer["more"])
        return asked


def hold(transport: Transport, kind: str, name: str, call: str, reason: str | None = None) -> Json:
    """Pauses, drains or resumes a worker or a backend."""
    body = None if reason is None else {"reason": reason}
    return transport.call("POST", kind, name, call, body=body)
