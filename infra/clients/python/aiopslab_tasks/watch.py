"""Follows one task to its end, with its log and a line that says how far it is."""

from __future__ import annotations

import sys
from typing import TextIO

from aiopslab_tasks.client import Client
from aiopslab_tasks.display import Display, PlainDisplay, TerminalDisplay
from aiopslab_tasks.records import Task

SHOWN = ("status", "log", "progress")


def watch(client: Client, task_id: str, display: Display | None = None) -> Task:
    """The task when it has ended. Without a display: log to stdout, progress to stderr."""
    with display or display_for(sys.stdout, sys.stderr) as shown:
        for event in client.events(task_id, types=SHOWN):
            shown.show(event)
    return client.wait(task_id)


def display_for(out: TextIO | None, notes: TextIO | None) -> Display:
    """Either may be None, as Python has them when they are closed."""
    if notes is not None and notes.isatty():
        return TerminalDisplay(out, notes)
    return PlainDisplay(out, notes)
