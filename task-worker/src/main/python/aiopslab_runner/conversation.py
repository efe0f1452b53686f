"""The agent and the environment in turns, each message reported as a `step`."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from aiopslab_runner.agents import Agent, NothingMoreToDo, Reply
from aiopslab_runner.environment import Environment, Submission
from aiopslab_runner.failures import AGENT_ERROR, RunFailure
from aiopslab_runner.protocol import Protocol

PROMPT = "Answer with your next action."
SHORT = 120


class Conversation:
    """At most `max_steps` turns, as in AIOpsLab; a valid submission ends it earlier."""

    def __init__(
        self, protocol: Protocol, agent: Agent, environment: Environment, max_steps: int
    ) -> None:
        self._protocol = protocol
        self._agent = agent
        self._environment = environment
        self._max_steps = max_steps
        self.stop_reason = "max_steps"
        self.turns = 0
        self.trace: list[tuple[str, str]] = []
        self.seconds = 0.0
        self.model_ms_total = 0.0
        self.environment_ms_total = 0.0
        self.usage: dict[str, int] = {}

    def hold(self) -> None:
        """Raises RunFailure (agent_error) when the agent fails."""
        began = time.monotonic()
        asyncio.run(self._take_turns())
        self.seconds = time.monotonic() - began

    async def _take_turns(self) -> None:
        prompt = PROMPT
        for turn in range(self._max_steps):
            began = time.monotonic()
            response = await self._ask_agent(prompt)
            if response is None:
                self._protocol.log(
                    "info", "The agent has nothing more to do; the run ends without a submission."
                )
                return
            self.model_ms_total += self._report(turn, "assistant", response, "model_ms", began)
            self.turns += 1
            for name, number in response.usage.items() if isinstance(response, Reply) else ():
                self.usage[name] = self.usage.get(name, 0) + number

            began = time.monotonic()
            observation = self._environment.act(response)
            text = observation.submission.value if observation.submission else observation.text
            self.environment_ms_total += self._report(turn, "env", text, "environment_ms", began)
            self._protocol.log("info", f"Step {turn}: {shortened(response)}", {"turn": turn})

            if observation.submission is not None:
                valid = observation.submission is Submission.VALID
                self.stop_reason = "submitted" if valid else "invalid_submission"
                return
            prompt = f"{text}\n{PROMPT}"
        self._protocol.log("warning", f"No submission after {self._max_steps} steps.")

    async def _ask_agent(self, prompt: str) -> str | None:
        try:
            response: Any = await self._agent.get_action(prompt)
        except NothingMoreToDo:
            return None
        except Exception as reason:
            raise RunFailure(
                AGENT_ERROR,
                f"the agent failed in turn {self.turns} ({type(reason).__name__}: {reason}); check "
                "its configuration and the service of its model, then retry the task",
            ) from reason
        if not isinstance(response, str):
            raise RunFailure(
                AGENT_ERROR,
                f"the agent answered with {type(response).__name__} instead of text in turn "
                f"{self.turns}; correct the agent",
            )
        return response

    def _report(self, turn: int, role: str, content: str, timing: str, began: float) -> float:
        milliseconds = round((time.monotonic() - began) * 1000, 3)
        step = {"index": len(self.trace), "turn": turn, "role": role, "content": content}
        self.trace.append((role, content))
        said = content.details() if isinstance(content, Reply) else {}
        self._protocol.send("step", {**step, timing: milliseconds, **said})
        return milliseconds


def shortened(response: str) -> str:
    """The call alone, in one line, for people who read along."""
    line = " ".join(response.replace("```", " ").split())
    return line if len(line) <= SHORT else line[: SHORT - 1] + "…"
