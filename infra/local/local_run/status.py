"""make status: a table of what runs."""

from __future__ import annotations

import time

from local_run import health, rabbitmq
from local_run.components import COMPONENTS, Component
from local_run.memory import resident
from local_run.processes import ProcessFiles
from local_run.settings import Settings

HEAD = ("service", "pid", "port", "health", "ready after", "memory", "uptime", "log")
RIGHT = {"pid", "port", "ready after", "memory", "uptime"}


def table(settings: Settings, files: ProcessFiles) -> str:
    rabbitmq.adopt_name_server(settings, files)
    rows = [HEAD, *(_row(each, settings, files) for each in COMPONENTS)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if title in RIGHT else cell.ljust(width)
            for cell, width, title in zip(row, widths, HEAD)
        ).rstrip()
        for row in rows
    )


def _row(component: Component, settings: Settings, files: ProcessFiles) -> tuple[str, ...]:
    log = str(settings.log(component.log))
    process = files.find(component.name)
    if process is None or not process.is_alive():
        word = "not running" if process is None else "died"
        return (component.name, "-", "-", word, "-", "-", "-", log)
    ready = "-" if process.ready_after is None else f"{process.ready_after:.1f} s"
    return (
        component.name,
        str(process.pid),
        str(process.port),
        health.of(process, settings),
        ready,
        f"{resident(process.pid) / 2**20:.0f} MiB",
        duration(time.time() - process.started),
        log,
    )


def duration(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours} h"
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
