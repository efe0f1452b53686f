"""What a run needs of an agent; the same two calls that AIOpsLab makes of its own agents."""

from __future__ import annotations

from typing import Protocol


class Agent(Protocol):
    """Told about the problem once, then asked turn by turn."""

    def init_context(self, description: str, instructions: str, actions: dict[str, str]) -> None:
        """Called once, before the first turn; `actions` maps names to their documentation."""

    async def get_action(self, observation: str) -> str:
        """The response to the last observation. Raises NothingMoreToDo when it has none."""
        ...


class NothingMoreToDo(Exception):
    """The agent has no further response; the run ends as if its steps were used up."""
