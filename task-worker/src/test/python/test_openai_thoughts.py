"""What a model thinks is not what it does, and an empty answer is nothing to be repeated."""

from __future__ import annotations

import unittest
from typing import Any

from asked_agent import AskedAgent
from model_server import Answer, ModelServer, delta, plain, stream, usage_chunk

from aiopslab_runner.agents.contract import Reply
from aiopslab_runner.failures import RunFailure

ACTION = '\n\n```\nsubmit("No")\n```'
FINE = plain("fine")


def pieces(text: str) -> Answer:
    half = len(text) // 2
    return stream(delta(text[:half]), delta(text[half:]), delta("", "stop"), usage_chunk())


class Thoughts(unittest.TestCase):
    def read(self, answer: Answer, **options: Any) -> tuple[Reply, str | None]:
        with ModelServer(answer) as server:
            reply = AskedAgent(server.base_url, **options).ask()
        return reply, reply.model.get("reasoning")

    def test_stand_before_the_closing_tag(self) -> None:
        for text, thought, action in (
            (f"<think>\nHm.</think>{ACTION}", "\nHm.", ACTION),
            (f"Hm.\n</think>{ACTION}", "Hm.\n", ACTION),
            (f"</think>{ACTION}", None, ACTION),
            (f"  <think>Hm.</think>{ACTION}", "Hm.", ACTION),
            ("<think>Hm. Then I would", "Hm. Then I would", ""),
            ("Hm.</think>", "Hm.", ""),
            (ACTION, None, ACTION),
            ("I <think> so.", None, "I <think> so."),
        ):
            for answer in (plain(text), pieces(text)):
                with self.subTest(text=text):
                    self.assertEqual((action, thought), self.read(answer))

    def test_are_all_there_is_when_a_model_that_always_thinks_did_not_come_to_its_end(self) -> None:
        for text, thought, action in (
            ("Hm. I would submit(", "Hm. I would submit(", ""),
            (f"Hm.</think>{ACTION}", "Hm.", ACTION),
        ):
            self.assertEqual((action, thought), self.read(plain(text), reasoning="always"))

    def test_stay_in_the_action_if_that_is_wanted(self) -> None:
        text = f"<think>Hm.</think>{ACTION}"
        self.assertEqual((text, None), self.read(plain(text), reasoning="never"))

    def test_that_the_server_has_taken_out_are_all_there_are(self) -> None:
        action = "```\nexec_shell(\"grep '</think>' log\")\n```"
        for name in ("reasoning", "reasoning_content"):
            for mode in ("auto", "always"):
                answer = plain(action, message={name: "Hm."})
                self.assertEqual((action, "Hm."), self.read(answer, reasoning=mode))

    def test_are_part_of_the_tokens(self) -> None:
        ids = {"token_ids": [1, 2, 3], "logprobs": {"content": [{"logprob": -1}] * 3}}
        reply, _ = self.read(plain(f"Hm.</think>{ACTION}", choice=ids))
        self.assertEqual([1, 2, 3], reply.tokens["response_ids"])

    def test_take_one_of_three_ways(self) -> None:
        with self.assertRaises(RunFailure) as caught:
            AskedAgent("http://127.0.0.1:1", reasoning="deepseek_r1")
        self.assertIn("must be one of: always, auto, never", caught.exception.message)


class LaterTurns(unittest.TestCase):
    def messages_after(self, *answers: Answer, **options: Any) -> list[dict[str, Any]]:
        """What the next turn's request says behind the instructions."""
        with ModelServer(*answers, FINE) as server:
            asked = AskedAgent(server.base_url, **options)
            for turn in range(len(answers) + 1):
                asked.ask(f"o{turn}")
        self.assert_acceptable(server)
        return server.asked[-1].body["messages"][1:]

    def assert_acceptable(self, server: ModelServer) -> None:
        """For those who refuse empty messages, and two of one role in a row."""
        for request in server.asked:
            roles = [message["role"] for message in request.body["messages"]]
            expected = ["system", *["user", "assistant"] * len(roles)][: len(roles)]
            self.assertEqual(expected, roles)
            for text in request.contents():
                self.assertTrue(text.strip(), request.body["messages"])

    def test_are_not_told_what_was_thought(self) -> None:
        for answer in (
            plain("do", message={"reasoning_content": "Hm."}),
            plain("<think>Hm.</think>do"),
        ):
            said = self.messages_after(answer)[1]
            self.assertEqual({"role": "assistant", "content": "do"}, said)

    def test_are_told_if_that_is_wanted_in_the_way_in_which_it_came(self) -> None:
        for answer, told in (
            (
                plain("do", message={"reasoning_content": "Hm."}),
                {"content": "do", "reasoning_content": "Hm."},
            ),
            (plain("do", message={"reasoning": "Hm."}), {"content": "do", "reasoning": "Hm."}),
            (plain("<think>Hm.</think>do"), {"content": "<think>Hm.</think>do"}),
            (plain("do"), {"content": "do"}),
        ):
            said = self.messages_after(answer, send_reasoning=True)[1]
            self.assertEqual({"role": "assistant", **told}, said)

    def test_are_told_nothing_of_an_empty_answer(self) -> None:
        for message in (
            {"content": None},
            {"content": ""},
            {"content": " \n"},
            {"content": [{"type": "text", "text": ""}]},
            {"content": None, "reasoning": "Hm."},
            {"content": "<think>Hm."},
            {"content": None, "tool_calls": [{"id": "1"}]},
        ):
            for options in ({}, {"send_reasoning": True}):
                with self.subTest(message=message, **options):
                    empty = plain(None, message=message)
                    texts = [
                        told["content"] for told in self.messages_after(empty, empty, **options)
                    ]
                    if "<think>" in str(message) and options:
                        self.assertEqual(5, len(texts))
                    else:
                        self.assertEqual(["The rules.\n\no0\n\no1\n\no2"], texts)

    def test_are_told_of_an_empty_observation_in_words(self) -> None:
        with ModelServer(FINE) as server:
            asked = AskedAgent(server.base_url)
            for observation in ("Begin.", "", " \n"):
                asked.ask(observation)
        self.assert_acceptable(server)
        self.assertEqual(["(nothing)"] * 2, server.asked[-1].contents()[3::2])

    def test_are_cut_with_the_thoughts_counted(self) -> None:
        answer = plain("do", message={"reasoning": "t" * 40_000})
        options = {"send_reasoning": True, "history_limit_tokens": 5000}
        told = self.messages_after(answer, **options)
        self.assertEqual(["The rules.\n\no1"], [message["content"] for message in told])


if __name__ == "__main__":
    unittest.main()
