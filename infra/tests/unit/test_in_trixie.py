"""Where no other system can be made, in-trixie.sh says what is lacking, and runs nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "in-trixie.sh"


class InTrixie(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.ran = self.folder / "ran"

    def run_script(self, path: str, ci: str) -> subprocess.CompletedProcess[str]:
        bash = shutil.which("bash") or "bash"
        return subprocess.run(
            [bash, str(SCRIPT), "21", "touch", str(self.ran)],
            env={
                "PATH": path,
                "HOME": str(self.folder),
                "AIOPSLAB_CACHE": str(self.folder / "cache"),
                "CI": ci,
            },
            capture_output=True,
            text=True,
            check=False,
        )

    def path_without(self, left_out: str) -> str:
        programs = self.folder / "programs"
        programs.mkdir()
        for name in ("dirname", "cksum", "cut", "unshare", "pivot_root", "mktemp", "true"):
            found = shutil.which(name, path=os.defpath + ":/usr/sbin:/sbin")
            if found and name != left_out:
                (programs / name).symlink_to(found)
        return str(programs)

    def assert_lacking(self, path: str, *words: str) -> None:
        told = self.run_script(path, "")
        self.assertEqual(0, told.returncode, told.stderr)
        for word in words:
            self.assertIn(word, told.stderr)
        self.assertEqual(1, self.run_script(path, "true").returncode)
        self.assertFalse(self.ran.exists())

    @unittest.skipUnless(os.geteuid() == 0, "only root gets so far")
    def test_a_missing_program_is_named_with_what_brings_it(self) -> None:
        self.assert_lacking(self.path_without("debootstrap"), "apt-get install debootstrap")

    @unittest.skipIf(os.geteuid() == 0, "root has what is lacking here")
    def test_whoever_is_not_root_is_told(self) -> None:
        self.assert_lacking(os.environ["PATH"], "take root")
