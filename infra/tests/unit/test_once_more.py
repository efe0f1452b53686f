"""What is red is run once more by itself, in a process that knows nothing of the first run."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import textwrap
import unittest
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]

GREEN_THE_SECOND_TIME = """
    import pathlib, unittest
    MARK = pathlib.Path(__file__).with_name("was-here")

    def red_once():
        if not MARK.exists():
            MARK.touch()
            raise AssertionError("red the first time")
"""


class OnceMore(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.flaky = self.folder / "target" / "flaky.txt"

    def run_tests(self, *programs: str) -> subprocess.CompletedProcess[str]:
        program = "\n".join(textwrap.dedent(p) for p in ("import unittest", *programs))
        (self.folder / "test_it.py").write_text(program, encoding="utf-8")
        return subprocess.run(
            [sys.executable, "-m", "once_more", str(self.folder), "--flaky-to", str(self.flaky)],
            env={**os.environ, "PYTHONPATH": str(TESTS), "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            check=False,
        )

    def test_green_is_green_and_tells_nothing(self) -> None:
        ran = self.run_tests("class A(unittest.TestCase):\n    def test_a(self): pass\n")
        self.assertEqual(0, ran.returncode, ran.stderr)
        self.assertFalse(self.flaky.exists())

    def test_red_twice_is_red(self) -> None:
        ran = self.run_tests("class A(unittest.TestCase):\n    def test_a(self): self.fail('no')\n")
        self.assertEqual(1, ran.returncode)
        self.assertIn("once more, by itself: test_it.A.test_a", ran.stdout)
        self.assertFalse(self.flaky.exists())

    def test_green_the_second_time_goes_on_and_is_told(self) -> None:
        where = {
            "test": "class A(unittest.TestCase):\n    def test_a(self): red_once()\n",
            "subtest": """
                class A(unittest.TestCase):
                    def test_a(self):
                        with self.subTest(n=1): red_once()
            """,
            "class": """
                class A(unittest.TestCase):
                    @classmethod
                    def setUpClass(cls): red_once()
                    def test_a(self): pass
            """,
        }
        for kind, program in where.items():
            with self.subTest(kind):
                (self.folder / "was-here").unlink(missing_ok=True)
                self.flaky.unlink(missing_ok=True)
                ran = self.run_tests(GREEN_THE_SECOND_TIME, program)
                self.assertEqual(0, ran.returncode, ran.stdout + ran.stderr)
                told = self.flaky.read_text(encoding="utf-8")
                self.assertIn("FLAKY: test_it.A", told)
                self.assertIn("red the first time", told)
                self.assertIn("GREEN BY ITSELF", told)

    def test_what_cannot_be_loaded_is_red(self) -> None:
        self.assertEqual(1, self.run_tests("import nothing_of_this_name\n").returncode)

    def test_no_test_at_all_is_red(self) -> None:
        self.assertEqual(1, self.run_tests("").returncode)


if __name__ == "__main__":
    unittest.main()
