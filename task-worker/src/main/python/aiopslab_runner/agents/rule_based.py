"""The agent without a model: it looks where an operator would look, and acts on what it sees.

It knows the application's namespace and how such applications fail; it does not know the problem's
id, its answer or anything else that is not in the observations.
"""

from __future__ import annotations

import asyncio

from aiopslab_runner.agents.contract import NothingMoreToDo
from aiopslab_runner.agents.investigation import Step, Steps, find_out
from aiopslab_runner.agents.options import Options
from aiopslab_runner.agents.remedies import repair, submission

TASK_BY_PARAMETER = {
    "has_anomaly": "detection",
    "faulty_components": "localization",
    "system_level": "analysis",
}


class RuleBasedAgent:
    """Options: `delay_ms` (0 to 60000, before each action)."""

    def __init__(self, options: Options) -> None:
        self._delay_seconds = options.integer("delay_ms", 0, 60000, default=0) / 1000
        self._steps: Steps[None] | None = None
        self._begun = False

    def init_context(self, description: str, instructions: str, actions: dict[str, str]) -> None:
        documentation = actions.get("submit", "")
        matching = [task for word, task in TASK_BY_PARAMETER.items() if word in documentation]
        self._begun = False
        self._steps = work_on(matching[0] if matching else "mitigation")

    async def get_action(self, observation: str) -> str:
        """The first observation is only the invitation to begin."""
        if self._delay_seconds:
            await asyncio.sleep(self._delay_seconds)
        if self._steps is None:
            raise NothingMoreToDo
        try:
            step = self._steps.send(observation) if self._begun else next(self._steps)
        except StopIteration:
            raise NothingMoreToDo from None
        self._begun = True
        return f"{step.thought}\n```\n{step.call}\n```"


def work_on(task: str) -> Steps[None]:
    finding = yield from find_out()
    if task == "mitigation":
        yield from repair(finding)
    yield Step(f"{finding.summary} That is my answer.", submission(task, finding))
