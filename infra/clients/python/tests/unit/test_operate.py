from __future__ import annotations

import contextlib
import io
import json
import unittest
from typing import Any

import client_path  # noqa: F401
from scripted_service import Answer, Asked, ScriptedService, problem, whole

from aiopslab_tasks.operate import main
from aiopslab_tasks.table import table

WORKER = {
    "id": "worker-001-kind",
    "status": "busy",
    "backend_type": "default",
    "last_heartbeat_at": "2026-11-23T08:00:00.5Z",
    "current_task_id": "0199d2b4-5c1e-7abc-8def-0123456789ab",
    "status_reason": None,
    "reason": "new kernel",
    "paused": False,
    "draining": True,
    "drained": False,
}
LETTER = {
    "id": "9f86" * 16,
    "state": "kept",
    "seen": 1,
    "requeues": 0,
    "last_at": "2026-11-23T08:00:00Z",
    "bytes": 12,
    "reason": "not a run event",
    "preview": "\x1b[31mno event",
}


class OperateTest(unittest.TestCase):
    def run_main(self, *words: str, script: tuple[Answer, ...]) -> tuple[int, str, list[Asked]]:
        """The exit code, what was printed to both streams, and what the service was asked."""
        said = io.StringIO()
        with ScriptedService(*script) as service:
            with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
                code = main([*words, "--url", service.url])
            return code, said.getvalue(), service.asked

    def test_workers_stand_in_columns(self) -> None:
        other = {**WORKER, "id": "w", "status": "idle", "current_task_id": None, "draining": False}
        answer = whole({"workers": [WORKER, other], "total": 2})
        code, out, asked = self.run_main("workers", "--backend-type", "default", script=(answer,))
        self.assertEqual(0, code)
        self.assertEqual("/api/v1/workers?backend_type=default&limit=1000", asked[0].path)
        head, first, second = out.splitlines()
        for word, value in (("STATUS", "busy"), ("HELD", "draining"), ("TASK", "0199d2b4")):
            self.assertEqual(head.index(word), first.index(value), out)
        self.assertEqual("-", second[head.index("HELD")])

    def test_workers_are_read_page_by_page(self) -> None:
        pages = (
            whole({"workers": [WORKER], "total": 2, "next": "worker-001-kind"}),
            whole({"workers": [{**WORKER, "id": "worker-002-kind"}], "total": 2, "next": None}),
        )
        code, out, asked = self.run_main("workers", "--seen-within", "24h", script=pages)
        self.assertEqual(0, code)
        self.assertEqual(3, len(out.splitlines()))
        self.assertEqual(
            "/api/v1/workers?seen_within=24h&after=worker-001-kind&limit=1000", asked[1].path
        )

    def test_backends_count_to_the_right(self) -> None:
        fleet = {"idle": 1, "busy": 12, "paused": 0, "quarantined": 0, "offline": 0}
        backend: dict[str, Any] = {
            "backend_type": "default",
            "pending": 10000,
            "pending_exact": False,
            "running": 12,
            "oldest_wait_seconds": 7505.2,
            "queue_depth": None,
            "paused_at": None,
            "workers": fleet,
        }
        code, out, _ = self.run_main("backends", script=(whole({"backends": [backend]}),))
        self.assertEqual(0, code)
        self.assertRegex(out, r"default  10000\+   +12  2h05m +- +1 +12 +0 +0 +0  -")

    def test_draining_is_waited_for(self) -> None:
        done = {**WORKER, "drained": True, "status": "idle", "current_task_id": None}
        code, out, asked = self.run_main(
            "drain",
            "worker-001-kind",
            "--reason",
            "r",
            "--wait",
            script=(whole(WORKER), whole(done)),
        )
        self.assertEqual(0, code, out)
        self.assertEqual(["POST", "GET"], [one.method for one in asked])
        self.assertEqual({"reason": "r"}, asked[0].body)
        self.assertIn("drained", out)

    def test_what_does_not_get_drained_is_told_by_the_exit_code(self) -> None:
        words = ("drain", "worker-001-kind", "--wait", "--timeout", "0")
        self.assertEqual(124, self.run_main(*words, script=(whole(WORKER),))[0])
        lost = {**WORKER, "status": "offline"}
        self.assertEqual(1, self.run_main(*words, script=(whole(lost),))[0])

    def test_pause_and_resume_are_for_workers_and_for_backends(self) -> None:
        answers = (whole(WORKER), whole({"backend_type": "default"}))
        code, out, asked = self.run_main(
            "pause", "worker-001-kind", "--backend", "default", script=answers
        )
        self.assertEqual(0, code)
        self.assertEqual(
            ["/api/v1/workers/worker-001-kind/pause", "/api/v1/backends/default/pause"],
            [one.path for one in asked],
        )
        code, out, asked = self.run_main("resume", script=(whole({}),))
        self.assertEqual((2, []), (code, asked))
        self.assertIn("--backend", out)

    def test_dead_letters_are_shown_harmless(self) -> None:
        pages = (
            whole({"dead_letters": [LETTER], "next": LETTER["id"]}),
            whole({"dead_letters": [LETTER], "next": None}),
        )
        code, out, asked = self.run_main("dead-letters", "--state", "kept", script=pages)
        self.assertEqual(0, code)
        self.assertEqual(3, len(out.splitlines()))
        self.assertNotIn("\x1b", out)
        self.assertIn(f"after={LETTER['id']}", asked[1].path)

    def test_letters_are_requeued_by_id_or_by_filter(self) -> None:
        code, _, asked = self.run_main(
            "requeue-dead", "a1", "--by", "ana", "--again", script=(whole(LETTER, 202),)
        )
        self.assertEqual(0, code)
        self.assertEqual("/api/v1/dead-letters/a1/requeue", asked[0].path)
        self.assertEqual({"by": "ana", "again": True}, asked[0].body)

        some = (whole({"asked": 1000, "more": True}, 202), whole({"asked": 3, "more": False}, 202))
        code, out, asked = self.run_main("requeue-dead", "--reason", "version 2", script=some)
        self.assertEqual((0, "1003 will be sent again\n"), (code, out))
        self.assertEqual("version 2", asked[1].body["reason"])
        code, out, _ = self.run_main("requeue-dead", "--all", "--json", script=some[1:])
        self.assertEqual({"asked": 3}, json.loads(out))

    def test_what_is_meant_has_to_be_said_once(self) -> None:
        for words in ([], ["a1", "--all"], ["--all", "--reason", "r"], ["--all", "--again"]):
            with self.subTest(words):
                code, _, asked = self.run_main("requeue-dead", *words, script=(whole({}),))
                self.assertEqual((2, []), (code, asked))

    def test_json_is_a_line_each(self) -> None:
        answer = whole({"workers": [WORKER, WORKER], "total": 2})
        _, out, _ = self.run_main("workers", "--json", script=(answer,))
        self.assertEqual([WORKER, WORKER], [json.loads(line) for line in out.splitlines()])

    def test_a_refusal_ends_with_3(self) -> None:
        code, out, _ = self.run_main("drain", "x", script=(problem(404, "worker_not_found"),))
        self.assertEqual(3, code)
        self.assertIn("worker_not_found", out)


class TableTest(unittest.TestCase):
    def test_wide_and_harmful_characters_keep_the_columns(self) -> None:
        lines = table(["NAME", "N", "END"], [["漢字", 5, "x"], ["a\nb", 10, None]])
        self.assertEqual(["NAME   N  END", "漢字   5  x", "a\\nb  10  -"], lines)
