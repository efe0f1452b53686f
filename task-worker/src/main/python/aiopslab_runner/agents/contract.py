"""What a run needs of an agent; the same two calls that AIOpsLab makes of its own agents."""

from __future__ import annotations

from typing import Any, Protocol


class Agent(Protocol):
    """Told about the problem once, then asked turn by turn.

    One that tells its model about it in words of its own also has `told()`: the system message and
    the first user message, as they are sent, or None.
    """

    def init_context(self, description: str, instructions: str, actions: dict[str, str]) -> None:
        """Called once, before the first turn; `actions` maps names to their documentation."""

    async def get_action(self, observation: str) -> str:
        """The response to the last observation. Raises NothingMoreToDo when it has none."""
        ...


class Reply(str):
    """Text, with what the model's server said about it; None where it said nothing.

    `tokens` has `prompt_ids` and `response_ids`, each only when given; `logprobs` has one number
    for each response token; `model` goes into the step as it is; `usage` is added up over the run.
    """

    tokens: dict[str, list[int]] | None
    logprobs: list[float] | None
    model: dict[str, Any] | None
    usage: dict[str, int]

    def __new__(
        cls,
        text: str,
        tokens: dict[str, list[int]] | None = None,
        logprobs: list[float] | None = None,
        model: dict[str, Any] | None = None,
        usage: dict[str, int] | None = None,
    ) -> Reply:
        reply = super().__new__(cls, text)
        reply.tokens = tokens
        reply.logprobs = logprobs
        reply.model = model
        reply.usage = usage or {}
        return reply

    def details(self) -> dict[str, Any]:
        """The members that a `step` message gets from it."""
        members = {"tokens": self.tokens, "logprobs": self.logprobs, "model": self.model}
        return {name: value for name, value in members.items() if value is not None}


class NothingMoreToDo(Exception):
    """The agent has no further response; the run ends as if its steps were used up."""
