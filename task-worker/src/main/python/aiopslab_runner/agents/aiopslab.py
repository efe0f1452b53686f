"""One of AIOpsLab's own agents, by its name in AIOpsLab's registry (clients/registry.py)."""

from __future__ import annotations

from typing import Any

from aiopslab_runner.agents.options import Options, wrong
from aiopslab_runner.orchestrator.checkout import open_checkout

THE_OPERATORS = ("api_key", "auth_type", "azure_config_file", "base_url")


class RegisteredAgent:
    """Options: `name`; `options` for its constructor (texts, numbers and flags).

    AIOpsLab's clients keep answers in `./cache_dir`, which is this run's own working directory: no
    other run, and no other version of a policy, ever sees them. Addresses and keys come from the
    worker's environment; here they would send the operator's key wherever a task says.
    """

    def __init__(self, options: Options) -> None:
        name = options.text("name", 100)
        arguments = options.mapping("options")
        for key, value in arguments.items():
            if key in THE_OPERATORS:
                raise wrong(f"options.{key}", "is the operator's to set, on the worker")
            if not isinstance(value, (str, int, float, bool)):
                raise wrong(f"options.{key[:100]}", "must be a text, a number or a flag")
        if not options.surroundings.aiopslab_home:
            raise wrong("agent", "aiopslab needs a cluster whose environment is aiopslab")
        self._agent = self._make(name, arguments, options)

    def _make(self, name: str, arguments: dict[str, Any], options: Options) -> Any:
        place = options.surroundings
        checkout = open_checkout(place.aiopslab_home, place.cluster)
        registry = checkout.load("clients.registry").AgentRegistry()
        make = registry.get_agent(name)
        if make is None:
            raise wrong("name", f"must be one of: {', '.join(sorted(registry.get_agent_ids()))}")
        try:
            return make(**arguments)
        except Exception as reason:
            raise wrong(
                "options", f"cannot make the agent {name} ({type(reason).__name__}: {reason})"
            ) from reason

    def init_context(self, description: str, instructions: str, actions: dict[str, str]) -> None:
        self._agent.init_context(description, instructions, actions)

    async def get_action(self, observation: str) -> str:
        return await self._agent.get_action(observation)
