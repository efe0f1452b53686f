"""The agent reads tables of metrics and traces that this run exported, and no other file.

AIOpsLab hands the agent's path to pandas as it is (orchestrator/actions/base.py), which opens any
file of the host, and URLs too.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any, Callable

from aiopslab_runner.orchestrator.checkout import Checkout

FOLDERS = {"read_metrics": "metrics_output", "read_traces": "trace_output"}


def confine_reads(checkout: Checkout) -> None:
    actions = checkout.load("aiopslab.orchestrator.actions.base").TaskActions
    for name, folder in FOLDERS.items():
        original = getattr(actions, name)
        setattr(actions, name, staticmethod(only_below(checkout.scratch / folder, original)))


def only_below(folder: Path, read: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(read)
    def confined(file_path: str) -> Any:
        path = Path(file_path).resolve()
        if not path.is_relative_to(folder.resolve()):
            return f"error: '{file_path}' was not exported in this session; export it first."
        return read(str(path))

    return confined
