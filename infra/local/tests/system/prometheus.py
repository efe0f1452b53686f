"""A Prometheus of the test's own, which scrapes a system started by make up."""

from __future__ import annotations

import math
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from system_test import HOST, LOCAL

from local_run import web
from local_run.settings import DEFAULT_PORTS

SHIPPED = LOCAL.parent / "prometheus"


class Prometheus:
    """Runs with the shipped configuration, but for ports and intervals, until it is stopped."""

    def __init__(self, folder: Path, port: int, system: Mapping[str, int]) -> None:
        self._port = port
        folder.mkdir()
        self.log = folder / "log"
        config = folder / "prometheus.yml"
        config.write_text(_adapted((SHIPPED / "prometheus.yml").read_text(), system))
        with self.log.open("wb") as output:
            self._process = subprocess.Popen(
                [
                    "prometheus",
                    f"--config.file={config}",
                    f"--storage.tsdb.path={folder / 'data'}",
                    f"--web.listen-address={HOST}:{port}",
                ],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(timeout=60)

    def is_ready(self) -> bool:
        if self._process.poll() is not None:
            raise AssertionError(f"Prometheus has ended:\n{self.log.read_text(errors='replace')}")
        return web.call(HOST, self._port, "/-/ready").status == 200

    def has_data(self, expression: str) -> bool:
        """Whether a series has a number. A histogram in which nothing happened says NaN."""
        series = self._get("query", query=expression)["result"]
        return any(not math.isnan(float(each["value"][1])) for each in series)

    def targets(self) -> dict[str, str]:
        """Health by address that is scraped."""
        active = self._get("targets")["activeTargets"]
        return {each["scrapeUrl"]: each["health"] for each in active}

    def label_values(self, selector: str, label: str) -> list[str]:
        values: list[str] = self._get(f"label/{label}/values", **{"match[]": selector})
        return values

    def alerts(self) -> list[dict[str, Any]]:
        groups = self._get("rules", type="alert")["groups"]
        return [rule for group in groups for rule in group["rules"]]

    def _get(self, path: str, **parameters: str) -> Any:
        answer = web.call(HOST, self._port, f"/api/v1/{path}?{urlencode(parameters)}", timeout=30)
        if answer.status != 200:
            raise AssertionError(f"{path} {parameters}: {answer}")
        return answer.body["data"]


def _adapted(config: str, system: Mapping[str, int]) -> str:
    for variable, port in DEFAULT_PORTS.items():
        config = config.replace(f"localhost:{port}]", f"localhost:{system[variable]}]")
        config = config.replace(f"localhost:{port},", f"localhost:{system[variable]},")
    config = config.replace("- alerts.yml", f"- {SHIPPED / 'alerts.yml'}")
    return config.replace("_interval: 15s", "_interval: 1s")
