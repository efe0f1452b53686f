"""Helm installs copies of charts, since it writes into the directory that it installs from.

Before each install AIOpsLab updates the dependencies of the chart in its checkout
(service/helm.py), which makes the chart's `charts/` anew: of two runs on one checkout, one would
take away what the other is installing.
"""

from __future__ import annotations

import functools
import shutil
import tempfile
from pathlib import Path
from typing import Any, Callable

from aiopslab_runner.orchestrator.checkout import Checkout


def install_copies_of_charts(checkout: Checkout) -> None:
    helm = checkout.load("aiopslab.service.helm").Helm
    helm.install = staticmethod(from_a_copy(checkout.scratch, helm.install))


def from_a_copy(scratch: Path, install: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(install)
    def confined(**arguments: Any) -> Any:
        chart = Path(arguments.get("chart_path") or "")
        if not arguments.get("remote_chart") and chart.name and chart.is_dir():
            copy = Path(tempfile.mkdtemp(prefix="chart-", dir=scratch)) / chart.name
            shutil.copytree(chart, copy)
            arguments["chart_path"] = str(copy)
        return install(**arguments)

    return confined
