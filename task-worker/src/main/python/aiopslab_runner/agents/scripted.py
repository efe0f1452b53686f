"""The agent that says what it was given to say: for demonstrations, tests and replays."""

from __future__ import annotations

import asyncio

from aiopslab_runner.agents.contract import NothingMoreToDo
from aiopslab_runner.agents.options import Options

FENCE = "```"


class ScriptedAgent:
    """Options: `actions` (1 to 1000 texts), `delay_ms` (0 to 60000, before each action).

    When the list is used up, the run ends as if its steps were: without a submission.
    """

    def __init__(self, options: Options) -> None:
        self._responses = [in_a_fence(action) for action in options.texts("actions", 1, 1000)]
        self._delay_seconds = options.integer("delay_ms", 0, 60000, default=0) / 1000
        self._next = 0

    def init_context(self, description: str, instructions: str, actions: dict[str, str]) -> None:
        self._next = 0

    async def get_action(self, observation: str) -> str:
        if self._next == len(self._responses):
            raise NothingMoreToDo
        if self._delay_seconds:
            await asyncio.sleep(self._delay_seconds)
        self._next += 1
        return self._responses[self._next - 1]


def in_a_fence(action: str) -> str:
    """A full response as it is; a bare call in a fenced block of its own."""
    return action if FENCE in action else f"{FENCE}\n{action}\n{FENCE}"
