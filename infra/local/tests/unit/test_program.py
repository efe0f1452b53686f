from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import package_path  # noqa: F401

from local_run.program import TRAINING_OPTIONS, Program, forget_others, prepare
from local_run.settings import ROOT

LOCAL = ROOT / "infra" / "local"


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

    def test_as_a_command_it_prints_how_the_jar_is_started_an_argument_a_line(self) -> None:
        jar = self.folder / "broken-exec.jar"
        jar.write_text("no jar")
        programs = self.folder / "programs"
        for name in ("broken-exec-0123456789ab", "other-exec-0123456789ab"):
            (programs / name).mkdir(parents=True)
        command = [sys.executable, "-m", "local_run.program", str(jar), str(programs)]
        done = subprocess.run(command, capture_output=True, text=True, cwd=LOCAL)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout.splitlines(), Program((), jar).command())
        self.assertIn("broken-exec.jar starts the slow way", done.stderr)
        left = {folder.name for folder in programs.iterdir() if folder.is_dir()}
        self.assertEqual(left, {"other-exec-0123456789ab"}, "what an earlier build has left goes")

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
