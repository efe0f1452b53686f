"""Reads tables, logs and traces as they stand in an observation; skips what it cannot read."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from dataclasses import dataclass

NAMESPACE = "test-hotel-reservation"
SLOW_SECONDS = 2.0
POD_SUFFIX = re.compile(r"-[a-z0-9]+-[a-z0-9]{5}$")


@dataclass(frozen=True)
class PodRow:
    name: str
    service: str
    ready: bool
    status: str
    restarts: int


@dataclass(frozen=True)
class SpanRow:
    """`seconds` is how long it took; `callee` is the service that the operation belongs to."""

    span: str
    parent: str
    service: str
    callee: str
    seconds: float
    failed: bool
    response: str


def pod_rows(listing: str) -> list[PodRow]:
    rows = []
    for line in listing.split("\n"):
        found = re.match(r"(\S+)\s+(\d+)/(\d+)\s+(\S+)\s+(\d+)", line)
        if found:
            name, ready, of, status, restarts = found.groups()
            service = POD_SUFFIX.sub("", name)
            rows.append(PodRow(name, service, ready == of and of != "0", status, int(restarts)))
    return rows


def last_match(pattern: str, text: str) -> tuple[str, ...] | None:
    found = re.findall(pattern, text)
    if not found:
        return None
    return found[-1] if isinstance(found[-1], tuple) else (found[-1],)


def usual_image(listing: str, service: str) -> str:
    """The image that most of the other deployments in a wide listing run; databases have others."""
    images: Counter[str] = Counter()
    for line in listing.split("\n"):
        cells = line.split()
        if len(cells) > 6 and cells[0] != service and "hotelreservation" in cells[6]:
            images[cells[6]] += 1
    return images.most_common(1)[0][0] if images else ""


def span_rows(table: str) -> list[SpanRow]:
    """From the table of read_traces; durations are in microseconds there."""
    rows = []
    for line in table.split("\n"):
        cells = line.split()
        if len(cells) != 9 or not cells[6].isdigit():
            continue
        found = re.match(r"/([a-z]+)\.", cells[4])
        callee = found.group(1) if found else cells[3]
        seconds, failed = int(cells[6]) / 1e6, cells[7] == "True"
        rows.append(SpanRow(cells[1], cells[2], cells[3], callee, seconds, failed, cells[8]))
    return rows


def slowest_hop(spans: list[SpanRow]) -> str | None:
    """The service whose answers spend seconds on the way, although it works quickly itself."""
    work = {span.parent: span.seconds for span in spans if span.service == span.callee}
    lost: dict[str, list[float]] = defaultdict(list)
    for span in spans:
        if span.service != span.callee and span.span in work:
            lost[span.callee].append(span.seconds - work[span.span])
    typical = {service: sorted(times)[len(times) // 2] for service, times in lost.items()}
    slow = [service for service, seconds in typical.items() if seconds > SLOW_SECONDS]
    return max(slow, key=lambda service: typical[service]) if slow else None


def failing_callee(spans: list[SpanRow]) -> str | None:
    """The service at which calls fail most often, of those that reached nothing below them."""
    parents = {span.parent for span in spans}
    failures = Counter(
        span.callee
        for span in spans
        if span.failed and span.service != span.callee and span.span not in parents
    )
    return min(failures, key=lambda name: (-failures[name], name)) if failures else None


def first_command(text: str) -> str:
    """The first word of a command that is printed as a JSON list."""
    start = text.find("[")
    if start < 0:
        return ""
    try:
        command, _ = json.JSONDecoder().raw_decode(text[start:])
    except ValueError:
        return ""
    return str(command[0]).rpartition("/")[2] if command else ""
