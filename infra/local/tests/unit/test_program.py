from __future__ import annotations

import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import package_path  # noqa: F401

from local_run.program import TRAINING_OPTIONS, Program, forget_others, prepare


@unittest.skipUnless(shutil.which("java"), "needs a JDK")
class ProgramTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def test_a_jar_that_cannot_be_unpacked_is_started_as_it_is_and_that_is_said(self) -> None:
        jar = self.folder / "broken-exec.jar"
        jar.write_text("no jar")
        program = prepare(jar, self.folder / "programs")
        self.assertEqual(program.jar, jar)
        self.assertEqual(program.options, ())
        self.assertIn("broken-exec.jar starts the slow way: java ended with", program.trouble)
        self.assertEqual(list(self.folder.glob("programs/*")), [])

    def test_java_takes_the_options_here_and_those_of_the_images(self) -> None:
        here = Program((), self.folder / "service.jar").command()[1:-2]
        in_containers = [here[0], f"@{TRAINING_OPTIONS.with_name('container.options')}"]
        for options in (here, in_containers):
            command = ["java", *options, f"@{TRAINING_OPTIONS}", "-version"]
            done = subprocess.run(command, capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)

    def test_what_earlier_builds_left_goes_and_what_is_used_stays(self) -> None:
        for name in ("old", "used"):
            (self.folder / name).mkdir()
        forget_others(self.folder, {self.folder / "used"})
        self.assertEqual([each.name for each in self.folder.iterdir()], ["used"])
