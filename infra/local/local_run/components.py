"""Everything that runs, in the order in which it comes up."""

from __future__ import annotations

import signal
from dataclasses import dataclass

from local_run import postgres, rabbitmq
from local_run.settings import Settings


@dataclass(frozen=True)
class Component:
    """`stop` asks it to end; `force` makes it, after `patience` seconds. `log` is a log's name."""

    name: str
    ports: tuple[str, ...]
    log: str
    patience: float
    stop: signal.Signals = signal.SIGTERM
    force: signal.Signals = signal.SIGKILL


COMPONENTS = (
    # Fast and immediate shutdown: SIGTERM would wait for every client to leave.
    Component(
        postgres.NAME, ("UP_POSTGRES_PORT",), postgres.NAME, 60, signal.SIGINT, signal.SIGQUIT
    ),
    Component(rabbitmq.EPMD, ("UP_EPMD_PORT",), rabbitmq.NAME, 5),
    Component(
        rabbitmq.NAME,
        ("UP_AMQP_PORT", "UP_MANAGEMENT_PORT", "UP_PROMETHEUS_PORT", "UP_DISTRIBUTION_PORT"),
        rabbitmq.NAME,
        90,
    ),
    Component("task-api", ("UP_API_PORT",), "task-api", 60),
    Component("result-collector", ("UP_COLLECTOR_PORT",), "result-collector", 60),
    # Longer than the worker's own limit: spring.lifecycle.timeout-per-shutdown-phase.
    Component("task-worker-1", ("UP_WORKER_1_PORT",), "task-worker-1", 180),
    Component("task-worker-2", ("UP_WORKER_2_PORT",), "task-worker-2", 180),
)


def url(settings: Settings, port: int) -> str:
    host = "localhost" if settings.address in ("127.0.0.1", "0.0.0.0", "::") else settings.address
    return f"http://{host}:{port}"
