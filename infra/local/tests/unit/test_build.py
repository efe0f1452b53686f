from __future__ import annotations

import io
import sys
import tempfile
import unittest
from pathlib import Path

import package_path  # noqa: F401

from local_run.build import Progress, build
from local_run.console import Console


class BuildTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.log = Path(folder.name) / "target" / "build.log"
        self.out = io.StringIO()

    def build(self, program: str) -> int:
        return build([sys.executable, "-c", program], Console(self.out), self.log)

    def test_mavens_lines_tell_how_far_it_is(self) -> None:
        progress = Progress()
        self.assertEqual(progress.words(), "Maven begins;")
        for line in (
            "[INFO] Downloading from central: https://repo.example/a.pom",
            "[INFO] Downloaded from central: https://repo.example/a.pom (4.6 kB at 12 kB/s)",
            "[INFO] Building task-worker 0.1.0-SNAPSHOT                                [3/6]",
        ):
            progress.read(line)
        self.assertEqual(progress.words(), "task-worker, module 3 of 6; 1 files downloaded;")

    def test_what_it_said_is_kept_and_not_shown(self) -> None:
        self.assertEqual(self.build("print('[INFO] Scanning for projects...')"), 0)
        self.assertEqual(self.log.read_text(), "[INFO] Scanning for projects...\n")
        self.assertRegex(self.out.getvalue(), r"^  ready    build +\d+\.\d s\n$")

    def test_of_one_that_fails_the_errors_are_shown(self) -> None:
        said = "print('[INFO] fine'); print('[ERROR] A.java:[1,1] no'); raise SystemExit(1)"
        self.assertEqual(self.build(said), 1)
        self.assertEqual(
            self.out.getvalue(),
            f"[ERROR] A.java:[1,1] no\nerror: the build failed; all that it said: {self.log}\n",
        )
        self.assertEqual(self.build("raise SystemExit('Error: JAVA_HOME is wrong')"), 1)
        self.assertIn("JAVA_HOME is wrong", self.out.getvalue())
