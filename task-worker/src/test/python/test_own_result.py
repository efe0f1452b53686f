"""AIOpsLab's own result JSON fits into one message, and whatever it lost is said."""

from __future__ import annotations

import json
import tempfile
import unittest
from pathlib import Path

import runner_path  # noqa: F401

from aiopslab_runner.orchestrator.own_result import MOST_BYTES, own_result


class OwnResult(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.said: list[str] = []

    def read(self, text: str | None) -> dict | None:
        if text is not None:
            (self.folder / "s-1_17.5.json").write_text(text)
        return own_result(self.folder, "s-1", lambda level, message: self.said.append(message))

    def result_with(self, messages: int, length: int, letter: str = "x") -> str:
        trace = [{"role": "env", "content": letter * length} for _ in range(messages)]
        return json.dumps({"agent": "gpt", "trace": trace, "results": {"TTD": 1.5}}, indent=4)

    def test_one_that_fits_is_as_it_was_written(self) -> None:
        text = self.result_with(1000, 900)
        self.assertEqual(json.loads(text), self.read(text))
        self.assertEqual([], self.said)

    def test_of_a_large_one_the_longest_texts_are_cut(self) -> None:
        for messages, length, letter in ((1, 5_000_000, "x"), (2000, 9000, "x"), (300, 9000, "é")):
            with self.subTest(messages=messages, letter=letter):
                self.said.clear()
                text = self.result_with(messages, length, letter)
                kept = self.read(text)
                assert kept is not None
                self.assertLessEqual(len(json.dumps(kept, ensure_ascii=False).encode()), MOST_BYTES)
                self.assertEqual(messages, len(kept["trace"]))
                self.assertEqual({"TTD": 1.5}, kept["results"])
                content = kept["trace"][0]["content"]
                cut = length - content.count(letter)
                self.assertTrue(content.endswith(f"[{cut} more characters were left out]"))
                self.assertRegex(self.said[0], "were cut")

    def test_one_that_cannot_be_kept_is_left_out_and_that_is_said(self) -> None:
        for text, reason in (
            (self.result_with(200_000, 5), "cannot be cut to"),
            ("[1]", "no JSON object"),
            ('{"agent":', "Expecting value"),
            ("[" * 100_000, "recursion"),
            (" " * (64 * 1024 * 1024 + 1), "at most 67108864 are read"),
        ):
            with self.subTest(reason):
                self.said.clear()
                self.assertIsNone(self.read(text))
                self.assertRegex(self.said[0], f"was left out: .*{reason}")

    def test_where_aiopslab_wrote_none_there_is_none(self) -> None:
        self.assertIsNone(self.read(None))
        self.assertEqual([], self.said)

    def test_what_json_or_postgres_refuse_is_replaced(self) -> None:
        kept = self.read('{"a": NaN, "b": "x\\u0000\\ud800"}')
        self.assertEqual({"a": None, "b": "x\ufffd\ufffd"}, kept)


if __name__ == "__main__":
    unittest.main()
