"""Start-up time and memory of each service, started in three ways; prints a table.

With the variables of make up: PYTHONPATH=infra/local python3 -m local_run.measure --help
"""

from __future__ import annotations

import argparse
import io
import os
import statistics
import time
from collections.abc import Sequence
from pathlib import Path

from local_run import health, passwords, program, services
from local_run import settings as choices
from local_run.components import COMPONENTS
from local_run.console import Console
from local_run.memory import resident
from local_run.passwords import Passwords
from local_run.postgres import Postgres
from local_run.processes import ProcessFiles
from local_run.program import Program
from local_run.rabbitmq import RabbitMq
from local_run.services import Service
from local_run.settings import Settings
from local_run.stop import stop
from local_run.waiting import until_ready


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="of which the medians are printed")
    parser.add_argument("--idle", type=int, default=60, help="seconds before memory is looked at")
    asked = parser.parse_args()
    settings = choices.read(os.environ)
    settings.folder.mkdir(parents=True, exist_ok=True)
    files = ProcessFiles(settings.folder / "processes")
    kept = passwords.read_or_make(settings.folder)
    try:
        database = Postgres(settings, kept, files)
        database.start()
        broker = RabbitMq(settings, kept, files)
        broker.start_name_server()
        broker.start()
        api = services.api(settings)
        chosen = [api, services.collector(settings), services.workers(settings)[0]]
        measurement = _Measurement(settings, kept, files, asked.idle)
        measurement.start(api, _ways(api, settings.folder)["fat jar"])
        database.apply_roles()
        stop([api.name], files, Console())
        for service in chosen:
            measurement.print(service, asked.rounds)
    finally:
        stop((each.name for each in COMPONENTS), files, Console())


def _ways(service: Service, folder: Path) -> dict[str, Program]:
    fast = program.prepare(service.jar, folder / "programs")
    return {
        "fat jar": Program((), service.jar),
        "unpacked": Program((), fast.jar),
        "unpacked, archive": fast,
    }


class _Measurement:
    def __init__(self, settings: Settings, kept: Passwords, files: ProcessFiles, idle: int) -> None:
        self._idle = idle
        self._settings = settings
        self._kept = kept
        self._files = files

    def print(self, service: Service, rounds: int) -> None:
        for way, chosen in _ways(service, self._settings.folder).items():
            ready, cpu, memory = zip(*(self._once(service, chosen) for _ in range(rounds)))
            figures = [f"{statistics.median(ready):.1f} s", f"{statistics.median(cpu):.1f} s"]
            figures.append(f"{statistics.median(memory) / 2**20:.0f} MiB")
            print(f"| {service.module} | {way} | {' | '.join(figures)} |", flush=True)

    def start(self, service: Service, chosen: Program) -> float:
        """Seconds until it is ready."""
        begin = time.monotonic()
        log = self._settings.log(service.name)
        environment = services.environment(service, self._settings, self._kept)
        process = self._files.start(
            service.name, chosen.command(), log, environment, service.port, ""
        )
        until_ready(process, lambda: health.is_ready(self._settings.address, service.port), log)
        return time.monotonic() - begin

    def _once(self, service: Service, chosen: Program) -> Sequence[float]:
        ready = self.start(service, chosen)
        process = self._files.alive(service.name)
        assert process is not None
        cpu = _cpu_seconds(process.pid)
        time.sleep(self._idle)
        memory = resident(process.pid)
        stop([service.name], self._files, Console(io.StringIO()))
        return ready, cpu, memory


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
