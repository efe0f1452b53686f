"""What can be chosen: by variables of the environment or of make, which passes them on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from local_run.problem import CannotGoOnError

ROOT = Path(__file__).resolve().parents[3]

# Beside those of an installed PostgreSQL or RabbitMQ, which may run already.
DEFAULT_PORTS = {
    "UP_API_PORT": 8000,
    "UP_WORKER_1_PORT": 8001,
    "UP_COLLECTOR_PORT": 8002,
    "UP_WORKER_2_PORT": 8003,
    "UP_POSTGRES_PORT": 15432,
    "UP_AMQP_PORT": 5673,
    "UP_MANAGEMENT_PORT": 15672,
    "UP_PROMETHEUS_PORT": 15692,
    "UP_EPMD_PORT": 4370,
    "UP_DISTRIBUTION_PORT": 25673,
}


@dataclass(frozen=True)
class Settings:
    """`folder` keeps all that is written; `address` is where the services listen."""

    folder: Path
    address: str
    ports: Mapping[str, int]

    @property
    def api_port(self) -> int:
        return self.ports["UP_API_PORT"]

    @property
    def worker_ports(self) -> tuple[int, int]:
        return self.ports["UP_WORKER_1_PORT"], self.ports["UP_WORKER_2_PORT"]

    @property
    def collector_port(self) -> int:
        return self.ports["UP_COLLECTOR_PORT"]

    @property
    def postgres_port(self) -> int:
        return self.ports["UP_POSTGRES_PORT"]

    @property
    def amqp_port(self) -> int:
        return self.ports["UP_AMQP_PORT"]

    @property
    def management_port(self) -> int:
        return self.ports["UP_MANAGEMENT_PORT"]

    def log(self, name: str) -> Path:
        return self.folder / f"{name}.log"


def read(environment: Mapping[str, str]) -> Settings:
    ports = {name: _port(name, environment, default) for name, default in DEFAULT_PORTS.items()}
    _refuse_doubles(ports)
    return Settings(
        folder=(ROOT / environment.get("UP_FOLDER", "run")).resolve(),
        address=environment.get("UP_ADDRESS") or "127.0.0.1",
        ports=ports,
    )


def _port(name: str, environment: Mapping[str, str], default: int) -> int:
    text = environment.get(name) or str(default)
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise CannotGoOnError(f"{name} must be a port, 1 to 65535, not '{text}'.")
    return int(text)


def _refuse_doubles(ports: Mapping[str, int]) -> None:
    seen: dict[int, str] = {}
    for name, port in ports.items():
        if port in seen:
            raise CannotGoOnError(f"{seen[port]} and {name} are both {port}. Choose another.")
        seen[port] = name
