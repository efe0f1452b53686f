"""The supervisor where there is neither /proc nor prctl: its tests once more, in a namespace."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from runner_path import SUPERVISE

from hidden_proc import command_without_proc

HERE = Path(__file__).parent
AS_ON_MACOS = HERE / "as_on_macos.py"
VARIABLES = {"AIOPSLAB_TEST_AS_ON_MACOS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
PATIENCE_SECONDS = 180


class WithoutProc(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def run_without_proc(self, *command: str, shows_ps: bool = True) -> subprocess.CompletedProcess:
        with (self.folder / "output").open("w+") as output:
            done = subprocess.run(
                command_without_proc(self.folder, [sys.executable, *command], shows_ps),
                cwd=HERE,
                env={**os.environ, **VARIABLES},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=PATIENCE_SECONDS,
                check=False,
            )
            output.seek(0)
            return subprocess.CompletedProcess(done.args, done.returncode, output.read())

    def test_every_promise_holds(self) -> None:
        done = self.run_without_proc("-m", "unittest", "test_supervise")
        self.assertEqual(0, done.returncode, done.stdout)
        self.assertRegex(done.stdout, r"Ran (1[89]|[2-9]\d) tests")
        self.assertNotIn("skipped", done.stdout)

    def test_without_ps_too_no_command_is_started_that_could_not_be_ended(self) -> None:
        done = self.run_without_proc(
            *("-I", "-S", str(AS_ON_MACOS), str(SUPERVISE), "--", "touch", str(self.folder / "it")),
            shows_ps=False,
        )
        self.assertEqual(127, done.returncode, done.stdout)
        self.assertRegex(done.stdout, "cannot see what runs here: .*mount /proc, or install ps")
        self.assertFalse((self.folder / "it").exists())


if __name__ == "__main__":
    unittest.main()
