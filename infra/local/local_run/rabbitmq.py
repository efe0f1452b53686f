"""A RabbitMQ node of this run's own, with its management UI, on loopback only."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from urllib.parse import quote

from local_run import ports
from local_run.passwords import USERS, Passwords
from local_run.problem import CannotGoOnError
from local_run.processes import ProcessFiles, Running, find
from local_run.settings import ROOT, Settings
from local_run.waiting import until_ready
from local_run.web import Answer, call

NAME = "rabbitmq"
EPMD = "rabbitmq-epmd"
HOST = "127.0.0.1"
NODE = "aiopslab@localhost"
VIRTUAL_HOST = "aiopslab"
ADMINISTRATOR = "aiopslab_admin"
DATA = "RABBITMQ_MNESIA_BASE"
DEFINITIONS = ROOT / "infra" / "rabbitmq" / "definitions.json"
# Without the wrapper by which a distribution changes the user.
FOLDERS = ("/usr/lib/rabbitmq/bin", "/opt/homebrew/sbin", "/usr/local/sbin")


class RabbitMq:
    def __init__(self, settings: Settings, passwords: Passwords, files: ProcessFiles) -> None:
        self._settings = settings
        self._password = passwords.broker
        self._files = files
        self._folder = settings.folder / NAME

    def start(self) -> Running:
        """Returns once users, permissions, policies and queues are there."""
        script = find_script()
        self._configure(script)
        log = self._settings.log(NAME)
        port = self._settings.management_port
        process = self._files.start(
            NAME, [str(script)], log, self._environment(), port, str(script)
        )
        until_ready(process, lambda: self.manage("/api/overview").status == 200, log)
        self._define()
        return self._files.note_ready(process)

    def manage(self, path: str, method: str = "GET", body: str | None = None) -> Answer:
        """A call of the management API as the administrator."""
        user = (ADMINISTRATOR, self._password[ADMINISTRATOR])
        return call(HOST, self._settings.management_port, path, method, body, user)

    def _define(self) -> None:
        for user in USERS:
            tags = "administrator" if user == ADMINISTRATOR else ""
            body = json.dumps({"password": self._password[user], "tags": tags})
            self._put(f"/api/users/{quote(user)}", "PUT", body)
        self._put("/api/definitions", "POST", DEFINITIONS.read_text())

    def _put(self, path: str, method: str, body: str) -> None:
        answer = self.manage(path, method, body)
        if answer.status // 100 != 2:
            raise CannotGoOnError(f"RabbitMQ refused {method} {path}: {answer.body}")

    def start_name_server(self) -> Running:
        """Returns once it answers. A node that lost its own may just have started another."""
        port = self._settings.ports["UP_EPMD_PORT"]
        command = [_find_epmd(), "-address", HOST, "-port", str(port)]
        self._folder.mkdir(exist_ok=True)
        log = self._settings.log(NAME)
        process = self._files.start(EPMD, command, log, self._environment(), port, command[0])
        try:
            until_ready(process, lambda: process.is_alive() and ports.answers(HOST, port), log)
        except CannotGoOnError:
            other = adopt_name_server(self._settings, self._files)
            if other is None:
                raise
            return other
        return self._files.note_ready(process)

    def _configure(self, script: Path) -> None:
        self._folder.mkdir(exist_ok=True)
        chosen = self._settings.ports
        _write(
            self._folder / "rabbitmq.conf",
            f"""\
listeners.tcp.local = {HOST}:{self._settings.amqp_port}
management.tcp.ip = {HOST}
management.tcp.port = {self._settings.management_port}
prometheus.tcp.ip = {HOST}
prometheus.tcp.port = {chosen["UP_PROMETHEUS_PORT"]}
default_vhost = {VIRTUAL_HOST}
default_user = {ADMINISTRATOR}
default_pass = {self._password[ADMINISTRATOR]}
log.file = false
log.console = true
log.console.level = info
""",
        )
        _write(self._folder / "plugins", "[rabbitmq_management, rabbitmq_prometheus].\n")
        exports = "".join(
            f"export {name}='{value}'\n" for name, value in sorted(self._own_environment().items())
        )
        control = self._settings.folder / "rabbitmqctl"
        _write(
            control, f'#!/bin/sh\n{exports}exec {script.with_name("rabbitmqctl")} -n {NODE} "$@"\n'
        )
        control.chmod(0o700)

    def _environment(self) -> dict[str, str]:
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("RABBITMQ_", "ERL_", "NOTIFY"))
        }
        path = os.pathsep.join([inherited.get("PATH", ""), *_erlang_folders()])
        return {**inherited, "PATH": path, **self._own_environment()}

    def _own_environment(self) -> dict[str, str]:
        folder = self._folder
        return {
            "HOME": str(folder),
            "RUNNING_UNDER_SYSTEMD": "true",  # stay in the foreground, as one process
            "ERL_EPMD_PORT": str(self._settings.ports["UP_EPMD_PORT"]),
            "ERL_EPMD_ADDRESS": HOST,
            "RABBITMQ_NODENAME": NODE,
            "RABBITMQ_DIST_PORT": str(self._settings.ports["UP_DISTRIBUTION_PORT"]),
            DATA: str(data(self._settings)),
            "RABBITMQ_LOG_BASE": str(folder),
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(folder / "advanced.config"),
            "RABBITMQ_CONF_ENV_FILE": str(folder / "no-environment"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
            "RABBITMQ_PID_FILE": str(folder / "pid"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": ("-kernel inet_dist_use_interface {127,0,0,1}"),
        }


def data(settings: Settings) -> Path:
    return settings.folder / NAME / "data"


def adopt_name_server(settings: Settings, files: ProcessFiles) -> Running | None:
    """The name server of this folder's node, if it runs and nobody has started it by make up.

    RabbitMQ starts another for one that has died; its environment tells whose it is.
    """
    if files.alive(EPMD):
        return None
    for pid in find("epmd", f"{DATA}={data(settings)}"):
        return files.adopt(EPMD, pid, settings.ports["UP_EPMD_PORT"], "epmd")
    return None


def find_script() -> Path:
    home = os.environ.get("RABBITMQ_HOME")
    for folder in ([f"{home}/sbin"] if home else []) + list(FOLDERS):
        script = Path(folder) / "rabbitmq-server"
        if os.access(script, os.X_OK):
            return script
    raise CannotGoOnError(
        "no rabbitmq-server in "
        + ", ".join(FOLDERS)
        + ", and RABBITMQ_HOME names none. Install it: apt-get install rabbitmq-server, or"
        " brew install rabbitmq. Without it, make run starts everything in one process."
    )


def _find_epmd() -> str:
    path = os.pathsep.join([os.environ.get("PATH", ""), *_erlang_folders()])
    epmd = shutil.which("epmd", path=path)
    if epmd is None:
        raise CannotGoOnError("no epmd, which comes with Erlang: apt-get install erlang-base")
    return epmd


def _erlang_folders() -> list[str]:
    return [str(each) for each in Path("/usr/lib/erlang").glob("erts-*/bin")] + ["/usr/sbin"]


def _write(file: Path, text: str) -> None:
    """For the owner alone: some hold a password."""
    file.touch(mode=0o600)
    file.write_text(text)
