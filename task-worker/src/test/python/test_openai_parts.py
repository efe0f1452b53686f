"""The parts of the agent `openai` that need no server."""

from __future__ import annotations

import socket
import threading
import unittest
from datetime import datetime, timezone
from typing import Any

import runner_path  # noqa: F401

from aiopslab_runner.agents.openai.addresses import is_refused, usable_addresses
from aiopslab_runner.agents.openai.failures import ModelFailure, PassingFailure
from aiopslab_runner.agents.openai.history import History, estimated_tokens, without_middle
from aiopslab_runner.agents.openai.prompts import system_prompt
from aiopslab_runner.agents.openai.retry_after import seconds_to_wait
from aiopslab_runner.agents.openai.token_facts import read_token_facts

LOGPROBS: dict[str, Any] = {"logprobs": {"content": [{"logprob": -1}, {"logprob": -0.5}]}}
TRIPLES: dict[str, Any] = {"meta_info": {"output_token_logprobs": [[-1, 8, "a"], [-0.5, 9]]}}


class Addresses(unittest.TestCase):
    def test_of_machines_and_of_the_internet_are_fine(self) -> None:
        for text in ("127.0.0.1", "10.1.2.3", "192.168.0.9", "::1", "fd12::5", "8.8.8.8"):
            self.assertFalse(is_refused(text), text)

    def test_of_metadata_services_and_of_nobody_are_refused(self) -> None:
        for text in (
            "169.254.169.254",
            "169.254.0.1",
            "fe80::1",
            "fe80::1%eth0",
            "224.0.0.1",
            "ff02::1",
            "0.0.0.0",
            "0.1.2.3",
            "::",
            "::ffff:169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "2002:a9fe:a9fe::1",
            "fd00:ec2::254",
            "100.100.100.200",
        ):
            self.assertTrue(is_refused(text), text)

    def resolved(self, *addresses: str) -> list[Any]:
        def look_up(host: str, port: int, type: int = 0, flags: int = 0) -> list[Any]:
            if flags:
                raise socket.gaierror("not an address")
            return [(socket.AF_INET, type, 6, "", (text, port)) for text in addresses]

        return [to for _, to in usable_addresses("model", 80, 5.0, look_up)]

    def test_that_are_refused_are_skipped(self) -> None:
        self.assertEqual([("10.0.0.7", 80)], self.resolved("169.254.169.254", "10.0.0.7"))

    def test_that_are_all_refused_are_a_final_failure(self) -> None:
        with self.assertRaisesRegex(ModelFailure, "the address of model is link-local"):
            self.resolved("169.254.169.254", "0.0.0.0")

    def test_numbers_in_disguise_are_seen_through(self) -> None:
        with self.assertRaises(ModelFailure):
            usable_addresses("2852039166", 80, 5.0)

    def test_a_silent_name_server_ends_in_time(self) -> None:
        released = threading.Event()
        self.addCleanup(released.set)

        def look_up(host: str, port: int, type: int = 0, flags: int = 0) -> list[Any]:
            if flags:
                raise socket.gaierror("not an address")
            released.wait()
            return []

        with self.assertRaisesRegex(PassingFailure, "not found in time"):
            usable_addresses("model", 80, 0.05, look_up)


class RetryAfter(unittest.TestCase):
    NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=timezone.utc)

    def test_is_read(self) -> None:
        for header, seconds in (
            ("7", 7.0),
            (" 0 ", 0.0),
            ("9" * 30, 120.0),
            ("121", 120.0),
            ("Mon, 23 Nov 2026 12:00:09 GMT", 9.0),
            ("Mon, 23 Nov 2026 12:00:09 -0000", 9.0),
            ("Mon, 23 Nov 2026 13:00:00 GMT", 120.0),
            ("Mon, 23 Nov 2026 11:00:00 GMT", 0.0),
            (None, None),
            ("", None),
            ("-5", None),
            ("1.5", None),
            ("²", None),
            ("soon", None),
            ("Mon, 99 Nov 2026 99:00:00 GMT", None),
        ):
            with self.subTest(header=header):
                self.assertEqual(seconds, seconds_to_wait(header, self.NOW))


