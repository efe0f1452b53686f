"""What agent and environment say to each other, each message reported as a `step` at once."""

from __future__ import annotations

import time
from typing import Any

from aiopslab_runner.agents import Agent, NothingMoreToDo, Reply
from aiopslab_runner.failures import AGENT_ERROR, RunFailure
from aiopslab_runner.protocol import Protocol

SHORT = 120


class Dialogue:
    """The agent speaks first in each turn; `trace` holds (role, content) in order."""

    def __init__(self, protocol: Protocol, agent: Agent) -> None:
        self._protocol = protocol
        self._agent = agent
        self._response = ""
        self.turns = 0
        self.trace: list[tuple[str, str]] = []
        self.model_ms_total = 0.0
        self.environment_ms_total = 0.0
        self.usage: dict[str, int] = {}

    def brief_agent(
        self, description: str, instructions: str, actions: dict[str, str]
    ) -> dict[str, Any]:
        """What it tells its model in other words than these, as members of the message `session`.

        Raises RunFailure (agent_error) when the agent fails.
        """
        try:
            self._agent.init_context(description, instructions, actions)
            told = getattr(self._agent, "told", lambda: None)()
        except Exception as reason:
            raise failed("before its first turn", reason) from reason
        if told is None:
            return {}
        system, user = told
        return {"description": system, "instructions": user, "actions": {}}

    async def ask_agent(self, prompt: str) -> str | None:
        """The agent's next response, reported; None when it has nothing more to do.

        Raises RunFailure (agent_error) when the agent fails.
        """
        began = time.monotonic()
        response = await self._answer(prompt)
        if response is None:
            self._protocol.log(
                "info", "The agent has nothing more to do; the run ends without a submission."
            )
            return None
        self.model_ms_total += self._report("assistant", response, "model_ms", began)
        self._response = response
        self.turns += 1
        if isinstance(response, Reply):
            self._add_up(response.usage)
        return response

    def hear_environment(self, text: str, began: float) -> None:
        """Reports the answer to the last response; `began` is the monotonic time of the asking."""
        self.environment_ms_total += self._report("env", text, "environment_ms", began)
        turn = self.turns - 1
        said = f"Step {turn}: {shortened(self._response)}"
        self._protocol.log("info", said, {"turn": turn})

    def _add_up(self, usage: dict[str, int]) -> None:
        for name, number in usage.items():
            self.usage[name] = self.usage.get(name, 0) + number

    async def _answer(self, prompt: str) -> str | None:
        try:
            response: Any = await self._agent.get_action(prompt)
        except NothingMoreToDo:
            return None
        except Exception as reason:
            raise failed(f"in turn {self.turns}", reason) from reason
        if not isinstance(response, str):
            raise RunFailure(
                AGENT_ERROR,
                f"the agent answered with {type(response).__name__} instead of text in turn "
                f"{self.turns}; correct the agent",
            )
        return response

    def _report(self, role: str, content: str, timing: str, began: float) -> float:
        milliseconds = round((time.monotonic() - began) * 1000, 3)
        turn = self.turns - (role == "env")
        step = {"index": len(self.trace), "turn": turn, "role": role, "content": content}
        self.trace.append((role, content))
        said = content.details() if isinstance(content, Reply) else {}
        self._protocol.send("step", {**step, timing: milliseconds, **said})
        return milliseconds


def failed(when: str, reason: Exception) -> RunFailure:
    return RunFailure(
        AGENT_ERROR,
        f"the agent failed {when} ({type(reason).__name__}: {reason}); check its configuration and "
        "the service of its model, then retry the task",
    )


def shortened(response: str) -> str:
    """The call alone, in one line, for people who read along."""
    line = " ".join(response.replace("```", " ").split())
    return line if len(line) <= SHORT else line[: SHORT - 1] + "…"
