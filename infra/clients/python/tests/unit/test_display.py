from __future__ import annotations

import io
import json
import unittest

import client_path  # noqa: F401

from aiopslab_tasks.display import JsonDisplay, PlainDisplay, TerminalDisplay, json_line, log_text
from aiopslab_tasks.events import Event
from aiopslab_tasks.harmless import cut, harmless

RUNNING = Event("status", "1", {"status": "running", "worker_id": "kind-1"})
STEP = Event("progress", "2", {"phase": "running", "steps": 3, "max_steps": 30})
LOG = Event("log", "3", {"seq": 0, "ts": "2026-11-23T10:15:02Z", "level": "info", "message": "hi"})


class HarmlessTest(unittest.TestCase):
    def test_nothing_can_steer_the_terminal(self) -> None:
        self.assertEqual(r"\x1b[2Jgone\rover\nnext\x07", harmless("\x1b[2Jgone\rover\nnext\x07"))
        self.assertEqual(r"\x9b31m \u202egnp", harmless("\x9b31m \u202egnp"))
        self.assertEqual(r"\u2028 \ud800 \x7f", harmless("\u2028 \ud800 \x7f"))

    def test_texts_stay_texts(self) -> None:
        for text in ("a\tb", "größer 模型 👩\u200d💻", "\\x1b"):
            self.assertEqual(text, harmless(text))

    def test_json_cannot_either(self) -> None:
        line = json_line({"m": "\x1b\x7f\x9b\u202e\n"})
        self.assertTrue(line.isascii() and line.isprintable(), line)
        self.assertEqual({"m": "\x1b\x7f\x9b\u202e\n"}, json.loads(line))

    def test_what_does_not_fit_is_cut_by_its_width(self) -> None:
        self.assertEqual("abc", cut("abc", 3))
        self.assertEqual("ab…", cut("abcd", 3))
        self.assertEqual("模…", cut("模型模型", 4))
        self.assertEqual("…", cut("abc", 1))
        self.assertEqual("", cut("abc", 0))


class DisplayTest(unittest.TestCase):
    def test_without_a_terminal_each_change_is_a_line_of_its_own(self) -> None:
        out, notes = io.StringIO(), io.StringIO()
        with PlainDisplay(out, notes) as display:
            for event in (RUNNING, STEP, STEP, LOG):
                display.show(event)
        self.assertEqual("10:15:02 info    hi\n", out.getvalue())
        self.assertEqual(
            "running on kind-1: setup\nrunning on kind-1: step 3 of at most 30\n", notes.getvalue()
        )

    def test_on_a_terminal_one_line_is_drawn_anew_and_gone_at_the_end(self) -> None:
        out, screen = io.StringIO(), io.StringIO()
        with TerminalDisplay(out, screen) as display:
            for event in (RUNNING, LOG, STEP):
                display.show(event)
        self.assertEqual("10:15:02 info    hi\n", out.getvalue())
        self.assertIn(
            "\r\x1b[2K| 00:00  running on kind-1: step 3 of at most 30", screen.getvalue()
        )
        self.assertNotIn("\n", screen.getvalue())
        self.assertTrue(screen.getvalue().endswith("\r\x1b[2K"))

    def test_programs_get_every_event(self) -> None:
        out = io.StringIO()
        with JsonDisplay(out) as display:
            display.show(LOG)
        self.assertEqual({"event": "log", "data": LOG.data}, json.loads(out.getvalue()))

    def test_a_log_line_is_one_line(self) -> None:
        self.assertEqual(r"10:15:02 info    a\nb", log_text({**LOG.data, "message": "a\nb"}))
