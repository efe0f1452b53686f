"""One of AIOpsLab's own agents, by its name in AIOpsLab's registry (clients/registry.py)."""

from __future__ import annotations

import functools
import os
import sys
from typing import Any, Callable

from aiopslab_runner.agents.options import Options, wrong
from aiopslab_runner.failures import RunFailure
from aiopslab_runner.orchestrator.checkout import open_checkout

# Variables that make a run this worker's, and no other's; never the checkout's to set.
THE_RUNS = ("AIOPSLAB_", "DOCKER_", "KUBE", "LD_", "PYTHON", "XDG_")
PACKAGES = {"groq": "groq>=0.28,<0.29"}
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
        self._service_failure: Exception | None = None
        self._agent = self._make(name, arguments, options)

    def _make(self, name: str, arguments: dict[str, Any], options: Options) -> Any:
        place = options.surroundings
        checkout = open_checkout(place.aiopslab_home, place.cluster)
        before = set(os.environ)
        try:
            registry = checkout.load("clients.registry").AgentRegistry()
        except RunFailure as failure:
            raise _missing_package(failure) or failure from failure
        _bound_dotenv(set(os.environ) - before, place.log)
        make = registry.get_agent(name)
        if make is None:
            raise wrong("name", f"must be one of: {', '.join(sorted(registry.get_agent_ids()))}")
        try:
            return self._hearing(make(**arguments))
        except Exception as reason:
            raise wrong(
                "options", f"cannot make the agent {name} ({type(reason).__name__}: {reason})"
            ) from reason

    def _hearing(self, agent: Any) -> Any:
        """An agent may say the failure of its model's service as if it were its action."""
        service: Any = getattr(agent, "llm", None)
        ask = getattr(service, "run", None)
        if not callable(ask):
            return agent

        @functools.wraps(ask)
        def asking(*arguments: Any, **named: Any) -> Any:
            try:
                answer = ask(*arguments, **named)
            except Exception as reason:
                self._service_failure = reason
                raise
            self._service_failure = None
            return answer

        service.run = asking
        return agent

    def init_context(self, description: str, instructions: str, actions: dict[str, str]) -> None:
        self._agent.init_context(description, instructions, actions)

    def told(self) -> tuple[str, str] | None:
        """The beginning of its history, where it has one of AIOpsLab's form."""
        history = getattr(self._agent, "history", None)
        if not isinstance(history, list) or len(history) < 2:
            return None
        system, user = history[:2]
        if not (isinstance(system, dict) and isinstance(user, dict)):
            return None
        if (system.get("role"), user.get("role")) != ("system", "user"):
            return None
        return str(system.get("content")), str(user.get("content"))

    async def get_action(self, observation: str) -> str:
        """Raises what its model's service raised, whatever the agent made of it."""
        self._service_failure = None
        response = await self._agent.get_action(observation)
        if self._service_failure is not None:
            raise self._service_failure
        return response


def _bound_dotenv(added: set[str], log: Callable[..., None]) -> None:
    """AIOpsLab's agents read the checkout's `.env`, which is the same for every run."""
    refused = {name for name in added if name.startswith(THE_RUNS)}
    for name in refused:
        del os.environ[name]
    if added - refused:
        log("info", f"The checkout's .env sets {', '.join(sorted(added - refused))}.")
    if refused:
        log("warning", f"The checkout's .env may not set {', '.join(sorted(refused))}.")


def _missing_package(failure: RunFailure) -> RunFailure | None:
    """AIOpsLab's agents are imported together, so each needs what any of them needs."""
    cause = failure.__cause__
    if not isinstance(cause, ModuleNotFoundError) or not cause.name:
        return None
    package = cause.name.partition(".")[0]
    wanted = PACKAGES.get(package, package)
    return wrong(
        "agent",
        f"aiopslab needs the Python package {package}, which the cluster's python lacks; the "
        f"operator installs it once: {sys.executable} -m pip install '{wanted}'",
    )
