"""The simulated environment: one problem on one simulated cluster."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

from aiopslab_runner.environment import INVALID_SUBMISSION, Briefing, Outcome, Setting, Stage
from aiopslab_runner.reward import failed_results
from aiopslab_runner.simulator.actions import Actions
from aiopslab_runner.simulator.application import COMPONENTS, NAMESPACE
from aiopslab_runner.simulator.briefings import brief
from aiopslab_runner.simulator.conversation import take_turns
from aiopslab_runner.simulator.faults import FAULTS
from aiopslab_runner.simulator.grading import UnreadableSubmission, grade
from aiopslab_runner.simulator.problems import MITIGATION, find_problem
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
        self._recovered = False
        self._healthy = False

    def set_up(self, stage: Stage) -> Briefing:
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

    def play(self, stage: Stage) -> Outcome:
        stage.begin("running")
        began = time.monotonic()
        stop_reason = asyncio.run(take_turns(stage, self._actions.perform, self._log))
        seconds = time.monotonic() - began
        stage.begin("grading")
        self._log("info", "Grading the run.")
        results: dict[str, Any] = {}
        if stop_reason != INVALID_SUBMISSION:
            try:
                results = self._grade(seconds, stage.dialogue.trace)
            except UnreadableSubmission as reason:
                stop_reason = INVALID_SUBMISSION
                results = failed_results(self._problem.task_type, str(reason))
                self._log("warning", f"The submission cannot be graded: {reason}.")
        whole = self._healthy if self._problem.task_type == MITIGATION and results else None
        return Outcome(stop_reason, self._actions.submitted, results, whole)

    def _grade(self, seconds: float, trace: list[tuple[str, str]]) -> dict[str, Any]:
        """Gives what was just changed a few simulated seconds to come up before it is judged."""
        self._simulation.advance(SECONDS_TO_SETTLE)
        self._healthy = self._simulation.healthy()
        return grade(self._problem, self._actions.submitted, self._healthy, seconds, trace)

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

    def recover(self, hurried: bool) -> None:
        if not self._injected or self._recovered or self._problem.fault is None:
            return
        self._recovered = True
        FAULTS[self._problem.fault].recover(self._simulation.cluster, self._problem.target)
        self._log("info", "The fault is taken back.")

    def attestation(self) -> dict[str, Any]:
        return {
            "simulated": True,
            "fault_injected": self._injected,
            "fault_recovered": self._recovered,
            "cleanup_finished": True,
        }
