"""The agent's shell: a program in this run's control-plane container, never a shell on the host.

AIOpsLab puts the agent's command into a command line of the host's shell (service/shell.py), which
evaluates `$(…)` and backquotes before the container sees them. Here it stays one argument.
"""

from __future__ import annotations

import subprocess
import threading
from typing import IO

from aiopslab_runner.orchestrator.checkout import Checkout

MOST_BYTES = 1024 * 1024


def confine_shell(checkout: Checkout) -> None:
    shell = checkout.load("aiopslab.service.shell").Shell
    container = f"{checkout.cluster}-control-plane"

    def run(command: str, input_data: object = None, cwd: object = None, timeout: int = 30) -> str:
        return run_in(container, command, timeout)

    def run_docker(container_name: str, command: str, timeout: int = 30) -> str:
        return run_in(container, command, timeout)

    for name in ("exec", "docker_exec", "local_exec", "ssh_exec"):
        getattr(shell, name)
    shell.exec = shell.local_exec = staticmethod(run)
    shell.docker_exec = staticmethod(run_docker)
    shell.ssh_exec = staticmethod(refuse_ssh)


def run_in(container: str, command: str, timeout: float) -> str:
    """What the command wrote, or AIOpsLab's words for its failure.

    Raises RuntimeError when it takes longer than `timeout` seconds or cannot be started.
    """
    try:
        process = subprocess.Popen(
            ["docker", "exec", container, "sh", "-c", command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        with process:
            output, errors = Kept(process.stdout), Kept(process.stderr)
            try:
                status = process.wait(timeout)
            except BaseException:
                process.kill()
                raise
        text, error = output.text(), errors.text()
    except Exception as reason:
        raise RuntimeError(
            f"Failed to execute command in Docker container: {container}\nError: {reason}"
        ) from reason
    return text if status == 0 else f"[ERROR] Docker command execution failed: {error}"


class Kept:
    """Reads a stream to its end and keeps the first MiB of it."""

    def __init__(self, stream: IO[bytes] | None) -> None:
        self._stream = stream
        self._kept = b""
        self._left_out = 0
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        while self._stream is not None:
            piece = self._stream.read1(65536)  # type: ignore[attr-defined]
            if not piece:
                return
            room = MOST_BYTES - len(self._kept)
            self._kept += piece[:room]
            self._left_out += max(0, len(piece) - room)

    def text(self) -> str:
        self._thread.join(1)
        text = self._kept.decode(errors="replace")
        return f"{text}\n[{self._left_out} more bytes were left out]" if self._left_out else text


def refuse_ssh(*arguments: object, **named: object) -> str:
    raise RuntimeError("this run has a Kind cluster of its own and reaches no other host by ssh")
