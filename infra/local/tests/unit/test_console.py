from __future__ import annotations

import io
import unittest

import package_path  # noqa: F401

from local_run.console import Console


class ConsoleTest(unittest.TestCase):
    def test_a_part_that_is_ready_gets_a_line_with_its_seconds(self) -> None:
        out = io.StringIO()
        Console(out).line("ready", "task-api", 3.14, "port 8000")
        self.assertEqual(out.getvalue(), "  ready    task-api             3.1 s  port 8000\n")

    def test_says_what_is_waited_for_and_since_when(self) -> None:
        out = io.StringIO()
        console = Console(out)
        console._interval = 0.01
        with console.ticking(), console.waiting("rabbitmq", "until it answers"):
            while "rabbitmq: until it answers 0 s" not in out.getvalue():
                pass
        self.assertTrue(out.getvalue().startswith("  waiting  rabbitmq"))
