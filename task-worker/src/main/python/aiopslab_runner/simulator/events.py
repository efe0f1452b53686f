"""The cluster's events, repeated ones counted instead of listed again."""

from __future__ import annotations

from dataclasses import dataclass

EVENTS_KEPT = 1000


@dataclass
class Event:
    """`kind` and `name` say whom it is about; times in simulated seconds."""

    namespace: str
    kind: str
    name: str
    type: str
    reason: str
    message: str
    first: float
    last: float
    count: int = 1


class EventLog:
    def __init__(self) -> None:
        self._events: list[Event] = []

    def record(
        self,
        at: float,
        about: tuple[str, str, str],
        reason: str,
        message: str,
        warning: bool = False,
    ) -> None:
        """`about` is (namespace, kind, name)."""
        severity = "Warning" if warning else "Normal"
        for event in reversed(self._events):
            same = (event.namespace, event.kind, event.name) == about
            if same and (event.reason, event.message) == (reason, message):
                event.count += 1
                event.last = at
                return
        self._events.append(Event(*about, severity, reason, message, at, at))
        del self._events[:-EVENTS_KEPT]

    def of(self, namespace: str | None = None, name: str | None = None) -> list[Event]:
        """Oldest first."""
        found = [
            event
            for event in self._events
            if namespace in (None, event.namespace) and name in (None, event.name)
        ]
        return sorted(found, key=lambda event: event.last)
