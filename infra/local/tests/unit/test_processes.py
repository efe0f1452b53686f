from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import package_path  # noqa: F401

from local_run.processes import ProcessFiles, Running, await_end, identity

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


class ProcessesTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.files = ProcessFiles(self.folder / "processes")

    def start(self, *command: str) -> Running:
        log = self.folder / "some.log"
        process = self.files.start("some", command or SLEEP, log, os.environ, 1, "sleep")
        self.addCleanup(await_end, process, 10)
        self.addCleanup(process.signal, signal.SIGKILL)
        return process

    def test_is_known_to_the_next_command_until_it_is_forgotten(self) -> None:
        process = self.start()
        later = ProcessFiles(self.folder / "processes")
        self.assertEqual(later.alive("some"), process)
        ready = later.note_ready(process)
        self.assertEqual(self.files.alive("some"), ready)
        assert ready.ready_after is not None
        self.assertLess(ready.ready_after, 10)
        later.forget("some")
        self.assertIsNone(self.files.find("some"))

    def test_has_a_session_of_its_own_that_no_terminal_ends(self) -> None:
        process = self.start()
        self.assertEqual(os.getsid(process.pid), process.pid)

    def test_one_that_has_ended_is_not_alive_even_before_anybody_waited_for_it(self) -> None:
        process = self.start()
        process.signal(signal.SIGKILL)
        self.assertTrue(await_end(process, 10))
        self.assertIsNone(self.files.alive("some"))
        self.assertEqual(self.files.find("some"), process)

    def test_one_that_does_not_end_in_time_is_told(self) -> None:
        self.assertFalse(await_end(self.start(), 0.2))

    def test_another_process_with_its_id_is_never_taken_for_it_nor_signalled(self) -> None:
        stranger = subprocess.Popen(SLEEP)
        self.addCleanup(stranger.wait)
        self.addCleanup(stranger.kill)
        process = self.start()
        while process.identity == identity(stranger.pid):  # two in one tick of the clock
            process = self.start()
        file = self.folder / "processes" / "some.json"
        described = json.loads(file.read_text())
        described["pid"] = stranger.pid
        file.write_text(json.dumps(described))
        reused = self.files.find("some")
        assert reused is not None
        self.assertIsNone(self.files.alive("some"))
        reused.signal(signal.SIGKILL)
        self.assertIsNone(stranger.poll())
        self.assertTrue(process.is_alive())

    def test_a_file_that_was_cut_off_names_no_process(self) -> None:
        (self.folder / "processes").mkdir()
        (self.folder / "processes" / "some.json").write_text('{"name": "so')
        self.assertIsNone(self.files.find("some"))

    def test_what_it_prints_is_added_to_its_log(self) -> None:
        for _ in range(2):
            self.assertTrue(await_end(self.start(sys.executable, "-c", "print('hello')"), 20))
        self.assertEqual((self.folder / "some.log").read_text(), "hello\nhello\n")

    def test_nobody_has_an_identity_who_does_not_run(self) -> None:
        process = subprocess.Popen([sys.executable, "-c", ""])
        process.wait()
        self.assertIsNone(identity(process.pid))
        self.assertEqual(identity(os.getpid()), identity(os.getpid()))
