"""`python -m aiopslab_tasks.operate`, for who runs the service."""

from __future__ import annotations

import sys
import time
from argparse import Namespace
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any

from aiopslab_tasks.client import Client
from aiopslab_tasks.command_line import filters_of
from aiopslab_tasks.display import json_line
from aiopslab_tasks.errors import WaitTimeoutError
from aiopslab_tasks.operator_line import read_arguments
from aiopslab_tasks.operator_tables import (
    BACKEND_HEADS,
    LETTER_HEADS,
    TASK_HEADS,
    WORKER_HEADS,
    backend_row,
    letter_row,
    task_row,
    worker_row,
)
from aiopslab_tasks.program import DONE, NOT_COMPLETED, run
from aiopslab_tasks.records import Json
from aiopslab_tasks.table import table

LOOK_SECONDS = 1.0
Row = Callable[[Json], list[Any]]
EVER = "1970-01-01T00:00:00Z"


def main(arguments: Sequence[str] | None = None) -> int:
    return run(COMMANDS, read_arguments, sys.argv[1:] if arguments is None else arguments)


def _tasks(client: Client, given: Namespace) -> int:
    filters = {**filters_of(given), "worker_id": given.worker_id}
    return _show(given, TASK_HEADS, islice(client.iterate(**filters), given.limit), task_row)


def _workers(client: Client, given: Namespace) -> int:
    found = client.operator.workers(
        status=given.status, backend_type=given.backend_type, seen_within=given.seen_within
    )
    return _show(given, WORKER_HEADS, found, worker_row)


def _backends(client: Client, given: Namespace) -> int:
    return _show(given, BACKEND_HEADS, client.backends(), backend_row)


def _drain(client: Client, given: Namespace) -> int:
    draining = [client.operator.drain(name, given.reason) for name in given.worker]
    if not given.wait:
        return _show(given, WORKER_HEADS, draining, worker_row)
    end = None if given.timeout is None else time.monotonic() + given.timeout
    while any(not worker["drained"] and worker["status"] != "offline" for worker in draining):
        if end is not None and time.monotonic() >= end:
            raise WaitTimeoutError(
                f"After {given.timeout:g} s something still runs there; workers shows what."
            )
        time.sleep(LOOK_SECONDS)
        draining = [client.operator.worker(name) for name in given.worker]
    _show(given, WORKER_HEADS, draining, worker_row)
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
        _show(given, WORKER_HEADS, workers, worker_row)
    if backends:
        _show(given, ["BACKEND", "HELD"], backends, lambda one: [one["backend_type"], word])
    return DONE


def _dead_letters(client: Client, given: Namespace) -> int:
    found = client.operator.dead_letters(state=given.state, reason=given.reason, since=given.since)
    return _show(given, LETTER_HEADS, islice(found, given.limit), letter_row)


def _requeue_dead(client: Client, given: Namespace) -> int:
    filters = {"state": given.state, "reason": given.reason, "since": given.since}
    filters = {name: value for name, value in filters.items() if value is not None}
    if [bool(given.id), bool(filters), given.all].count(True) != 1:
        raise ValueError("give either ids of dead letters, or filters such as --reason, or --all")
    if given.id:
        letters = [client.operator.requeue(one, given.by, given.again) for one in given.id]
        return _show(given, LETTER_HEADS, letters, letter_row)
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
