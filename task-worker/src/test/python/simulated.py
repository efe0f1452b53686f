"""A simulated problem in this process, for tests that look into it."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

import runner_path  # noqa: F401

from aiopslab_runner.agents import make_agent
from aiopslab_runner.environment import Observation
from aiopslab_runner.simulator.actions import Actions
from aiopslab_runner.simulator.briefings import brief
from aiopslab_runner.simulator.faults import FAULTS
from aiopslab_runner.simulator.grading import grade
from aiopslab_runner.simulator.problems import PROBLEMS
from aiopslab_runner.simulator.shell import Shell
from aiopslab_runner.simulator.simulation import Simulation
from aiopslab_runner.simulator.workspace import Workspace

NAMESPACE = "test-hotel-reservation"


class Simulated:
    """Set up like SimulatedEnvironment, with its own folder. Call `close` at the end."""

    def __init__(
        self, problem_id: str = "noop_detection_hotel_reservation-1", seed: int = 0
    ) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self.folder = Path(self._folder.name)
        self.problem = PROBLEMS[problem_id]
        self.simulation = Simulation(seed)
        self.simulation.deploy()
        workspace = Workspace(self.folder)
        self.shell = Shell(self.simulation, workspace)
        self.actions = Actions(self.problem, self.simulation, workspace)
        self.trace: list[tuple[str, str]] = []
        if self.problem.fault:
            FAULTS[self.problem.fault].inject(self.simulation.cluster, self.problem.target)
        self.simulation.advance(120)

    def close(self) -> None:
        self._folder.cleanup()

    def run(self, command: str) -> str:
        return self.shell.run(command)

    def kubectl(self, words: str) -> str:
        return self.run(f"kubectl -n {NAMESPACE} {words}")

    def act(self, call: str) -> Observation:
        return self.actions.perform(f"```\n{call}\n```")

    def recover(self) -> None:
        FAULTS[self.problem.fault or ""].recover(self.simulation.cluster, self.problem.target)

    def converse(self, most: int = 30) -> dict:
        """The rule-based agent's run, to the grade."""
        agent, _ = make_agent({})
        briefing = brief(self.problem)
        agent.init_context(briefing.description, briefing.instructions, briefing.actions)
        said = "Begin."
        for _ in range(most):
            response = asyncio.run(agent.get_action(said))
            observation = self.actions.perform(response)
            said = observation.text
            self.trace += [("assistant", response), ("env", said)]
            if observation.submission is not None:
                break
        self.simulation.advance(10)
        return self.grade()

    def grade(self) -> dict:
        healthy = self.simulation.healthy()
        return grade(self.problem, self.actions.submitted, healthy, 1.0, self.trace)
