"""A real runner process, spoken to as the worker does."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from types import TracebackType
from typing import Any

from runner_path import PACKAGE_PATH

Message = dict[str, Any]
PATIENCE_SECONDS = 60.0


def run_request(**changes: object) -> Message:
    request: Message = {
        "v": 1,
        "type": "run",
        "task_id": "0190-task",
        "session_id": "0190-session",
        "problem_id": "noop_detection_hotel_reservation-1",
        "environment": "simulator",
        "cluster": "worker-001-kind",
        "agent_config": {},
        "max_steps": 30,
        "timeout_seconds": 1800,
    }
    request.update(changes)
    return request


def scripted(*actions: str, **more: object) -> Message:
    return {"agent": "scripted", "actions": list(actions), **more}


def surroundings() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(PACKAGE_PATH)}


class RunnerProcess:
    """Starts in a working directory of its own, and is gone when the `with` block ends."""

    def __init__(self, request: object = None, **popen: Any) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self.folder = self._folder.name
        options: dict[str, Any] = {
            "stdin": subprocess.PIPE,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
            "cwd": self.folder,
            "env": surroundings(),
        }
        command = popen.pop("command", [sys.executable, "-m", "aiopslab_runner"])
        self.process = subprocess.Popen(command, **{**options, **popen})
        self.messages: list[Message] = []
        self.lines: list[bytes] = []
        self.output: Path | None = None
        self._arrived: queue.Queue[bytes] = queue.Queue()
        if self.process.stdout is not None:
            threading.Thread(target=self._read, daemon=True).start()
        if request is not None:
            self.write(json.dumps(request).encode() + b"\n")

    def __enter__(self) -> RunnerProcess:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe is not None:
                try:
                    pipe.close()
                except BrokenPipeError:
                    continue
        self._folder.cleanup()

    def _read(self) -> None:
        assert self.process.stdout is not None
        try:
            for line in self.process.stdout:
                self._arrived.put(line)
        except ValueError:
            pass
        self._arrived.put(b"")

    def write(self, data: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def next_message(self) -> Message | None:
        """The next message, or None at the end of the output."""
        line = self._arrived.get(timeout=PATIENCE_SECONDS)
        if not line:
            return None
        self.lines.append(line)
        self.messages.append(json.loads(line))
        return self.messages[-1]

    def wait_for(self, kind: str, **fields: object) -> Message:
        while True:
            message = self.next_message()
            if message is None:
                raise AssertionError(f"no message {kind} {fields}; got {self.messages[-3:]}")
            if message["type"] == kind and fields.items() <= message.items():
                return message

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def finish(self) -> int:
        """Reads to the end; the exit status."""
        while self.next_message() is not None:
            pass
        return self.process.wait(PATIENCE_SECONDS)

    def stderr(self) -> str:
        if self.output is not None:
            return self.output.read_text(errors="replace")
        assert self.process.stderr is not None
        return self.process.stderr.read().decode()

    def of(self, kind: str) -> list[Message]:
        return [message for message in self.messages if message["type"] == kind]


def complete_run(request: object) -> RunnerProcess:
    """A run to its end, closed already; `messages`, `lines` and the status are still there."""
    with RunnerProcess(request) as runner:
        runner.finish()
    return runner
