"""The services: what each is told by its environment, and in which order they come up."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from local_run import postgres, rabbitmq
from local_run.passwords import Passwords
from local_run.settings import ROOT, Settings

PYTHON = "AIOPSLAB_WORKER_CLUSTERS_0_PYTHON"
# Would lead a service to other servers than those of this run.
FOREIGN = ("SPRING_DATASOURCE_", "SPRING_RABBITMQ_", "SPRING_LIQUIBASE_", "SERVER_")


@dataclass(frozen=True)
class Service:
    """`module` has the jar; `user` is who it is at database and broker."""

    name: str
    module: str
    user: str
    port: int
    own: Mapping[str, str]

    @property
    def jar(self) -> Path:
        return ROOT / self.module / "target" / f"{self.module}-exec.jar"


def api(settings: Settings, passwords: Passwords) -> Service:
    migrator = {
        "SPRING_LIQUIBASE_USER": "aiopslab_migrator",
        "SPRING_LIQUIBASE_PASSWORD": passwords.database["aiopslab_migrator"],
    }
    return Service("task-api", "task-api", "aiopslab_api", settings.api_port, migrator)


def collector(settings: Settings) -> Service:
    port = settings.collector_port
    return Service("result-collector", "result-collector", "aiopslab_collector", port, {})


def workers(settings: Settings) -> list[Service]:
    return [_worker(settings, number, port) for number, port in enumerate(settings.worker_ports, 1)]


def _worker(settings: Settings, number: int, port: int) -> Service:
    """A simulated cluster, unless the environment says what else it is."""
    name = f"task-worker-{number}"
    folder = settings.folder / name
    own = {
        "AIOPSLAB_WORKER_CLUSTERS_0_NAME": f"worker-{number:03}-kind",
        PYTHON: os.environ.get(PYTHON, sys.executable),
        "AIOPSLAB_WORKER_SPOOLDIRECTORY": str(folder / "spool"),
        "AIOPSLAB_WORKER_SCRATCHDIRECTORY": str(folder / "scratch"),
    }
    return Service(name, "task-worker", "aiopslab_worker", port, own)


def environment(service: Service, settings: Settings, passwords: Passwords) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    return {
        **inherited,
        "SERVER_ADDRESS": settings.address,
        "SERVER_PORT": str(service.port),
        "SPRING_DATASOURCE_URL": (
            f"jdbc:postgresql://{postgres.HOST}:{settings.postgres_port}/{postgres.DATABASE}"
        ),
        "SPRING_DATASOURCE_USERNAME": service.user,
        "SPRING_DATASOURCE_PASSWORD": passwords.database[service.user],
        "SPRING_RABBITMQ_HOST": rabbitmq.HOST,
        "SPRING_RABBITMQ_PORT": str(settings.amqp_port),
        "SPRING_RABBITMQ_VIRTUALHOST": rabbitmq.VIRTUAL_HOST,
        "SPRING_RABBITMQ_USERNAME": service.user,
        "SPRING_RABBITMQ_PASSWORD": passwords.broker[service.user],
        **service.own,
    }
