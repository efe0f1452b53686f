"""No action reaches the host's Docker: its containers belong to other runs and other people."""

from __future__ import annotations

from aiopslab_runner.orchestrator.checkout import Checkout


class NoDocker:
    """Stands where AIOpsLab makes its Docker client for the agent's `get_logs("docker", …)`."""

    def __init__(self) -> None:
        raise RuntimeError("the containers of the host are not part of this problem")


def refuse_docker(checkout: Checkout) -> None:
    actions = checkout.load("aiopslab.orchestrator.actions.base")
    if actions.Docker is not None:
        actions.Docker = NoDocker