class Histories(unittest.TestCase):
    def told(self, limit_tokens: int, turns: int, size: int = 400) -> History:
        history = History(limit_tokens)
        history.begin("S" * 400, "I" * 400)
        for turn in range(turns):
            history.hear(f"o{turn:03}".ljust(size, "."))
            history.say({"content": f"r{turn:03}".ljust(size, ".")})
        history.hear("last".ljust(size, "."))
        return history

    def starts(self, history: History) -> list[str]:
        return [message["content"][:4] for message in history.messages()]

    def test_without_a_limit_everything_stays(self) -> None:
        self.assertEqual(2 + 2 * 50 + 1, len(self.told(0, 50).messages()))

    def test_the_oldest_turns_go_first(self) -> None:
        history = self.told(750, 5)
        self.assertEqual(
            ["SSSS", "IIII", "o003", "r003", "o004", "r004", "last"], self.starts(history)
        )
        self.assertEqual(3, history.left_out())

    def test_stay_within_the_limit_and_alternate(self) -> None:
        for limit in range(400, 2000, 37):
            messages = self.told(limit, 9, 397).messages()
            sizes = sum(estimated_tokens(message["content"]) for message in messages)
            self.assertLessEqual(sizes, limit)
            roles = [message["role"] for message in messages[2:]]
            self.assertEqual(["user", "assistant"] * (len(roles) // 2) + ["user"], roles)

    def test_the_last_observation_loses_its_middle_at_most(self) -> None:
        history = History(300)
        history.begin("S" * 400, "I" * 400)
        history.hear("begin" + "." * 100_000 + "end")
        last = history.messages()[-1]["content"]
        self.assertTrue(380 < len(last) <= 400, len(last))
        self.assertTrue(last.startswith("begin") and last.endswith("end"))
        self.assertRegex(last, r"\d+ characters from the middle are left out")

    def test_the_limit_may_be_too_small_for_what_is_kept(self) -> None:
        self.assertEqual(["SSSS", "IIII", "last"], self.starts(self.told(1, 3, 200)))

    def test_shrinking_ends(self) -> None:
        history, sizes = self.told(0, 40, 4000), []
        while history.shrink():
            sizes.append(sum(len(content) for content in map(str, history.messages())))
        self.assertEqual(sorted(sizes, reverse=True), sizes)
        self.assertGreater(len(sizes), 3)
        self.assertEqual(["SSSS", "IIII", "last"], self.starts(history))

    def test_the_note_says_how_much_is_left_out(self) -> None:
        text = "".join(chr(97 + number % 26) for number in range(5000))
        cut = without_middle(text, 1000)
        head, count, tail = cut.partition("\n[")[0], cut.split(" ")[1], cut.rpartition("]\n")[2]
        self.assertLessEqual(len(cut), 1000)
        self.assertEqual(5000, len(head) + int(count) + len(tail))
        self.assertTrue(text.startswith(head) and text.endswith(tail))


class Prompt(unittest.TestCase):
    def test_has_the_preface_first_and_every_action(self) -> None:
        prompt = system_prompt("Preface.", "Problem.", {"a": " a(): one. ", "b": "b(): two."})
        self.assertTrue(prompt.startswith("Preface.\n\n"))
        self.assertTrue(prompt.endswith("Problem.\n\nThe actions:\n\na\na(): one.\n\nb\nb(): two."))


def logprobs(*values: Any, tokens: str = "") -> dict[str, Any]:
    """With `tokens`, each token is named by its id, as return_tokens_as_token_ids has it."""
    items = [{"logprob": value, "token": f"t{place}"} for place, value in enumerate(values)]
    for item, token in zip(items, tokens.split()):
        item["token"] = token
    return {"logprobs": {"content": items}}


class TokenFacts(unittest.TestCase):
    def test_come_in_the_shapes_of_vllm_and_sglang(self) -> None:
        for completion, choice in (
            ({"prompt_token_ids": [1, 2]}, {"token_ids": [8, 9], **LOGPROBS}),
            ({}, {"prompt_token_ids": [1, 2], "token_ids": [8, 9], **LOGPROBS}),
            ({}, {"prompt_token_ids": [1, 2], **TRIPLES}),
            ({"sglext": {"input_ids": [1, 2], "output_ids": [[8, 9]]}}, LOGPROBS),
            (
                {"prompt_token_ids": [1, 2]},
                logprobs(-1, -0.5, tokens="token_id:8 token_id:9"),
            ),
        ):
            facts = read_token_facts(completion, choice)
            self.assertEqual({"prompt_ids": [1, 2], "response_ids": [8, 9]}, facts.tokens())
            self.assertEqual([-1.0, -0.5], facts.logprobs)
            self.assertEqual((None, ()), (facts.left_out, facts.remarks))

    def test_that_cannot_be_used_are_named(self) -> None:
        for choice, left_out in (
            ({"token_ids": [8], **LOGPROBS}, "there are 2 log-probabilities for 1 response_ids"),
            ({"token_ids": [8, 9, 7], **LOGPROBS}, "there are 2 log-probabilities for 3"),
            ({"token_ids": [True]}, "response_ids is no list of token ids"),
            ({"token_ids": [8, None]}, "response_ids is no list of token ids"),
            ({"token_ids": [-1]}, "response_ids is no list of token ids"),
            ({"token_ids": [10**400]}, "response_ids is no list of token ids"),
            ({"token_ids": "8"}, "response_ids is no list of token ids"),
            ({"token_ids": []}, "response_ids is empty"),
            ({"token_ids": [8], "prompt_token_ids": [1.5]}, "prompt_ids is no list of token ids"),
            ({"token_ids": [8], **logprobs("x")}, "the log-probabilities are no list of numbers"),
            ({"token_ids": [8], **logprobs(True)}, "the log-probabilities are no list of numbers"),
            (
                {"token_ids": [8], **logprobs(float("nan"))},
                "the log-probabilities are no list of numbers",
            ),
            ({"token_ids": [8, 9], **logprobs(-1, 0.5)}, "a log-probability is above 0: 0.5"),
            ({"token_ids": [8], **logprobs(float("inf"))}, "a log-probability is above 0: inf"),
            ({"meta_info": {"output_token_logprobs": [5, [1]]}}, "response_ids is no list"),
            (logprobs(-1, -1, tokens="token_id:8 <eos>"), "response_ids is no list of token ids"),
        ):
            with self.subTest(choice=choice):
                facts = read_token_facts({}, choice)
                self.assertIn(left_out, facts.left_out or "")
                self.assertEqual(facts.left_out, facts.tokens()["left_out"])
                self.assertTrue(any(facts.left_out in remark for remark in facts.remarks))
                self.assertTrue(facts.sent_ids)
                self.assertEqual("logprobs" in choice or "meta_info" in choice, facts.sent_logprobs)

    def test_that_are_none_are_nothing(self) -> None:
        for choice in ({}, {"token_ids": None, "logprobs": [], "meta_info": 5}, {"logprobs": {}}):
            facts = read_token_facts({"sglext": {"output_ids": []}}, choice)
            self.assertEqual((None, None, None), (facts.tokens(), facts.logprobs, facts.left_out))
            self.assertEqual((False, False), (facts.sent_ids, facts.sent_logprobs))

    def test_one_log_probability_without_a_floor_keeps_the_others(self) -> None:
        for value in (float("-inf"), None, -1e30):
            facts = read_token_facts({}, {"token_ids": [7, 8, 9], **logprobs(-1, value, -0.5)})
            self.assertEqual([-1.0, -9999.0, -0.5], facts.logprobs)
            self.assertIsNone(facts.left_out)
            self.assertIn("1 of 3 log-probabilities", facts.remarks[0])
        triples = {"meta_info": {"output_token_logprobs": [[None, 8], [-0.5, 9]]}}
        self.assertEqual([-9999.0, -0.5], read_token_facts({}, triples).logprobs)

    def test_what_is_above_0_by_rounding_is_0(self) -> None:
        self.assertEqual(
            [0.0, -0.0],
            read_token_facts({}, {"token_ids": [7, 8], **logprobs(3e-6, -0.0)}).logprobs,
        )

    def test_that_are_too_many_for_a_message_are_named(self) -> None:
        facts = read_token_facts({"prompt_token_ids": [1] * 400_000}, {"token_ids": [2]})
        self.assertEqual({"left_out": facts.left_out}, facts.tokens())
        self.assertIn("400001 token ids", facts.left_out)
        self.assertIn("400001 token ids", facts.remarks[0])

    def test_have_a_policy_version_each_where_the_engine_says_so(self) -> None:
        one = [{"version": "a", "start": 0, "end": 1}, {"version": "b", "start": 1, "end": 3}]
        ids = {"token_ids": [7, 8, 9]}
        for completion, choice, found in (
            ({"metadata": {"weight_versions": one}}, {}, None),
            ({}, {"meta_info": {"weight_versions": one}}, None),
            ({}, {}, one),
            ({}, {}, ["a", "b", "b"]),
        ):
            facts = read_token_facts(completion, {**choice, **ids}, found)
            self.assertEqual(one, facts.tokens()["versions"])
            self.assertEqual(("a", "b"), (facts.first_version, facts.last_version))

    def test_whose_versions_do_not_fit_are_named(self) -> None:
        for found in (
            ["a", "b"],
            ["a", None, "b"],
            [{"version": "a", "start": 0, "end": 2}],
            [{"version": "a", "start": 1, "end": 3}],
            [{"version": "a", "start": 0, "end": 4}],
            [{"version": "a", "start": 0, "end": 3}, {"version": "b", "start": 2, "end": 3}],
            [{"version": {}, "start": 0, "end": 3}],
        ):
            facts = read_token_facts({}, {"token_ids": [7, 8, 9]}, found)
            self.assertEqual("the versions do not fit the 3 response_ids", facts.left_out)


if __name__ == "__main__":
    unittest.main()
