"""make up: starts what does not run, and nothing else; what it started ends again if it fails."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from local_run import health, passwords, ports, program, rabbitmq, services
from local_run.components import COMPONENTS, Component
from local_run.console import Console
from local_run.passwords import Passwords
from local_run.postgres import NAME as POSTGRES
from local_run.postgres import Postgres
from local_run.problem import CannotGoOnError
from local_run.processes import ProcessFiles, Running
from local_run.program import Program
from local_run.rabbitmq import RabbitMq
from local_run.services import Service
from local_run.settings import Settings
from local_run.stop import stop
from local_run.waiting import until_ready
from local_run.welcome import welcome

AT_ONCE = 2  # jars to prepare; each keeps more than one core busy


def up(settings: Settings, files: ProcessFiles, console: Console) -> None:
    begin = time.monotonic()
    ran_before = {each.name for each in COMPONENTS if files.alive(each.name)}
    _preflight(settings, files)
    kept = passwords.read_or_make(settings.folder)
    try:
        with console.ticking():
            _Start(settings, kept, files, console).run()
    except BaseException:
        started = {each.name for each in COMPONENTS if each.name not in ran_before}
        console.say("It failed; stopping what was started ...")
        stop(started, files, console)
        raise
    console.say(welcome(settings, time.monotonic() - begin))


class _Start:
    def __init__(
        self, settings: Settings, kept: Passwords, files: ProcessFiles, console: Console
    ) -> None:
        self._settings = settings
        self._passwords = kept
        self._files = files
        self._console = console
        self._postgres = Postgres(settings, kept, files)
        self._rabbitmq = RabbitMq(settings, kept, files)
        self._programs: dict[str, Program] = {}

    def run(self) -> None:
        api = services.api(self._settings)
        others = [services.collector(self._settings), *services.workers(self._settings)]
        self._together(
            lambda: self._ensure(
                POSTGRES, "until it answers, and has its roles", self._postgres.start
            ),
            lambda: self._ensure(
                rabbitmq.NAME, "until it answers, and has its users", self._rabbitmq.start
            ),
            lambda: self._prepare([api, *others]),
        )
        if self._ensure(api.name, "until it has migrated and is ready", lambda: self._start(api)):
            self._postgres.apply_roles()
        self._together(*(self._starter(each) for each in others))

    def _starter(self, service: Service) -> Callable[[], bool]:
        return lambda: self._ensure(service.name, "until it is ready", lambda: self._start(service))

    def _ensure(self, name: str, what: str, start: Callable[[], Running]) -> bool:
        """Whether it had to be started."""
        process = self._files.alive(name)
        if process:
            self._console.line("runs", name, None, f"as process {process.pid}")
            return False
        with self._console.waiting(name, what):
            process = start()
        self._console.line("ready", name, process.ready_after, f"port {process.port}")
        return True

    def _prepare(self, all_services: Sequence[Service]) -> None:
        folder = self._settings.folder / "programs"
        folder.mkdir(exist_ok=True)
        running = [self._files.alive(each.name) for each in all_services]
        begin = time.monotonic()
        with self._console.waiting("programs", "until jars are unpacked and classes archived"):
            jars = {service.module: service.jar for service in all_services}
            with ThreadPoolExecutor(AT_ONCE) as pool:
                made = pool.map(lambda jar: program.prepare(jar, folder), jars.values())
                self._programs = dict(zip(jars, made))
        self._console.line("ready", "programs", time.monotonic() - begin, "")
        for each in self._programs.values():
            if each.trouble:
                self._console.say(each.trouble)
        chosen = {each.jar.parent for each in self._programs.values()}
        in_use = {Path(process.program) for process in running if process}
        program.forget_others(folder, chosen | in_use)
        self._tell_old(all_services)

    def _tell_old(self, all_services: Sequence[Service]) -> None:
        for service in all_services:
            process = self._files.alive(service.name)
            if process and process.program != str(self._programs[service.module].jar.parent):
                self._console.say(
                    f"  {service.name} runs an earlier build. To run this one: make down up"
                )

    def _start(self, service: Service) -> Running:
        chosen = self._programs[service.module]
        settings = self._settings
        log = settings.log(service.name)
        process = self._files.start(
            service.name,
            chosen.command(),
            log,
            services.environment(service, settings, self._passwords),
            service.port,
            str(chosen.jar.parent),
        )
        until_ready(process, lambda: health.is_ready(settings.address, service.port), log)
        return self._files.note_ready(process)

    def _together(self, *parts: Callable[[], object]) -> None:
        with ThreadPoolExecutor(len(parts)) as pool:
            for future in [pool.submit(part) for part in parts]:
                future.result()


def _preflight(settings: Settings, files: ProcessFiles) -> None:
    if shutil.which("java") is None:
        raise CannotGoOnError("no java on PATH. Install a JDK 17 or newer.")
    rabbitmq.find_script()
    for component in COMPONENTS:
        process = files.alive(component.name)
        if process is None:
            _refuse_taken_ports(component, settings)
        elif process.port not in [settings.ports[name] for name in component.ports]:
            raise CannotGoOnError(
                f"{component.name} runs on port {process.port}, not where {component.ports[0]}"
                " says. Stop it first: make down"
            )


def _refuse_taken_ports(component: Component, settings: Settings) -> None:
    for name in component.ports:
        port = settings.ports[name]
        address = settings.address if component.name.startswith("t") else "127.0.0.1"
        if not ports.is_free(address, port):
            raise CannotGoOnError(
                f"port {port}, which {component.name} needs, is taken by {ports.owner(port)}."
                f" Stop that, or choose another: make up {name}={port + 100}"
            )
