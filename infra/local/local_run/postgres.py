"""A PostgreSQL of this run's own: data, roles and passwords in its folder, on loopback only."""

from __future__ import annotations

import os
import shutil
import socket
import struct
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from local_run import ending, postgres_programs, unprivileged
from local_run.passwords import ROLES, Passwords
from local_run.problem import CannotGoOnError
from local_run.processes import ProcessFiles, Running, identity
from local_run.settings import ROOT, Settings
from local_run.waiting import until_ready

NAME = "postgresql"
DATABASE = "aiopslab"
SUPERUSER = "postgres"
HOST = "127.0.0.1"
ROLES_SQL = ROOT / "infra" / "postgres" / "roles.sql"
RUN_SQL = Path(__file__).with_name("RunSql.java")
CONFIGURATION = f"""\
listen_addresses = '{HOST}'
unix_socket_directories = ''
timezone = 'UTC'
password_encryption = 'scram-sha-256'
"""
SSL_REQUEST = struct.pack("!ii", 8, 80877103)


class Postgres:
    def __init__(self, settings: Settings, passwords: Passwords, files: ProcessFiles) -> None:
        self._settings = settings
        self._passwords = passwords
        self._files = files
        self._folder = settings.folder / NAME
        self._data = self._folder / "data"

    def start(self) -> Running:
        """Returns once it answers and the roles are there."""
        self._folder.mkdir(exist_ok=True)
        programs = postgres_programs.find(self._data, self._folder / "programs")
        as_user = unprivileged.prefix(self._folder)
        if not self._data.exists():
            self._initialize(programs, as_user)
        self._forget_leftover()
        log = self._settings.log(NAME)
        port = self._settings.postgres_port
        command = [*as_user, str(programs / "postgres"), "-D", str(self._data), "-p", str(port)]
        process = self._files.start(NAME, command, log, _environment(), port, str(programs))
        until_ready(process, lambda: answers(port), log)
        self.apply_roles()
        return self._files.note_ready(process)

    def apply_roles(self) -> None:
        """To be repeated after each migration, which brings tables to grant."""
        passwords = "".join(
            f"ALTER ROLE {role} PASSWORD '{self._passwords.database[role]}';\n"
            for role in ROLES
            if role != SUPERUSER
        )
        self._run_sql(ROLES_SQL.read_text() + passwords)

    def _initialize(self, programs: Path, as_user: Sequence[str]) -> None:
        draft = self._folder / "data.draft"
        shutil.rmtree(draft, ignore_errors=True)
        self._call(
            [
                *as_user,
                str(programs / "initdb"),
                f"--pgdata={draft}",
                f"--username={SUPERUSER}",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C",
            ]
        )
        (draft / "pg_hba.conf").write_text(f"host all all {HOST}/32 scram-sha-256\n")
        with (draft / "postgresql.conf").open("a") as conf:
            conf.write(CONFIGURATION)
        single = [*as_user, str(programs / "postgres"), "--single", "-D", str(draft), "postgres"]
        password = self._passwords.database[SUPERUSER]
        self._call(
            single,
            f"ALTER ROLE {SUPERUSER} PASSWORD '{password}'\nCREATE DATABASE {DATABASE}\n",
        )
        draft.rename(self._data)

    def _forget_leftover(self) -> None:
        """A process file of a server that was killed may by now name somebody else's process."""
        file = self._data / "postmaster.pid"
        if not file.exists():
            return
        pid = int(file.read_text().split()[0])
        if identity(pid) is None or str(self._data) not in _command_line(pid):
            file.unlink()
        else:
            raise CannotGoOnError(
                f"a PostgreSQL that make up does not know of runs on {self._data}:"
                f" process {pid}. End it (kill -INT {pid}), then start again."
            )

    def _run_sql(self, sql: str) -> None:
        drivers = sorted(postgres_programs.LIBRARIES.glob("postgresql-[0-9]*.jar"))
        if not drivers:
            raise CannotGoOnError("no PostgreSQL driver was built. Build again: make clean up")
        url = f"jdbc:postgresql://{HOST}:{self._settings.postgres_port}/{DATABASE}"
        quick = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]
        command = ["java", *quick, "-cp", str(drivers[-1]), str(RUN_SQL), url, SUPERUSER]
        self._call(command, f"{self._passwords.database[SUPERUSER]}\n{sql}", os.environ)

    def _call(
        self, command: Sequence[str], text: str = "", environment: Mapping[str, str] | None = None
    ) -> None:
        environment = _environment() if environment is None else environment
        code, said = ending.call(command, self._folder, environment, text)
        if code != 0:
            raise CannotGoOnError(f"PostgreSQL could not be set up:\n{said.strip()}")


def answers(port: int) -> bool:
    """Whether a PostgreSQL, not just anything, answers there and takes connections."""
    try:
        with socket.create_connection((HOST, port), timeout=2) as connection:
            connection.sendall(SSL_REQUEST)
            return connection.recv(1) in (b"S", b"N")
    except OSError:
        return False


def _environment() -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**inherited, "LC_ALL": "C"}


def _command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace")
    except OSError:
        command = ["ps", "-o", "command=", "-p", str(pid)]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout
