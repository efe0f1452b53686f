"""What the agent `openai` may be told, and which key may go where."""

from __future__ import annotations

import os
import unittest
from typing import Any
from unittest import mock

import runner_path  # noqa: F401

from aiopslab_runner.agents import Surroundings, make_agent
from aiopslab_runner.agents.openai.base_url import BadUrl, read_base_url
from aiopslab_runner.agents.openai.keys import Destination, Key, read_destination
from aiopslab_runner.agents.options import Options
from aiopslab_runner.failures import RunFailure

URL = "http://127.0.0.1:8000/v1"
SECRET = "sk-top-secret-0123456789"


class Refused(unittest.TestCase):
    def refusal(self, config: dict[str, Any], keys: dict[str, str] | None = None) -> RunFailure:
        with self.assertRaises(RunFailure) as caught:
            make_agent(
                {"agent": "openai", "model": "m", "base_url": URL, **config}, Surroundings(keys)
            )
        self.assertEqual("invalid_agent_config", caught.exception.code)
        self.assertNotIn(SECRET, caught.exception.message)
        return caught.exception

    def test_values_out_of_range_are_named(self) -> None:
        for key, value in (
            ("model", ""),
            ("model", None),
            ("base_url", 5),
            ("base_url", "ftp://host/v1"),
            ("base_url", "http://169.254.169.254/v1"),
            ("temperature", 2.5),
            ("temperature", True),
            ("temperature", float("nan")),
            ("top_p", "0.9"),
            ("max_tokens", 0),
            ("max_tokens_field", "tokens"),
            ("stop", "x"),
            ("stop", []),
            ("stop", [1]),
            ("presence_penalty", -3),
            ("frequency_penalty", None),
            ("top_k", 0.5),
            ("min_p", 2),
            ("repetition_penalty", -1),
            ("seed", "7"),
            ("extra_body", []),
            ("stream", 1),
            ("logprobs", 5),
            ("token_ids", "yes"),
            ("timeout_seconds", 0.5),
            ("timeout_seconds", 3601),
            ("max_retries", 21),
            ("history_limit_tokens", -1),
            ("policy_version_header", "X Version"),
            ("policy_version_field", "a..b"),
            ("system_prompt", " "),
            ("delay_ms", -1),
            ("api_key", SECRET),
            ("Authorization", f"Bearer {SECRET}"),
        ):
            with self.subTest(key=key, value=value):
                failure = self.refusal({key: value})
                self.assertEqual({f"agent_config.{key}"}, {failure.details["field"]})
                self.assertTrue(failure.message.startswith(f"agent_config.{key} "))

    def test_what_the_agent_sets_itself_is_not_overridden(self) -> None:
        for name in ("messages", "model", "stream", "n"):
            self.assertIn(f"must not have {name}", self.refusal({"extra_body": {name: 1}}).message)

    def test_a_seed_stands_where_groups_look_for_it(self) -> None:
        self.assertIn("agent_config.seed", self.refusal({"extra_body": {"seed": 7}}).message)

    def test_the_world_has_a_seed_of_its_own(self) -> None:
        for config, seed in (
            ({}, 0),
            ({"seed": 7}, 7),
            ({"seed": 7, "environment_seed": -9}, -9),
            ({"environment_seed": 2**63 - 1}, 2**63 - 1),
        ):
            self.assertEqual(seed, make_agent(config)[1].seed)
        for wrong in ("7", 1.5, 2**63, True):
            failure = self.refusal({"environment_seed": wrong})
            self.assertEqual("agent_config.environment_seed", failure.details["field"])

    def test_a_base_url_is_required(self) -> None:
        with self.assertRaises(RunFailure) as caught:
            make_agent({"agent": "openai", "model": "m"})
        self.assertEqual("agent_config.base_url", caught.exception.details["field"])

    def test_a_key_that_the_operator_has_not_named(self) -> None:
        with mock.patch.dict(os.environ, {"MY_KEY": SECRET}):
            for keys in ({}, {"OTHER": URL}):
                failure = self.refusal({"api_key_env": "MY_KEY"}, keys)
                self.assertIn("add it to aiopslab.worker.model-keys", failure.message)

    def test_a_key_that_the_worker_does_not_have(self) -> None:
        for value in ({}, {"MY_KEY": " \n"}):
            with mock.patch.dict(os.environ, value):
                failure = self.refusal({"api_key_env": "MY_KEY"}, {"MY_KEY": URL})
            self.assertIn("the worker does not have it", failure.message)

    def test_a_value_that_is_no_key(self) -> None:
        for value in ("short", f"{SECRET}\r\nX-Other: 1", f"{SECRET} {SECRET}", f"{SECRET}é"):
            with mock.patch.dict(os.environ, {"MY_KEY": value}):
                failure = self.refusal({"api_key_env": "MY_KEY"}, {"MY_KEY": URL})
            self.assertIn("is no key", failure.message)

    def test_a_key_goes_nowhere_but_below_its_base_url(self) -> None:
        with mock.patch.dict(os.environ, {"MY_KEY": SECRET}):
            for url in (
                "https://models.example/team/v1",
                "http://models.example/team",
                "https://models.example:8443/team",
                "https://models.example.evil/team",
                "https://models.example/team2",
                "https://models.example/",
                "https://evil/https://models.example/team",
            ):
                with self.subTest(url=url):
                    keys = {"MY_KEY": "https://models.example/team/v2"}
                    failure = self.refusal({"api_key_env": "MY_KEY", "base_url": url}, keys)
                    self.assertEqual("agent_config.base_url", failure.details["field"])
            failure = self.refusal({"api_key_env": "MY_KEY"}, {"MY_KEY": "not a url"})
            self.assertIn("aiopslab.worker.model-keys", failure.message)


class Allowed(unittest.TestCase):
    def destination(self, **config: str) -> Destination:
        keys = {"MY_KEY": "https://Models.example:443/team/"}
        with mock.patch.dict(os.environ, {"MY_KEY": SECRET}):
            return read_destination(
                Options({"api_key_env": "MY_KEY", **config}, Surroundings(keys or {}))
            )

    def test_the_operators_url_is_the_default(self) -> None:
        destination = self.destination()
        self.assertEqual("https://models.example/team", str(destination.base_url))
        self.assertEqual(f"Bearer {SECRET}", destination.key.authorization())

    def test_a_path_below_it_may_be_chosen(self) -> None:
        destination = self.destination(base_url="https://models.example/team/blue/v1")
        self.assertEqual(("team", "blue", "v1"), destination.base_url.segments)

    def test_no_key_is_sent_unless_asked_for(self) -> None:
        options = Options({"base_url": URL}, {"MY_KEY": URL})
        self.assertIsNone(read_destination(options).key)


class Secrets(unittest.TestCase):
    def test_no_key_is_left_for_processes_that_an_agent_starts(self) -> None:
        keys = {"MY_KEY": URL, "OTHER_KEY": URL, "ABSENT_KEY": URL}
        for config in ({"agent": "openai", "model": "m", "api_key_env": "MY_KEY"}, {}):
            with mock.patch.dict(os.environ, {"MY_KEY": SECRET, "OTHER_KEY": SECRET}):
                make_agent(config, Surroundings(keys or {}))
                self.assertFalse({"MY_KEY", "OTHER_KEY"} & set(os.environ))

    def test_a_key_does_not_show(self) -> None:
        key = Key("MY_KEY", SECRET)
        said = {"a": [f"x{SECRET}y", 5, None], SECRET: True}
        self.assertEqual({"a": ["x(the key)y", 5, None], "(the key)": True}, key.taken_out_of(said))
        self.assertNotIn(SECRET, repr(Destination(read_base_url(URL), key)))


class BaseUrls(unittest.TestCase):
    def test_are_read_by_their_parts(self) -> None:
        for text, read in (
            ("http://h", "http://h"),
            ("HTTPS://H:443/v1/", "https://h/v1"),
            ("http://10.0.0.7:80/v1", "http://10.0.0.7/v1"),
            ("http://[::1]:8000/v1", "http://[::1]:8000/v1"),
            ("http://model_server.ns.svc:30000/v1", "http://model_server.ns.svc:30000/v1"),
        ):
            self.assertEqual(read, str(read_base_url(text)))

    def test_that_could_mean_something_else_are_refused(self) -> None:
        for text in (
            "",
            "host/v1",
            "//host/v1",
            "http://",
            "http://user@host/v1",
            "http://user:word@host/v1",
            "http://host/v1?x=1",
            "http://host/v1?",
            "http://host/v1#x",
            "http://host/../v1",
            "http://host/a//v1",
            "http://host/%2e%2e/v1",
            "http://host\\@evil/v1",
            "http://host /v1",
            "http://host\n/v1",
            "http://hôst/v1",
            "http://host:99999/v1",
            "http://host:0/v1",
            "http://host:x/v1",
            "http://[::1/v1",
            "http://[fe80::1%eth0]/v1",
            "http://-/" + "x" * 2000,
            "file:///etc/passwd",
        ):
            with self.subTest(text=text), self.assertRaises(BadUrl):
                read_base_url(text)


if __name__ == "__main__":
    unittest.main()
