"""make up: starts what does not run, and nothing else; what it started ends again if it fails."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from local_run import ending, health, passwords, ports, program, rabbitmq, services
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
from local_run.side_by_side import side_by_side
from local_run.stop import stop
from local_run.waiting import until_ready
from local_run.welcome import welcome

# Jars to prepare at a time; each keeps more than one core busy, beside servers that start.
AT_ONCE = 2
PROGRAMS = "programs"
API_READY = "task-api, and roles for its tables"


def up(settings: Settings, files: ProcessFiles, console: Console) -> None:
    begin = time.monotonic()
    rabbitmq.adopt_name_server(settings, files)
    ran_before = {each.name for each in COMPONENTS if files.alive(each.name)}
    _preflight(settings, files)
    kept = passwords.read_or_make(settings.folder)
    try:
        with console.ticking():
            _Start(settings, kept, files, console).run()
    except BaseException as reason:
        word = "Interrupted" if isinstance(reason, KeyboardInterrupt) else "It failed"
        console.say(f"{word}; stopping what was started ...")
        ending.begin()
        started = {each.name for each in COMPONENTS if each.name not in ran_before}
        stop(started, files, console)
        raise
    console.say(welcome(settings, time.monotonic() - begin))


class _Start:
    """Each part begins as soon as what it needs is ready, which it waits for by name."""

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
        self._preparing = threading.Semaphore(AT_ONCE)
        self._events: dict[str, threading.Event] = {}

    def run(self) -> None:
        api = services.api(self._settings)
        others = [services.collector(self._settings), *services.workers(self._settings)]
        jars = {service.module: service.jar for service in [api, *others]}
        folder = self._settings.folder / PROGRAMS
        folder.mkdir(exist_ok=True)
        in_use = {process.program for process in map(self._alive, [api, *others]) if process}
        side_by_side(
            self._start_postgres,
            self._start_rabbitmq,
            # The first is needed first.
            *(partial(self._prepare, module, jars[module], folder) for module in jars),
            partial(self._tell_programs, list(jars)),
            partial(self._start_api, api),
            *(partial(self._start_behind_api, each) for each in others),
        )
        chosen = {each.jar.parent for each in self._programs.values()}
        program.forget_others(folder, chosen | set(map(Path, in_use)))
        self._tell_old([api, *others])

    def _alive(self, service: Service) -> Running | None:
        return self._files.alive(service.name)

    def _ready(self, name: str) -> threading.Event:
        return self._events.setdefault(name, threading.Event())

    def _await(self, *names: str) -> None:
        for name in names:
            ending.wait_for(self._ready(name))

    def _start_postgres(self) -> None:
        self._ensure(POSTGRES, "until it answers, and has its roles", self._postgres.start)

    def _start_rabbitmq(self) -> None:
        server = self._rabbitmq
        self._ensure(rabbitmq.EPMD, "until it answers", server.start_name_server)
        self._ensure(rabbitmq.NAME, "until it answers, and has its users", server.start)

    def _prepare(self, module: str, jar: Path, folder: Path) -> None:
        with self._preparing:
            self._programs[module] = program.prepare(jar, folder)
        self._ready(_program(module)).set()

    def _tell_programs(self, modules: Sequence[str]) -> None:
        begin = time.monotonic()
        with self._console.waiting(PROGRAMS, "until jars are unpacked and classes archived"):
            self._await(*map(_program, modules))
        self._console.line("ready", PROGRAMS, time.monotonic() - begin, "")
        for each in self._programs.values():
            if each.trouble:
                self._console.say(each.trouble)

    def _start_api(self, api: Service) -> None:
        self._await(POSTGRES, rabbitmq.NAME, _program(api.module))
        if self._ensure(api.name, "until it has migrated and is ready", lambda: self._start(api)):
            self._postgres.apply_roles()
        self._ready(API_READY).set()

    def _start_behind_api(self, service: Service) -> None:
        self._await(API_READY, _program(service.module))
        self._ensure(service.name, "until it is ready", lambda: self._start(service))

    def _ensure(self, name: str, what: str, start: Callable[[], Running]) -> bool:
        """Whether it had to be started."""
        process = self._files.alive(name)
        if process:
            self._console.line("runs", name, None, f"as process {process.pid}")
            self._ready(name).set()
            return False
        with self._console.waiting(name, what):
            process = start()
        self._console.line("ready", name, process.ready_after, f"port {process.port}")
        self._ready(name).set()
        return True

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


def _program(module: str) -> str:
    return f"the program of {module}"


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
