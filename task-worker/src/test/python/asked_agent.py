"""The agent `openai` in this process, which does not wait long before it asks again."""

from __future__ import annotations

import asyncio
from typing import Any

import runner_path  # noqa: F401

from aiopslab_runner.agents.contract import Reply
from aiopslab_runner.agents.openai import OpenAiAgent
from aiopslab_runner.agents.openai.patience import Backoff
from aiopslab_runner.agents.options import Options, Surroundings

QUICK = Backoff(base_seconds=0.002, cap_seconds=0.01)


class AskedAgent:
    """Set up like that of a run; `logs` has what it said."""

    def __init__(
        self,
        base_url: str | None,
        model_keys: dict[str, str] | None = None,
        backoff: Backoff = QUICK,
        **more: Any,
    ) -> None:
        self.logs: list[str] = []
        given = {} if base_url is None else {"base_url": base_url}
        config = {"model": "policy", **given, **more}
        self.agent = OpenAiAgent(
            Options(config, Surroundings(model_keys or {}, self._log)), backoff
        )
        self.agent.init_context("The problem.", "The rules.", {"submit": "submit(): ends it."})

    def _log(self, level: str, message: str, context: object = None) -> None:
        self.logs.append(message)

    def ask(self, observation: str = "Begin.") -> Reply:
        return asyncio.run(self.agent.get_action(observation))
