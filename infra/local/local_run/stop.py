"""Ends processes: asks, waits, says so, and insists where asking does not help."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from functools import partial

from local_run.components import COMPONENTS, Component
from local_run.console import Console
from local_run.processes import ProcessFiles, await_end
from local_run.side_by_side import side_by_side

# What a worker reports at its end is still collected; servers go last.
TOGETHER: Sequence[Sequence[str]] = (
    ("task-worker-1", "task-worker-2"),
    ("task-api",),
    ("result-collector",),
    ("rabbitmq",),
    ("rabbitmq-epmd", "postgresql"),
)


def stop(names: Iterable[str], files: ProcessFiles, console: Console) -> int:
    """Ends those that run, in order, and forgets them all. Returns how many ran."""
    wanted = set(names)
    by_name = {each.name: each for each in COMPONENTS}
    stopped = 0
    with console.ticking():
        for step in TOGETHER:
            chosen = [by_name[name] for name in step if name in wanted]
            stopped += sum(side_by_side(*(partial(_stop, each, files, console) for each in chosen)))
    return stopped


def _stop(component: Component, files: ProcessFiles, console: Console) -> bool:
    process = files.alive(component.name)
    if process is None:
        files.forget(component.name)
        return False
    begin = time.monotonic()
    with console.waiting(component.name, "until it has ended"):
        process.signal(component.stop)
        note = ""
        if not await_end(process, component.patience):
            note = f"(did not end in {component.patience:.0f} s: {component.force.name})"
            process.signal(component.force)
            await_end(process, 30)
    files.forget(component.name)
    console.line("stopped", component.name, time.monotonic() - begin, note)
    return True
