"""`python -m aiopslab_tasks`, for who submits tasks."""

from __future__ import annotations

import signal
import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice

from aiopslab_tasks.client import Client
from aiopslab_tasks.command_line import filters_of, read_arguments, task_of
from aiopslab_tasks.display import JsonDisplay, json_line, log_text
from aiopslab_tasks.errors import WaitTimeoutError
from aiopslab_tasks.harmless import harmless
from aiopslab_tasks.program import DONE, NOT_COMPLETED, note, run
from aiopslab_tasks.records import Task
from aiopslab_tasks.watch import display_for, watch


def main(arguments: Sequence[str] | None = None) -> int:
    return run(COMMANDS, read_arguments, sys.argv[1:] if arguments is None else arguments)


def _submit(client: Client, given: Namespace) -> int:
    task = client.submit(given.problem_id, **task_of(given))
    if given.watch:
        note(f"task {task.id}")
        return _follow(client, task.id, given)
    print(json_line(task) if given.json else task.id)
    return DONE


def _watch(client: Client, given: Namespace) -> int:
    return _follow(client, given.task_id, given)


def _follow(client: Client, task_id: str, given: Namespace) -> int:
    display = JsonDisplay(sys.stdout) if given.json else display_for(sys.stdout, sys.stderr)
    with _time_limit(given.timeout, task_id):
        task = watch(client, task_id, display)
    print(json_line({"event": "task", "data": task}) if given.json else harmless(_verdict(task)))
    enough = given.min_reward is None or (
        task.reward is not None and task.reward >= given.min_reward
    )
    return DONE if task.status == "completed" and enough else NOT_COMPLETED


@contextmanager
def _time_limit(seconds: float | None, task_id: str) -> Iterator[None]:
    """Raises WaitTimeoutError when the time is over; None is no limit."""
    if seconds is None:
        yield
        return

    def stop(number: int, frame: object) -> None:
        raise WaitTimeoutError(
            f"Task {task_id} has not ended after {seconds:g} s, and goes on; watch it again, or "
            "cancel it."
        )

    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _verdict(task: Task) -> str:
    if task.status == "failed":
        return f"failed ({task['failure_code']}): {task['error_details']}"
    if task.status == "cancelled":
        return f"cancelled: {task.get('cancel_reason') or 'no reason was given'}"
    reward = "none" if task.reward is None else f"{task.reward:g}"
    return f"completed, reward {reward} ({task.result.get('stop_reason')})"


def _logs(client: Client, given: Namespace) -> int:
    for line in client.logs(given.task_id, follow=given.follow, level=given.level):
        print(json_line(line) if given.json else log_text(line), flush=given.follow)
    return DONE


def _list(client: Client, given: Namespace) -> int:
    for task in islice(client.iterate(**filters_of(given)), given.limit):
        worker = task.get("worker_id") or "-"
        row = f"{task.id}  {task.status:<9}  {task['problem_id']:<44}  {worker}"
        print(json_line(task) if given.json else harmless(row))
    return DONE


def _cancel(client: Client, given: Namespace) -> int:
    filters = filters_of(given)
    if bool(filters) == bool(given.task_id):
        raise ValueError("give either the ids of tasks, or filters such as --metadata run=7")
    if filters:
        counts = client.cancel_where(reason=given.reason, **filters)
        words = f"{counts['cancelled']} cancelled, {counts['requested']} asked to end"
        print(json_line(counts) if given.json else words)
        return DONE
    for task_id in given.task_id:
        task = client.cancel(task_id, given.reason)
        word = "cancelled" if task.status == "cancelled" else "asked to end"
        print(json_line(task) if given.json else f"{task.id}  {word}")
    return DONE


def _feed(client: Client, given: Namespace) -> int:
    feed = client.feed(given.after, follow=given.follow, **filters_of(given))
    for trajectory in islice(feed, given.limit):
        reward = "-" if trajectory.reward is None else f"{trajectory.reward:g}"
        row = (
            f"{trajectory.cursor}  {trajectory.task_id}  {trajectory.status:<9}  {reward:<5}  "
            f"{trajectory['problem_id']}"
        )
        print(json_line(trajectory) if given.json else harmless(row), flush=True)
    return DONE


COMMANDS = {
    "submit": _submit,
    "watch": _watch,
    "logs": _logs,
    "list": _list,
    "cancel": _cancel,
    "feed": _feed,
}

if __name__ == "__main__":
    sys.exit(main())
