"""A task's life as it happens: server-sent events, resumed where they broke off."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from aiopslab_tasks.connections import Answer
from aiopslab_tasks.errors import TaskServiceError, UnavailableError, not_json, unexpected
from aiopslab_tasks.records import Record
from aiopslab_tasks.transport import Transport

# The service sends a comment every 15 seconds of silence.
SILENCE_SECONDS = 45.0
STREAM_TYPE = "text/event-stream"


@dataclass(frozen=True)
class Event:
    """`type` is status, log, step, progress, result or end; `id` is where to go on behind it."""

    type: str
    id: str
    data: Any


class EventParser:
    """Server-sent events, line by line, as the WHATWG describes them."""

    def __init__(self, last_id: str = "") -> None:
        self.last_id = last_id
        self._type = ""
        self._data: list[str] = []

    def take(self, line: str) -> tuple[str, str] | None:
        """Type and data of the event that this line ends; None if it ends none."""
        if not line:
            return self._dispatch()
        name, _, value = line.partition(":")
        value = value[1:] if value.startswith(" ") else value
        if name == "event":
            self._type = value
        elif name == "data":
            self._data.append(value)
        elif name == "id" and "\0" not in value:
            self.last_id = value
        return None

    def _dispatch(self) -> tuple[str, str] | None:
        event_type, data = self._type or "message", self._data
        self._type, self._data = "", []
        return (event_type, "\n".join(data)) if data else None


def follow(
    transport: Transport, task_id: str, types: Sequence[str] | None, last_event_id: str
) -> Iterator[Event]:
    """Until the task has ended and everything has been told, over any loss of connection."""
    last_id = last_event_id
    backoff = transport.backoff()
    query = {"types": ",".join(types) if types else None}
    while True:
        headers = {"Accept": STREAM_TYPE, "Accept-Encoding": "identity"}
        if last_id:
            headers["Last-Event-ID"] = last_id
        try:
            asked = ("GET", "tasks", task_id, "events")
            with transport.open(
                *asked, query=query, headers=headers, wait=SILENCE_SECONDS
            ) as answer:
                if answer.status == 204:
                    return
                if not (answer.header("Content-Type") or "").startswith(STREAM_TYPE):
                    raise unexpected("not with a stream of events")
                for event in _events(answer, last_id):
                    backoff.worked()
                    last_id = event.id
                    yield event
                    if event.type == "end":
                        return
            failure: TaskServiceError = UnavailableError(
                "The stream of events ends before the task does; check the service.",
                code="stream_ended",
            )
        except TaskServiceError as reason:
            failure = reason
        if not backoff.may_go_on_after(failure):
            raise failure


def _events(answer: Answer, last_id: str) -> Iterator[Event]:
    """Ends early when the service says that it stops."""
    parser = EventParser(last_id)
    for line in answer.lines():
        said = parser.take(line)
        if said is None:
            continue
        if said[0] == "shutdown":
            return
        try:
            data = json.loads(said[1])
        except (ValueError, RecursionError):
            raise not_json() from None
        yield Event(said[0], parser.last_id, Record(data) if isinstance(data, dict) else data)
