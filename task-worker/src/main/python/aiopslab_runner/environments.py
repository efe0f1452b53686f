"""The environments there are. A new one is one line here."""

from __future__ import annotations

from typing import Callable

from aiopslab_runner.environment import Environment, Setting
from aiopslab_runner.failures import ENVIRONMENT_SETUP_FAILED, RunFailure
from aiopslab_runner.orchestrator.environment import AIOpsLabEnvironment
from aiopslab_runner.simulator.environment import SimulatedEnvironment

ENVIRONMENTS: dict[str, Callable[[Setting], Environment]] = {
    "aiopslab": AIOpsLabEnvironment,
    "simulator": SimulatedEnvironment,
}


def make_environment(name: str, setting: Setting) -> Environment:
    if name not in ENVIRONMENTS:
        known = ", ".join(sorted(ENVIRONMENTS))
        raise RunFailure(
            ENVIRONMENT_SETUP_FAILED,
            f"this runner has no environment {name[:100]!r}; set the cluster's environment to one "
            f"of: {known}",
            {"environment": name, "environments": sorted(ENVIRONMENTS)},
        )
    return ENVIRONMENTS[name](setting)
