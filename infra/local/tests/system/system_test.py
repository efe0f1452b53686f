"""A system of its own for each test, as make up starts it: in a fresh folder, on free ports."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

LOCAL = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(LOCAL))

from local_run import web  # noqa: E402
from local_run.settings import DEFAULT_PORTS  # noqa: E402

HOST = "127.0.0.1"


class SystemTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory(prefix="aiopslab-up-", ignore_cleanup_errors=True)
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name) / "run"
        Path(folder.name).chmod(0o755)
        self.ports = dict(zip(DEFAULT_PORTS, free_ports(len(DEFAULT_PORTS))))
        self.addCleanup(self.run_local, "down")

    def environment(self, **more: str) -> dict[str, str]:
        chosen = {name: str(port) for name, port in self.ports.items()}
        own = {"PYTHONPATH": str(LOCAL), "UP_FOLDER": str(self.folder)}
        return {**os.environ, **own, **chosen, **more}

    @contextmanager
    def running(self, command: str) -> Iterator[tuple[subprocess.Popen[str], Iterator[str]]]:
        """The command, and what it says, line by line, as it says it."""
        process = subprocess.Popen(
            [sys.executable, "-u", "-m", "local_run", command],
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert process.stdout is not None
        try:
            with process.stdout:
                yield process, (self.told(line) for line in process.stdout)
        finally:
            process.kill()
            process.wait()

    @staticmethod
    def told(line: str) -> str:
        print(line, end="", flush=True)
        return line

    def run_local(self, command: str, **more: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "local_run", command],
            env=self.environment(**more),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        print(f"\n$ {command}\n{done.stdout}{done.stderr}", flush=True)
        return done

    def succeed(self, command: str, **more: str) -> str:
        done = self.run_local(command, **more)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def api(self, path: str, method: str = "GET", body: str | None = None) -> Any:
        port = self.ports["UP_API_PORT"]
        answer = web.call(HOST, port, f"/api/v1{path}", method, body, timeout=60)
        self.assertIn(answer.status, (200, 201), answer)
        return answer.body

    def wait(self, what: str, is_so: Callable[[], bool]) -> None:
        until = time.monotonic() + 120
        while not is_so():
            self.assertLess(time.monotonic(), until, f"after 120 s it is not so that {what}")
            time.sleep(0.1)


def free_ports(number: int) -> list[int]:
    """All different, and none that RabbitMQ cannot take."""
    sockets = [socket.socket() for _ in range(number)]
    try:
        for each in sockets:
            each.bind((HOST, 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()
