"""The environments there are. A new one is one line here; only the cluster's own is imported."""

from __future__ import annotations

import pkgutil

from aiopslab_runner.environment import Environment, Setting
from aiopslab_runner.failures import ENVIRONMENT_SETUP_FAILED, RunFailure

ENVIRONMENTS = {
    "aiopslab": "aiopslab_runner.orchestrator.environment:AIOpsLabEnvironment",
    "simulator": "aiopslab_runner.simulator.environment:SimulatedEnvironment",
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
    environment: Environment = pkgutil.resolve_name(ENVIRONMENTS[name])(setting)
    return environment
