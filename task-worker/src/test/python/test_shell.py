"""The command line of exec_shell: pipes and text tools, confined, and never a real shell."""

from __future__ import annotations

import os
import subprocess
import time
import unittest
from unittest import mock

from simulated import NAMESPACE, Simulated

from aiopslab_runner.simulator.patterns import BadPattern, matcher
from aiopslab_runner.simulator.words import SyntaxProblem, tokens


class Words(unittest.TestCase):
    def texts(self, command: str) -> list[str]:
        return [token.text for token in tokens(command)]

    def test_quotes_and_escapes(self) -> None:
        self.assertEqual(
            ["a", "b c", "d'e", 'f"g', "$x"], self.texts("a 'b c' \"d'e\" f\\\"g '$x'")
        )
        self.assertEqual(["-o", "jsonpath={.a[*]}"], self.texts("-o jsonpath='{.a[*]}'"))
        self.assertEqual(['{"a":"|"}'], self.texts('\'{"a":"|"}\''))

    def test_operators_only_where_they_are_not_quoted(self) -> None:
        found = tokens("a|b && c;d '|' \"&&\"")
        self.assertEqual(["|", "&&", ";"], [t.text for t in found if t.operator])

    def test_harmless_redirections_are_left_out(self) -> None:
        self.assertEqual(["ls", "|", "wc"], self.texts("ls 2>/dev/null 2>&1 | wc"))

    def test_refuses_what_a_shell_would_do(self) -> None:
        for command in ("a > b", "a < b", "a &", "$(a)", "`a`", '"$(a)"', "(a)", "'open", '"open'):
            with self.subTest(command=command), self.assertRaises(SyntaxProblem):
                tokens(command)


class Patterns(unittest.TestCase):
    def test_match_like_grep(self) -> None:
        for pattern, line, extended, expected in (
            ("abc", "xabcx", False, True),
            ("a.c", "abc", False, True),
            ("^b", "abc", False, False),
            ("c$", "abc", False, True),
            ("^$", "", False, True),
            ("a|b", "b", False, False),
            (r"a\|b", "b", False, True),
            ("a|b", "b", True, True),
            ("(ab)+c", "ababc", True, True),
            ("[0-9]+ms", "in 42ms", True, True),
            ("[^0-9]", "42", True, False),
            (r"\d+/\d+", "1/1", True, True),
            ("x*y?z", "z", True, True),
            (r"1\.0", "1x0", False, False),
        ):
            with self.subTest(pattern=pattern, line=line):
                self.assertIs(expected, matcher(pattern, extended, False, False)(line))

    def test_bad_ones_are_refused(self) -> None:
        for pattern in ("(", "[a", "a)", "*", "\\", "(" * 50, "x" * 201):
            with self.subTest(pattern=pattern), self.assertRaises(BadPattern):
                matcher(pattern, True, False, False)

    def test_no_pattern_takes_long(self) -> None:
        began = time.monotonic()
        self.assertFalse(matcher("(a+)+(a*)*(.*)*$x", True, False, False)("a" * 5000))
        self.assertLess(time.monotonic() - began, 5)


class ShellCase(unittest.TestCase):
    def setUp(self) -> None:
        self.simulated = Simulated()
        self.addCleanup(self.simulated.close)
        self.run_line = self.simulated.run

    def test_pipes(self) -> None:
        pods = f"kubectl get pods -n {NAMESPACE}"
        self.assertEqual("20", self.run_line(f"{pods} | wc -l"))
        self.assertEqual("8", self.run_line(f"{pods} | grep -c 'mongo\\|consul\\|jaeger'"))
        self.assertEqual("8", self.run_line(f"{pods} | grep -E -c 'mongo|consul|jaeger'"))
        self.assertIn("NAME", self.run_line(f"{pods} | head -1"))
        self.assertEqual(2, len(self.run_line(f"{pods} | tail -n 2").split("\n")))
        self.assertIn("geo", self.run_line(f"{pods} | grep -v mongo | grep -i GEO"))
        self.assertEqual("", self.run_line(f"{pods} | grep nothing-like-this"))

    def test_lists_of_commands(self) -> None:
        self.assertEqual("a\nb", self.run_line("echo a && echo b"))
        self.assertNotIn("b", self.run_line("kubectl nope && echo b").split("\n"))
        self.assertIn("b", self.run_line("kubectl nope || echo b").split("\n"))
        self.assertIn("syntax error", self.run_line("echo a | | echo b"))

    def test_sleep_passes_simulated_time_only(self) -> None:
        before, began = self.simulated.simulation.cluster.now, time.monotonic()
        self.run_line("sleep 120")
        self.assertEqual(before + 120, self.simulated.simulation.cluster.now)
        self.assertLess(time.monotonic() - began, 5)

    def test_hostile_input_stays_data(self) -> None:
        secret = self.simulated.folder.parent / "outside-of-the-run.txt"
        nothing = mock.Mock(side_effect=AssertionError("a process was started"))
        with (
            mock.patch.object(subprocess, "Popen", nothing),
            mock.patch.object(os, "system", nothing),
        ):
            for command in (
                f"touch {secret}",
                f"echo x > {secret}",
                "rm -rf /",
                "cat /etc/passwd",
                "cat ../../../../etc/passwd",
                "cat metrics_output/../../../../etc/passwd",
                "ls /",
                "ls ..",
                "$(id)",
                "`id`",
                "kubectl get pods; id",
                "bash -c id",
                f"kubectl exec deploy/mongodb-geo -n {NAMESPACE} -- bash -c 'cat /etc/passwd'",
                "python3 -c 'print(1)'",
                "kubectl get pods -n '../../x'",
                "grep -r root /etc",
                "\0",
                "x" * 20_000,
                "",
            ):
                with self.subTest(command=command[:60]):
                    output = self.run_line(command)
                    self.assertNotIn("root:", output)
                    self.assertNotIn("uid=", output)
        self.assertFalse(secret.exists())

    def test_a_link_out_of_the_folder_is_not_followed(self) -> None:
        (self.simulated.folder / "trace_output").mkdir()
        os.symlink("/etc/passwd", self.simulated.folder / "trace_output" / "x.csv")
        self.assertIn("No such file", self.run_line("cat trace_output/x.csv"))
        self.assertIn(
            "no traces file", self.simulated.act('read_traces("trace_output/x.csv")').text
        )


if __name__ == "__main__":
    unittest.main()
