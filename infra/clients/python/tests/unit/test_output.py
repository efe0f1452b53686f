"""Standard output and error that are closed, full or read no further."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import unittest
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Union

import client_path
from scripted_service import Exchange, ScriptedService, problem, streamed, whole

FULL = Path("/dev/full")
TASK: dict[str, Any] = {
    "id": "t-1",
    "status": "completed",
    "problem_id": "p" * 300,
    "backend_type": "default",
    "created_at": "2026-11-30T08:00:00Z",
    "result": {"reward": 1.0, "stop_reason": "submitted"},
    "worker_id": None,
}
LOG = {"seq": 0, "ts": "2026-11-30T08:00:00Z", "level": "info", "message": "m" * 300}
COMMANDS = {
    "list": ["-m", "aiopslab_tasks", "list"],
    "list of thousands": ["-m", "aiopslab_tasks", "list", "--limit", "3000"],
    "submit": ["-m", "aiopslab_tasks", "submit", "p"],
    "submit and watch": ["-m", "aiopslab_tasks", "submit", "p", "--watch"],
    "watch for programs": ["-m", "aiopslab_tasks", "watch", "t-1", "--json"],
    "logs": ["-m", "aiopslab_tasks", "logs", "t-1", "-f"],
    "tasks": ["-m", "aiopslab_tasks.operate", "tasks"],
    "help": ["-m", "aiopslab_tasks", "--help"],
}
Stream = Union[int, IO[Any], None]


def answer(exchange: Exchange) -> None:
    path = exchange.path.partition("?")[0]
    if path.endswith("/events"):
        said = [f"data: {json.dumps(LOG)}", "event: log", "id: 1.x", ""]
        status = ['data: {"status": "running"}', "event: status", "id: 2.x", ""]
        streamed(*status, *said, "data: {}", "event: end", "id: 3.x", "")(exchange)
    elif exchange.command == "GET" and path.endswith("/tasks"):
        whole({"tasks": [TASK] * 100, "next_cursor": "c"})(exchange)
    else:
        whole(TASK)(exchange)


class OutputTest(unittest.TestCase):
    def setUp(self) -> None:
        self.service = ScriptedService(answer)
        self.service.__enter__()
        self.addCleanup(self.service.__exit__)

    def run_with(
        self, words: list[str], out: Stream, err: Stream, close: tuple[int, ...] = ()
    ) -> tuple[int, str, str]:
        """The exit code and what was printed, where it could be."""

        def close_them() -> None:
            for descriptor in close:
                os.close(descriptor)

        environment = {
            **os.environ,
            "AIOPSLAB_URL": self.service.url,
            "PYTHONPATH": str(client_path.PACKAGE_PATH),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONUNBUFFERED": "",
        }
        done = subprocess.run(
            [sys.executable, *words],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            env=environment,
            timeout=60,
            check=False,
            preexec_fn=close_them,
        )
        return done.returncode, (done.stdout or b"").decode(), (done.stderr or b"").decode()

    def assert_said(self, said: str, words: str) -> None:
        self.assertNotIn("Traceback", said)
        self.assertNotIn("Exception ignored", said)
        (line,) = [one for one in said.splitlines() if one.startswith("error: ")]
        self.assertRegex(line, words)

    def test_a_closed_output_is_refused_before_anything_is_done(self) -> None:
        for name, words in COMMANDS.items():
            with self.subTest(name):
                code, _, said = self.run_with(words, None, subprocess.PIPE, close=(1,))
                self.assertEqual(5, code, said)
                self.assert_said(said, "standard output is closed.*/dev/null")
        self.assertEqual([], self.service.asked)

    @unittest.skipUnless(FULL.exists(), "there is no /dev/full")
    def test_a_full_output_is_said_in_a_line(self) -> None:
        for name, words in COMMANDS.items():
            with self.subTest(name), FULL.open("wb") as full:
                code, _, said = self.run_with(words, full, subprocess.PIPE)
                self.assertEqual(5, code, said)
                self.assert_said(said, "No space left.*free room")

    def test_an_output_that_nobody_reads_ends_it_without_a_word(self) -> None:
        for name, words in COMMANDS.items():
            with self.subTest(name), unread() as pipe:
                code, _, said = self.run_with(words, pipe, subprocess.PIPE)
                self.assertEqual(141, code, said)
                self.assertNotRegex(said, "Traceback|Exception ignored|error:")

    def test_notes_that_cannot_be_written_change_nothing(self) -> None:
        for name in ("list", "submit and watch", "logs"):
            words = COMMANDS[name]
            code, expected, _ = self.run_with(words, subprocess.PIPE, subprocess.PIPE)
            self.assertEqual(0, code)
            with self.subTest(name, err="closed"):
                closed = self.run_with(words, subprocess.PIPE, None, close=(2,))
                self.assertEqual((0, expected, ""), closed)
            with self.subTest(name, err="unread"), unread() as pipe:
                silent = self.run_with(words, subprocess.PIPE, pipe)
                self.assertEqual((0, expected, ""), silent)
            if FULL.exists():
                with self.subTest(name, err="full"), FULL.open("wb") as full:
                    filled = self.run_with(words, subprocess.PIPE, full)
                    self.assertEqual((0, expected, ""), filled)

    def test_a_refusal_is_told_by_the_exit_code_alone_if_it_must_be(self) -> None:
        words = COMMANDS["list"]
        with ScriptedService(problem(404, "x")) as self.service:
            closed = self.run_with(words, subprocess.PIPE, None, close=(2,))
            self.assertEqual((3, "", ""), closed)
            self.assertEqual(5, self.run_with(words, None, None, close=(1, 2))[0])
            with unread() as pipe:
                self.assertEqual((3, "", ""), self.run_with(words, subprocess.PIPE, pipe))


@contextlib.contextmanager
def unread() -> Iterator[int]:
    """The writing end of a pipe whose reader has gone."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        yield writing
    finally:
        os.close(writing)
