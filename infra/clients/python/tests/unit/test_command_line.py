from __future__ import annotations

import contextlib
import io
import unittest

import client_path  # noqa: F401
from scripted_service import ScriptedService, problem, whole

from aiopslab_tasks.__main__ import main
from aiopslab_tasks.command_line import filters_of, read_arguments, task_of


class ArgumentsTest(unittest.TestCase):
    def test_a_submission_is_what_was_said(self) -> None:
        words = "submit p --agent openai --metadata run=7 --metadata note=a=b --max-steps 3"
        rest = ["--queue", "q", "--agent-config", '{"model": "m"}']
        given = read_arguments([*words.split(), *rest])
        self.assertEqual(
            {
                "agent_config": {"model": "m", "agent": "openai"},
                "metadata": {"run": "7", "note": "a=b"},
                "max_steps": 3,
                "queue": "q",
            },
            task_of(given),
        )

    def test_general_options_stand_before_or_behind_the_command(self) -> None:
        before = read_arguments(["--url", "http://a", "--json", "list"])
        behind = read_arguments(["list", "--url", "http://a", "--json"])
        for given in (before, behind):
            self.assertEqual(("http://a", True), (given.url, given.json))
        self.assertFalse(read_arguments(["list"]).json)

    def test_filters_leave_out_what_was_not_said(self) -> None:
        given = read_arguments(["cancel", "--status", "pending", "--metadata", "run=7"])
        self.assertEqual({"status": ["pending"], "metadata": {"run": "7"}}, filters_of(given))

    def test_what_is_wrong_ends_with_2(self) -> None:
        for words in (["submit"], ["list", "--limit", "0"], ["submit", "p", "--agent-config", "["]):
            with self.subTest(words), contextlib.redirect_stderr(io.StringIO()) as said:
                with self.assertRaises(SystemExit) as raised:
                    read_arguments(words)
                self.assertEqual(2, raised.exception.code)
                self.assertIn("error:", said.getvalue())


class ExitCodesTest(unittest.TestCase):
    def run_main(self, *words: str) -> tuple[int, str, str]:
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main(words)
        return code, out.getvalue(), err.getvalue()

    def test_a_refusal_ends_with_3_and_says_what_to_do(self) -> None:
        with ScriptedService(problem(404, "task_not_found")) as service:
            code, out, said = self.run_main("logs", "t\x1b", "--url", service.url)
        self.assertEqual((3, ""), (code, out))
        self.assertTrue(said.startswith("error: Do something else. (code task_not_found"))

    def test_neither_ids_nor_filters_is_2(self) -> None:
        code, _, said = self.run_main("cancel", "--url", "http://127.0.0.1:1")
        self.assertEqual(2, code)
        self.assertIn("give either", said)

    def test_a_list_is_harmless_also_where_the_tasks_are_not(self) -> None:
        evil = {"id": "1", "status": "pending", "problem_id": "\x1b]0;owned\x07", "worker_id": None}
        with ScriptedService(whole({"tasks": [evil], "next_cursor": None})) as service:
            code, out, _ = self.run_main("list", "--url", service.url)
        self.assertEqual(0, code)
        self.assertIn(r"\x1b]0;owned\x07", out)
        self.assertNotIn("\x1b", out)
