"""Severities of log lines, also as Python, syslog and Java name them."""

from __future__ import annotations

from typing import Any

from aiopslab_tasks.values import refused

LEVELS = ("debug", "info", "warning", "error")
OTHER_NAMES = {
    "debug": ("trace", "fine", "finer", "finest", "all", "notset"),
    "info": ("notice", "config"),
    "warning": ("warn",),
    "error": ("err", "severe", "critical", "crit", "fatal", "alert", "emerg", "panic"),
}
_BY_NAME = {name: level for level, names in OTHER_NAMES.items() for name in (level, *names)}


def level_of(name: Any) -> str:
    """As the service says it. Raises InvalidRequestError."""
    level = _BY_NAME.get(name.lower()) if isinstance(name, str) else None
    if level is None:
        raise refused("level", f"must be one of {', '.join(LEVELS)}, not {name!r}")
    return level


def is_at_least(level: str, least: str) -> bool:
    """One that is not known is shown: it may be important."""
    return level not in LEVELS or LEVELS.index(level) >= LEVELS.index(least)
