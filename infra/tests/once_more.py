"""
Runs the Python tests of a directory, and what is red once more by itself, as the Java tests do.

    PYTHONPATH=infra/tests python3 -m once_more DIRECTORY [--flaky-to FILE]

A test that is green the second time does not stop the run: both outputs go to the end of FILE,
which `make test` shows last. It exits with 1 if a test was red twice, or could not be loaded.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import unittest
from pathlib import Path
from typing import Any

# What unittest calls the failure of a fixture of a whole class or module.
_FIXTURE = re.compile(r"(?:setUp|tearDown)(?:Class|Module) \((?P<name>[\w.]+)\)")


def main() -> int:
    options = _options()
    tests = unittest.TestLoader().discover(options.directory)
    result = unittest.TextTestRunner().run(tests)
    if not result.testsRun and not result.errors:
        print(f"No test in {options.directory}", file=sys.stderr)
        return 1
    red = [_by_itself(options.directory, name, told) for name, told in _failures(result).items()]
    flaky = [told for green, told in red if green]
    for told in flaky:
        print(told, flush=True)
    if flaky and options.flaky_to:
        options.flaky_to.parent.mkdir(parents=True, exist_ok=True)
        with options.flaky_to.open("a", encoding="utf-8") as file:
            file.write("\n".join(flaky))
    return 0 if all(green for green, _ in red) and not result.unexpectedSuccesses else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="once_more",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("directory", help="where the test_*.py files lie")
    parser.add_argument("--flaky-to", type=Path, metavar="FILE", help="where flaky tests are told")
    return parser.parse_args()


def _failures(result: unittest.TestResult) -> dict[str, str]:
    """What was said of each failed test, by the name under which it runs by itself."""
    told: dict[str, str] = {}
    for test, why in [*result.failures, *result.errors]:
        name = _name(test)
        told[name] = told[name] + "\n" + why if name in told else why
    return told


def _name(test: Any) -> str:
    whole = getattr(test, "test_case", test)  # a subtest cannot be run without its test
    fixture = _FIXTURE.fullmatch(whole.id())
    return fixture["name"] if fixture else str(whole.id())


def _by_itself(directory: str, name: str, told: str) -> tuple[bool, str]:
    """Whether it is green this time, and both outputs."""
    print(f"once more, by itself: {name}", flush=True)
    paths = [directory, *filter(None, [os.environ.get("PYTHONPATH")])]
    again = subprocess.run(
        [sys.executable, "-m", "unittest", name],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    green = again.returncode == 0
    if not green:
        print(again.stdout, flush=True)
    second = "GREEN BY ITSELF" if green else "FAILED AGAIN"
    return green, (
        f"FLAKY: {name}: red at first, green once more by itself. The next thing to be mended.\n"
        f"---- RED AT FIRST\n{told}\n---- {second}\n{again.stdout}\n"
    )


if __name__ == "__main__":
    sys.exit(main())
