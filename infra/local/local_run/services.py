"""The services: what each is told by its environment, and in which order they come up."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from local_run import postgres, rabbitmq
from local_run.passwords import Passwords, write_for_owner
from local_run.settings import ROOT, Settings

MIGRATOR = "aiopslab_migrator"
PYTHON = "AIOPSLAB_WORKER_CLUSTERS_0_PYTHON"
# Would lead a service to other servers than those of this run.
FOREIGN = ("SPRING_DATASOURCE_", "SPRING_RABBITMQ_", "SPRING_LIQUIBASE_", "SERVER_")


@dataclass(frozen=True)
class Service:
    """`module` has the jar; `user` is who it is at database and broker, `migrator` the role that
    migrates, where it does."""

    name: str
    module: str
    user: str
    port: int
    own: Mapping[str, str]
    migrator: str = ""

    @property
    def jar(self) -> Path:
        return ROOT / self.module / "target" / f"{self.module}-exec.jar"


def api(settings: Settings) -> Service:
    own = {"SPRING_LIQUIBASE_USER": MIGRATOR}
    return Service("task-api", "task-api", "aiopslab_api", settings.api_port, own, MIGRATOR)


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
    secrets = _write_secrets(service, settings, passwords)
    return {
        **inherited,
        "SPRING_CONFIG_IMPORT": ",".join(
            [*filter(None, [inherited.get("SPRING_CONFIG_IMPORT")]), f"configtree:{secrets}/"]
        ),
        "SERVER_ADDRESS": settings.address,
        "SERVER_PORT": str(service.port),
        "SPRING_DATASOURCE_URL": (
            f"jdbc:postgresql://{postgres.HOST}:{settings.postgres_port}/{postgres.DATABASE}"
        ),
        "SPRING_DATASOURCE_USERNAME": service.user,
        "SPRING_RABBITMQ_HOST": rabbitmq.HOST,
        "SPRING_RABBITMQ_PORT": str(settings.amqp_port),
        "SPRING_RABBITMQ_VIRTUALHOST": rabbitmq.VIRTUAL_HOST,
        "SPRING_RABBITMQ_USERNAME": service.user,
        **service.own,
    }


def _write_secrets(service: Service, settings: Settings, passwords: Passwords) -> Path:
    """A file for each property, named for it: what is in an environment, `ps` shows to some."""
    folder = settings.folder / "secrets" / service.name
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    secrets = {
        "spring.datasource.password": passwords.database[service.user],
        "spring.rabbitmq.password": passwords.broker[service.user],
    }
    if service.migrator:
        secrets["spring.liquibase.password"] = passwords.database[service.migrator]
    for name, value in secrets.items():
        write_for_owner(folder / name, value)
    return folder
