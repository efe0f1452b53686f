"""A pod: its template, where it runs, and what became of its container."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from aiopslab_runner.simulator.images import GO_PORTS, find_image

LOG_LINES_KEPT = 400


class State(Enum):
    """What the container is doing; the value is what `kubectl get pods` prints for it."""

    PENDING = "Pending"
    RUNNING = "Running"
    CRASH_LOOP = "CrashLoopBackOff"
    CANNOT_EXECUTE = "RunContainerError"
    CANNOT_PULL = "ImagePullBackOff"


@dataclass(frozen=True)
class LastEnd:
    """How the container ended the last time; `at` in simulated seconds."""

    reason: str
    exit_code: int
    at: float
    message: str = ""


@dataclass(frozen=True)
class Network:
    """What is wrong with the packets a pod sends."""

    delay_seconds: float = 0.0
    lost_share: float = 0.0


@dataclass
class Pod:
    name: str
    namespace: str
    deployment: str
    replica_set: str
    labels: dict[str, str]
    spec: dict[str, Any]
    created: float
    ip: str
    node: str = ""
    state: State = State.PENDING
    why: str = ""
    started: float | None = None
    next_attempt: float = 0.0
    attempts: int = 0
    restarts: int = 0
    last_end: LastEnd | None = None
    network: Network = field(default_factory=Network)
    image_override: str | None = None
    log: deque[tuple[float, str]] = field(default_factory=lambda: deque(maxlen=LOG_LINES_KEPT))
    previous_log: list[tuple[float, str]] | None = None

    @property
    def ready(self) -> bool:
        return self.state is State.RUNNING

    @property
    def container(self) -> dict[str, Any]:
        return self.spec["containers"][0]

    @property
    def image(self) -> str:
        return self.image_override or str(self.container.get("image", ""))

    @property
    def binary(self) -> str:
        """The base name of what the container runs, or is meant to run."""
        command = self.container.get("command") or []
        if command:
            return str(command[0]).rpartition("/")[2]
        image = find_image(self.image)
        return image.entrypoint if image else ""

    @property
    def listened_ports(self) -> set[Any]:
        """A Go service listens where its binary does, whatever the manifest says."""
        if self.binary in GO_PORTS:
            return {GO_PORTS[self.binary]}
        return {entry.get("containerPort") for entry in self.container.get("ports") or []}

    def print(self, at: float, line: str) -> None:
        self.log.append((at, line))
