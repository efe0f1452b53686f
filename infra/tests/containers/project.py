"""infra/compose.yaml as it stands, in a copy of the sources, under a name of its own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from containers.engine import ROOT, Engine
from containers.tasks import answers

# By whose answer a service is known to serve; PostgreSQL is asked inside its container.
SERVES = {
    "task-api": "http://127.0.0.1:8000/actuator/health/readiness",
    "result-collector": "http://127.0.0.1:8002/actuator/health/readiness",
    "task-worker-1": "http://127.0.0.1:8001/actuator/health/readiness",
    "task-worker-2": "http://127.0.0.1:8003/actuator/health/readiness",
    "rabbitmq": "http://127.0.0.1:15672/",
    "prometheus": "http://127.0.0.1:9090/-/ready",
    "grafana": "http://127.0.0.1:3000/api/health",
}
NOT_COPIED = {".git", "target", "run", "data", "infra/secrets"}


# What it makes begins with this name; its images have the tag.
NAME, VERSION = "aiopslab-test", "test"


class Project:
    def __init__(self, engine: Engine, folder: Path) -> None:
        self._engine = engine
        self.root = folder / "source"
        self._file = self.root / "infra/compose.yaml"
        shutil.copytree(ROOT, self.root, ignore=_left_out, symlinks=True)
        script = self.root / "infra/scripts/make-secrets.sh"
        subprocess.run(["sh", script], check=True, timeout=60)
        self.services: dict[str, Any] = json.loads(self.compose("config", "--format=json"))[
            "services"
        ]

    def compose(self, *arguments: str) -> str:
        return self._engine.compose(self._file, NAME, VERSION, *arguments)

    def images(self) -> dict[str, list[str]]:
        """Services by image."""
        found: dict[str, list[str]] = {}
        for name, service in self.services.items():
            found.setdefault(service["image"], []).append(name)
        return found

    def leave_out(self, services: list[str]) -> None:
        for name in services:
            del self.services[name]

    def up(self) -> None:
        self.compose("up", "--detach", "--no-build", *self.services)

    def lasting(self) -> list[str]:
        """Services that go on, unlike those that set something up once."""
        return [name for name, each in self.services.items() if each.get("restart") != "no"]

    def once(self) -> list[str]:
        return [name for name in self.services if name not in self.lasting()]

    def container(self, service: str) -> str:
        return f"{NAME}-{service}-1"

    def inspect(self, service: str) -> Any:
        return self._engine.inspect(self.container(service))

    def state(self, service: str) -> Any:
        found = self.inspect(service)
        return found["State"] if found else {}

    def is_healthy(self, service: str) -> bool:
        """By its own check where it has one, which the engine makes; else whether it runs."""
        state = self.state(service)
        health = state.get("Health")
        return bool(health["Status"] == "healthy" if health else state.get("Running"))

    def serves(self, service: str) -> bool:
        if service in SERVES:
            return answers(SERVES[service])
        ask = ["exec", self.container(service), "pg_isready", "--quiet", "--host=127.0.0.1"]
        return self._engine.answers(*ask)

    def age(self, service: str) -> float:
        """Seconds since its container was started."""
        text = self.state(service)["StartedAt"]
        began = datetime.fromisoformat(f"{text[:19]}+00:00").timestamp() + float(f"0.{text[20:26]}")
        return time.time() - began

    def crash(self, service: str) -> str:
        """
        Kills its main process; says who has to bring it back: the engine, by the file's restart
        policy, where the process can be killed from here, which looks like a crash to it.
        """
        pid = self.state(service)["Pid"]
        if _is_ours(pid, self.inspect(service)["Id"]):
            os.kill(pid, signal.SIGKILL)
            return "the engine"
        self._engine.docker("kill", self.container(service))
        self._engine.docker("start", self.container(service))
        return "the test"

    def stop(self, service: str) -> None:
        """As `docker compose stop` does: SIGTERM, and patience."""
        self.compose("stop", service)

    def log(self, service: str, lines: int | None = None) -> str:
        return self._engine.logs(self.container(service), lines)

    def secrets(self) -> list[str]:
        files = (self.root / "infra/secrets").rglob("*")
        return [file.read_text() for file in files if file.is_file() and file.suffix != ".conf"]

    def mapped_files(self, service: str) -> str:
        """What its processes have mapped into their memory."""
        ask = "cat /proc/[0-9]*/maps 2>/dev/null; true"
        return self._engine.docker("exec", self.container(service), "sh", "-c", ask)

    def environment(self, service: str) -> str:
        """What its processes and its container's settings have in the environment."""
        ask = "cat /proc/[0-9]*/environ 2>/dev/null; true"
        set_by_engine = "\n".join(self.inspect(service)["Config"]["Env"])
        container = self.container(service)
        return set_by_engine + self._engine.docker("exec", container, "sh", "-c", ask)

    def ports_taken(self) -> list[int]:
        """Of this machine's ports, those that the file publishes and that somebody else has."""
        taken = []
        for service in self.services.values():
            for port in service.get("ports", []):
                with socket.socket() as probe:
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    try:
                        probe.bind((port["host_ip"], int(port["published"])))
                    except OSError:
                        taken.append(int(port["published"]))
        return taken

    def down(self, *more: str) -> None:
        self.compose("down", "--timeout=60", *more)

    def left_over(self) -> list[str]:
        """Containers, networks and volumes of its name."""
        label = f"label=com.docker.compose.project={NAME}"
        found = self._engine.docker("ps", "--all", "--quiet", "--filter", label).split()
        for kind in ("network", "volume"):
            found += self._engine.docker(kind, "ls", "--quiet", "--filter", label).split()
        return found


def _left_out(folder: str, names: list[str]) -> set[str]:
    place = Path(folder).relative_to(ROOT)
    return {
        name
        for name in names
        if str(place / name) in NOT_COPIED or name in ("target", "__pycache__", ".git")
    }


def _is_ours(pid: int, container: str) -> bool:
    """Whether the process is one that this test may kill: of that container, on this machine."""
    try:
        return os.geteuid() == 0 and container in Path(f"/proc/{pid}/cgroup").read_text()
    except OSError:
        return False
