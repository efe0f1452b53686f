"""`python -m aiopslab_tasks.operate`, for who runs the service."""

from __future__ import annotations

import sys
import time
from argparse import Namespace
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timezone
from itertools import islice
from typing import Any

from aiopslab_tasks.client import Client
from aiopslab_tasks.command_line import filters_of
from aiopslab_tasks.display import json_line
from aiopslab_tasks.errors import WaitTimeoutError
from aiopslab_tasks.operator_line import read_arguments
from aiopslab_tasks.program import DONE, NOT_COMPLETED, run
from aiopslab_tasks.records import Json
from aiopslab_tasks.table import table

LOOK_SECONDS = 1.0
Row = Callable[[Json], list[Any]]
EVER = "1970-01-01T00:00:00Z"


def main(arguments: Sequence[str] | None = None) -> int:
    return run(COMMANDS, read_arguments(sys.argv[1:] if arguments is None else arguments))


def _tasks(client: Client, given: Namespace) -> int:
    filters = {**filters_of(given), "worker_id": given.worker_id}
    heads = ["ID", "STATUS", "BACKEND", "WORKER", "AGE", "STEPS", "PROBLEM"]
    return _show(given, heads, islice(client.iterate(**filters), given.limit), _task)


def _task(task: Json) -> list[Any]:
    progress = task.get("progress") or {}
    return [
        task["id"],
        task["status"],
        task["backend_type"],
        task.get("worker_id"),
        _age(task["created_at"]),
        progress.get("steps"),
        task["problem_id"],
    ]


def _workers(client: Client, given: Namespace) -> int:
    found = client.operator.workers(status=given.status, backend_type=given.backend_type)
    return _show(given, WORKER_HEADS, found, _worker)


WORKER_HEADS = ["WORKER", "STATUS", "HELD", "BACKEND", "HEARD", "TASK", "REASON"]


def _worker(worker: Json) -> list[Any]:
    return [
        worker["id"],
        worker["status"],
        _held(worker),
        worker["backend_type"],
        _age(worker["last_heartbeat_at"]),
        worker["current_task_id"],
        worker["status_reason"] or worker["reason"],
    ]


def _held(worker: Json) -> str | None:
    for word in ("drained", "draining", "paused"):
        if worker[word]:
            return word
    return None


def _backends(client: Client, given: Namespace) -> int:
    heads = ["BACKEND", "PENDING", "RUNNING", "OLDEST", "TICKETS"]
    heads += ["IDLE", "BUSY", "PAUSED", "QUARANTINED", "OFFLINE", "HELD"]
    return _show(given, heads, client.backends(), _backend)


def _backend(backend: Json) -> list[Any]:
    fleet = backend["workers"]
    pending = backend["pending"]
    oldest = backend["oldest_wait_seconds"]
    return [
        backend["backend_type"],
        pending if backend["pending_exact"] else f"{pending}+",
        backend["running"],
        None if oldest is None else _span(oldest),
        backend["queue_depth"],
        *(fleet[state] for state in ("idle", "busy", "paused", "quarantined", "offline")),
        "paused" if backend["paused_at"] else None,
    ]


def _drain(client: Client, given: Namespace) -> int:
    draining = [client.operator.drain(name, given.reason) for name in given.worker]
    if not given.wait:
        return _show(given, WORKER_HEADS, draining, _worker)
    end = None if given.timeout is None else time.monotonic() + given.timeout
    while any(not worker["drained"] and worker["status"] != "offline" for worker in draining):
        if end is not None and time.monotonic() >= end:
            raise WaitTimeoutError(
                f"After {given.timeout:g} s something still runs there; workers shows what."
            )
        time.sleep(LOOK_SECONDS)
        draining = [client.operator.worker(name) for name in given.worker]
    _show(given, WORKER_HEADS, draining, _worker)
    return DONE if all(worker["drained"] for worker in draining) else NOT_COMPLETED


def _pause(client: Client, given: Namespace) -> int:
    _need_one(given)
    held = [client.operator.pause(name, given.reason) for name in given.worker]
    kept = [client.pause_backend(name, given.reason) for name in given.backend]
    return _after(given, held, kept, "paused")


def _resume(client: Client, given: Namespace) -> int:
    _need_one(given)
    held = [client.operator.resume(name) for name in given.worker]
    kept = [client.resume_backend(name) for name in given.backend]
    return _after(given, held, kept, "resumed")


def _need_one(given: Namespace) -> None:
    if not given.worker and not given.backend:
        raise ValueError("give the names of workers, or --backend TYPE")


def _after(given: Namespace, workers: list[Json], backends: list[Json], word: str) -> int:
    if workers:
        _show(given, WORKER_HEADS, workers, _worker)
    if backends:
        _show(given, ["BACKEND", "HELD"], backends, lambda one: [one["backend_type"], word])
    return DONE


LETTER_HEADS = ["ID", "STATE", "SEEN", "SENT", "LAST", "BYTES", "REASON", "BEGINNING"]


def _dead_letters(client: Client, given: Namespace) -> int:
    found = client.operator.dead_letters(state=given.state, reason=given.reason, since=given.since)
    return _show(given, LETTER_HEADS, islice(found, given.limit), _letter)


def _letter(letter: Json) -> list[Any]:
    return [
        letter["id"],
        letter["state"],
        letter["seen"],
        letter["requeues"],
        _age(letter["last_at"]),
        letter["bytes"],
        letter["reason"][:80],
        letter["preview"][:60],
    ]


def _requeue_dead(client: Client, given: Namespace) -> int:
    filters = {"state": given.state, "reason": given.reason, "since": given.since}
    filters = {name: value for name, value in filters.items() if value is not None}
    if [bool(given.id), bool(filters), given.all].count(True) != 1:
        raise ValueError("give either ids of dead letters, or filters such as --reason, or --all")
    if given.id:
        letters = [client.operator.requeue(one, given.by, given.again) for one in given.id]
        return _show(given, LETTER_HEADS, letters, _letter)
    if given.again:
        raise ValueError("--again is for ids: a filter means what is kept or has returned")
    asked = client.operator.requeue_where(by=given.by, **(filters or {"since": EVER}))
    print(json_line({"asked": asked}) if given.json else f"{asked} will be sent again")
    return DONE


def _show(given: Namespace, heads: Sequence[str], items: Iterable[Json], row: Row) -> int:
    if given.json:
        for item in items:
            print(json_line(item))
        return DONE
    for line in table(heads, map(row, items)):
        print(line)
    return DONE


def _age(at: str) -> str:
    then = datetime.fromisoformat(at[:19]).replace(tzinfo=timezone.utc)
    return _span((datetime.now(timezone.utc) - then).total_seconds())


def _span(seconds: float) -> str:
    """In its two largest units: 5s, 3m20s, 2h05m, 4d06h."""
    whole = max(0, int(seconds))
    minutes, hours, days = whole // 60, whole // 3600, whole // 86400
    if days:
        return f"{days}d{hours % 24:02}h"
    if hours:
        return f"{hours}h{minutes % 60:02}m"
    return f"{minutes}m{whole % 60:02}s" if minutes else f"{whole}s"


COMMANDS = {
    "tasks": _tasks,
    "workers": _workers,
    "backends": _backends,
    "drain": _drain,
    "pause": _pause,
    "resume": _resume,
    "dead-letters": _dead_letters,
    "requeue-dead": _requeue_dead,
}

if __name__ == "__main__":
    sys.exit(main())
