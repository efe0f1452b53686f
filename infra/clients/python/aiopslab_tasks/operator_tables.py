"""The tables that an operator sees: their heads, and a row for each thing."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from aiopslab_tasks.records import Json

TASK_HEADS = ["ID", "STATUS", "BACKEND", "WORKER", "AGE", "STEPS", "PROBLEM"]
WORKER_HEADS = ["WORKER", "STATUS", "HELD", "BACKEND", "HEARD", "TASK", "REASON"]
BACKEND_HEADS = ["BACKEND", "PENDING", "RUNNING", "OLDEST", "TICKETS"]
BACKEND_HEADS += ["IDLE", "BUSY", "PAUSED", "QUARANTINED", "OFFLINE", "HELD"]
LETTER_HEADS = ["ID", "STATE", "SEEN", "SENT", "LAST", "BYTES", "REASON", "BEGINNING"]


def task_row(task: Json) -> list[Any]:
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


def worker_row(worker: Json) -> list[Any]:
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


def backend_row(backend: Json) -> list[Any]:
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


def letter_row(letter: Json) -> list[Any]:
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
