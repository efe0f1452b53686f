"""What make up knows of processes where there is no /proc: its tests once more, in a namespace."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import package_path  # noqa: F401
from hidden_proc import command_without_proc

PATIENCE_SECONDS = 120


class WithoutProcTest(unittest.TestCase):
    def test_processes_and_what_servers_left_are_known_all_the_same(self) -> None:
        tests = [sys.executable, "-m", "unittest", "test_processes", "test_servers", "test_status"]
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(
                command_without_proc(Path(folder), tests),
                cwd=Path(__file__).parent,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=PATIENCE_SECONDS,
                check=False,
            )
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertRegex(done.stderr, r"Ran (1\d|[2-9]\d) tests")
