"""Processes that outlive their starter, each known by a file that is never mistaken about it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from local_run import ending

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def identity(pid: int) -> str | None:
    """Differs for any two processes that ever had this id; None if none runs."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(errors="replace")
        state, *fields = stat[stat.rindex(")") + 2 :].split()
        return None if state in "ZX" else f"{BOOT_ID.read_text().strip()} {fields[18]}"
    except OSError:
        return None if BOOT_ID.exists() else _identity_without_proc(pid)


def _identity_without_proc(pid: int) -> str | None:
    # An -o each: to BSD's ps all behind the first sign of equality is its column's heading.
    command = ["ps", "-o", "stat=", "-o", "lstart=", "-p", str(pid)]
    fixed = {**os.environ, "LC_ALL": "C", "TZ": "UTC0"}
    done = subprocess.run(command, env=fixed, capture_output=True, text=True, check=False)
    said = done.stdout.split()
    return None if not said or said[0].startswith("Z") else " ".join(said[1:])


def find(program: str, variable: str) -> Iterator[int]:
    """Processes of the program that were started with `NAME=value`, as far as this user sees."""
    if not BOOT_ID.exists():
        yield from _find_without_proc(program, variable)
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            is_program = (folder / "comm").read_text().strip() == program
            if (
                is_program
                and f"\0{variable}\0".encode() in b"\0" + (folder / "environ").read_bytes()
            ):
                yield int(folder.name)
        except OSError:
            continue  # ended meanwhile, or of another user


def _find_without_proc(program: str, variable: str) -> Iterator[int]:
    everything = "axEww" if sys.platform == "darwin" else "axeww"
    command = ["ps", everything, "-o", "pid=", "-o", "command="]
    said = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    for line in said.stdout.splitlines():
        pid, called, *words = [*line.split(), "", ""]
        if Path(called).name == program and variable in words:
            yield int(pid)


@dataclass(frozen=True)
class Running:
    """A process as its file describes it. `port` is what it is asked on; `program` what it runs."""

    name: str
    pid: int
    identity: str
    port: int
    program: str
    started: float
    ready_after: float | None = None

    def is_alive(self) -> bool:
        return identity(self.pid) == self.identity

    def signal(self, number: signal.Signals) -> None:
        """To this process and to no other that has its id."""
        if self.is_alive():
            os.kill(self.pid, number)


class ProcessFiles:
    """The files, one a process, in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}.json"

    def find(self, name: str) -> Running | None:
        """The process as it was started, alive or not; None if it was stopped, or never started."""
        try:
            return Running(**json.loads(self._file(name).read_text()))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (ValueError, TypeError):
            return None  # cut off while it was written: nothing had been started for good

    def alive(self, name: str) -> Running | None:
        process = self.find(name)
        return process if process and process.is_alive() else None

    def start(
        self,
        name: str,
        command: Sequence[str],
        log: Path,
        environment: Mapping[str, str],
        port: int,
        program: str,
    ) -> Running:
        """In a session of its own, so that no terminal and no make takes it along."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with ending.may_start(), log.open("ab") as output:
            process = subprocess.Popen(
                command,
                cwd=log.parent,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            process.returncode = 0  # it is to outlive us: no warning that it does
            return self.adopt(name, process.pid, port, program)

    def adopt(self, name: str, pid: int, port: int, program: str) -> Running:
        """Knows from now on a process that runs already."""
        self._folder.mkdir(parents=True, exist_ok=True)
        process = Running(name, pid, identity(pid) or "ended", port, program, time.time())
        self._write(process)
        return process

    def note_ready(self, process: Running) -> Running:
        ready = replace(process, ready_after=round(time.time() - process.started, 2))
        with ending.may_start():
            self._write(ready)
        return ready

    def forget(self, name: str) -> None:
        self._file(name).unlink(missing_ok=True)

    def _write(self, process: Running) -> None:
        draft = self._file(process.name).with_suffix(".draft")
        draft.write_text(json.dumps(asdict(process), indent=1) + "\n")
        draft.replace(self._file(process.name))


def await_end(process: Running, seconds: float) -> bool:
    """Whether it has ended within that time."""
    until = time.monotonic() + seconds
    while process.is_alive():
        if time.monotonic() > until:
            return False
        _reap(process.pid)
        time.sleep(0.05)
    return True


def _reap(pid: int) -> None:
    with suppress(ChildProcessError):  # one that an earlier make up has started
        os.waitpid(pid, os.WNOHANG)
