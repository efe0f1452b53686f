"""The simulated environment: one problem on one simulated cluster."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from aiopslab_runner.environment import Briefing, Observation, Setting
from aiopslab_runner.simulator.actions import Actions
from aiopslab_runner.simulator.application import COMPONENTS, NAMESPACE
from aiopslab_runner.simulator.briefings import brief
from aiopslab_runner.simulator.faults import FAULTS
from aiopslab_runner.simulator.grading import grade
from aiopslab_runner.simulator.problems import find_problem
from aiopslab_runner.simulator.simulation import Simulation
from aiopslab_runner.simulator.workspace import Workspace

SECONDS_BEFORE_FAULT = 120.0
SECONDS_BEFORE_AGENT = 120.0
SECONDS_TO_SETTLE = 10.0


class SimulatedEnvironment:
    """Made without doing anything; `set_up` deploys, injects the fault and lets users come."""

    def __init__(self, setting: Setting) -> None:
        """Raises RunFailure (unknown_problem)."""
        self._problem = find_problem(setting.problem_id)
        self._log = setting.log
        self._cluster_name = setting.cluster
        self._simulation = Simulation(setting.seed)
        workspace = Workspace(Path.cwd())
        self._actions = Actions(self._problem, self._simulation, workspace)
        self._injected = False
        self._healthy = False

    def set_up(self) -> Briefing:
        count = sum(component.namespace == NAMESPACE for component in COMPONENTS)
        place = f" in place of {self._cluster_name}" if self._cluster_name else ""
        self._log("info", f"Deploying {count} components to a simulated cluster{place}.")
        self._simulation.deploy()
        self._simulation.advance(SECONDS_BEFORE_FAULT)
        ready, total = self._simulation.pods_ready()
        self._log("info", f"The application runs: {ready} of {total} pods are ready.")
        self._inject()
        self._simulation.advance(SECONDS_BEFORE_AGENT)
        return brief(self._problem)

    def _inject(self) -> None:
        if self._problem.fault is None:
            self._log("info", "No fault is injected: this problem is about a healthy application.")
            return
        self._injected = True
        FAULTS[self._problem.fault].inject(self._simulation.cluster, self._problem.target)
        fault = {"fault": self._problem.fault, "target": self._problem.target}
        self._log("info", "The fault is injected; users send requests meanwhile.", fault)

    def act(self, response: str) -> Observation:
        return self._actions.perform(response)

    @property
    def submission(self) -> Any:
        return self._actions.submitted

    def grade(self, seconds: float, trace: list[tuple[str, str]]) -> dict[str, Any]:
        """Gives what was just changed a few simulated seconds to come up before it is judged."""
        self._simulation.advance(SECONDS_TO_SETTLE)
        self._healthy = self._simulation.healthy()
        return grade(self._problem, self.submission, self._healthy, seconds, trace)

    def gauges(self) -> dict[str, float]:
        ready, total = self._simulation.pods_ready()
        return {
            "pods_ready": ready,
            "pods_total": total,
            "requests_sent": self._simulation.traffic.sent,
            "requests_failed": self._simulation.traffic.failed,
            "simulated_seconds": round(self._simulation.cluster.now, 3),
            **self._actions.counts,
        }

    def recover(self) -> None:
        if not self._injected or self._problem.fault is None:
            return
        self._injected = False
        FAULTS[self._problem.fault].recover(self._simulation.cluster, self._problem.target)
        self._log("info", "The fault is taken back.")
