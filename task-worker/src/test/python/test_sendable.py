"""Whatever a run produces, its messages are valid, bounded JSON."""

from __future__ import annotations

import json
import math
import unittest

import runner_path  # noqa: F401

from aiopslab_runner.sendable import STRING_LIMIT_BYTES, sendable


class Sendable(unittest.TestCase):
    def test_values_that_json_or_postgres_refuse(self) -> None:
        for value, sent in (
            ("a\0b", "a\ufffdb"),
            ("\ud800x", "\ufffdx"),
            ("\ud83d\ude00", "\U0001f600"),
            (math.nan, None),
            (math.inf, None),
            (10**30, hex(10**30)),
            ((1, "b"), [1, "b"]),
            ({1: {"x"}}, {"1": "{'x'}"}),
            (True, True),
        ):
            with self.subTest(value=value):
                self.assertEqual(sent, sendable(value))

    def test_strings_are_bounded_in_bytes(self) -> None:
        for letter in ("x", "é", "\U0001f600"):
            text = sendable(letter * 500_000)
            self.assertLessEqual(len(text.encode()), STRING_LIMIT_BYTES)
            kept = text.count(letter)
            self.assertTrue(text.endswith(f"[{500_000 - kept} more characters were left out]"))

    def test_depth_is_bounded(self) -> None:
        value: list = []
        for _ in range(5000):
            value = [value]
        self.assertIn("nested too deeply", json.dumps(sendable(value)))


if __name__ == "__main__":
    unittest.main()
