"""The part of kubectl that an operator uses every day, on the simulated cluster."""

from __future__ import annotations

from typing import Callable

from aiopslab_runner.simulator.kubectl import change, describe, get, inside, patch, rollout
from aiopslab_runner.simulator.kubectl.errors import KubectlError
from aiopslab_runner.simulator.kubectl.objects import VERSION
from aiopslab_runner.simulator.kubectl.options import CommandLine, read_command_line
from aiopslab_runner.simulator.simulation import Simulation

__all__ = ["KubectlError", "kubectl"]

VERBS: dict[str, Callable[[Simulation, CommandLine], str]] = {
    "get": lambda simulation, line: get.get(simulation.cluster, line),
    "describe": lambda simulation, line: describe.describe(simulation.cluster, line),
    "logs": lambda simulation, line: inside.logs(simulation.cluster, line),
    "exec": lambda simulation, line: inside.execute(simulation.cluster, line),
    "top": inside.top,
    "scale": lambda simulation, line: change.scale(simulation.cluster, line),
    "set": lambda simulation, line: change.set_image(simulation.cluster, line),
    "delete": lambda simulation, line: change.delete(simulation.cluster, line),
    "patch": lambda simulation, line: patch.patch(simulation.cluster, line),
    "rollout": rollout.rollout,
    "version": lambda simulation, line: f"Client Version: {VERSION}\nServer Version: {VERSION}",
}
INTERACTIVE = {
    "edit": "kubectl patch",
    "port-forward": "get_metrics or get_traces",
    "attach": "exec",
}


def kubectl(simulation: Simulation, words: list[str]) -> str:
    """What `kubectl` prints for these words. Raises KubectlError when it would fail."""
    line = read_command_line(words)
    if line.verb in INTERACTIVE:
        raise KubectlError(
            f"Error: kubectl {line.verb} needs a terminal, and there is none. Try "
            f"{INTERACTIVE[line.verb]}."
        )
    verb = VERBS.get(line.verb)
    if verb is None or line.has("--help"):
        known = ", ".join(VERBS)
        raise KubectlError(
            f"error: kubectl {line.verb[:50]}: this simulated cluster knows: {known}"
        )
    output = verb(simulation, line)
    simulation.settle()
    return output
