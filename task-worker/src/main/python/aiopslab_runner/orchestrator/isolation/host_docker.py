"""No run reaches the host's Docker: its containers belong to other runs and other people.

AIOpsLab's injector of Kubernetes faults makes a Docker client too, for its Flower problems alone
(generators/fault/inject_virtual.py), and would fail where the worker may not use Docker's socket.
"""

from __future__ import annotations

from aiopslab_runner.orchestrator.checkout import Checkout

INJECTOR = "aiopslab.generators.fault.inject_virtual"


class NoDocker:
    """Stands where AIOpsLab makes its Docker client for the agent's `get_logs("docker", …)`."""

    def __init__(self) -> None:
        raise RuntimeError("the containers of the host are not part of this problem")


class UnusedDocker:
    """Stands where an injector makes a Docker client that no problem on Kubernetes uses."""

    def __getattr__(self, name: str) -> object:
        raise RuntimeError(f"{name}: the containers of the host are not part of this problem")


def refuse_docker(checkout: Checkout) -> None:
    actions = checkout.load("aiopslab.orchestrator.actions.base")
    if actions.Docker is not None:
        actions.Docker = NoDocker
    if (checkout.home / (INJECTOR.replace(".", "/") + ".py")).is_file():
        checkout.load(INJECTOR).Docker = UnusedDocker
