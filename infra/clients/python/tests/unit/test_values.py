from __future__ import annotations

import unittest
from datetime import datetime, timezone
from typing import Any, Callable
from uuid import UUID

import client_path  # noqa: F401
from scripted_service import ScriptedService, streamed, whole

from aiopslab_tasks import Client, InvalidRequestError, verify_webhook

TASK = {"id": "t-1", "status": "pending"}


class ValuesTest(unittest.TestCase):
    """What a call is given is said as it is, or refused by its name before anything is sent."""

    def setUp(self) -> None:
        self.service = ScriptedService(whole(TASK))
        self.service.__enter__()
        self.addCleanup(self.service.__exit__)
        self.client = Client(self.service.url, timeout=5, retries=0)
        self.addCleanup(self.client.close)

    def assert_refused(self, field: str, said: str, call: Callable[[], Any]) -> None:
        with self.assertRaisesRegex(InvalidRequestError, said) as raised:
            call()
        self.assertEqual([field], [detail["field"] for detail in raised.exception.details])
        self.assertIn(field, raised.exception.sentence)
        self.assertEqual("invalid_value", raised.exception.code)
        self.assertEqual([], self.service.asked)

    def test_what_json_cannot_say_is_refused_by_the_name_of_its_field(self) -> None:
        endless: list[Any] = []
        endless.append(endless)
        for field, value, said in [
            ("metadata.run", b"7", r"decode\(\).*not bytes"),
            ("metadata.run", bytearray(b"7"), r"decode\(\).*not bytearray"),
            ("metadata.at", datetime(2026, 11, 30), "datetime"),
            ("metadata.some", {1, 2}, "set"),
            ("metadata.loss", float("nan"), "finite"),
            ("metadata.loss", float("-inf"), "finite"),
        ]:
            metadata = {field.partition(".")[2]: value}
            with self.subTest(field, value=value):
                self.assert_refused(
                    field, said, lambda m=metadata: self.client.submit("p", metadata=m)
                )
        config = {"agent": "scripted", "actions": ["a()", {"b": [b"c"]}]}
        self.assert_refused(
            "agent_config.actions[1].b[0]",
            "bytes",
            lambda: self.client.submit("p", agent_config=config),
        )
        self.assert_refused(
            "tasks[1].problem_id",
            "bytes",
            lambda: self.client.submit_many([{"problem_id": "p"}, {"problem_id": b"p"}]),
        )
        keyed: Any = {b"run": 7}
        self.assert_refused("metadata", "names", lambda: self.client.submit("p", metadata=keyed))
        looped = {"endless": endless}
        self.assert_refused("metadata", "itself", lambda: self.client.submit("p", metadata=looped))

    def test_bytes_as_an_action_are_refused_and_the_session_goes_on(self) -> None:
        opened = {"id": "s", "state": "open", "observation": {"description": "d"}}
        said = {"answered": True, "observation": "o", "done": False, "reward": None}
        stepped = {**said, "info": {}, "reward_components": {}, "truncated": False}
        with ScriptedService(whole(opened), whole(stepped)) as service:
            client = Client(service.url, retries=0)
            self.addCleanup(client.close)
            env = client.session("p")
            env.reset()
            wrong: Any = b'submit("Yes")'
            self.assert_refused("action", r"decode\(\).*not bytes", lambda: env.step(wrong))
            self.assertEqual("o", env.step('submit("Yes")')[0])
            self.assertEqual(0, service.asked[-1].body["index"])

    def test_filters_are_texts_too(self) -> None:
        self.assert_refused("status", "bytes", lambda: self.client.list(status=b"pending"))
        self.assert_refused("status", "bytes", lambda: self.client.list(status=[b"pending"]))
        self.assert_refused(
            "metadata.run", "bytes", lambda: self.client.list(metadata={"run": b"7"})
        )
        self.assert_refused("metadata", "names", lambda: self.client.list(metadata={b"run": "7"}))
        self.assert_refused(
            "min_policy_version",
            "finite",
            lambda: next(self.client.feed(min_policy_version=float("nan"))),
        )

    def test_times_and_ids_may_be_pythons_own(self) -> None:
        with ScriptedService(whole({"tasks": [], "next_cursor": None}), whole(TASK)) as service:
            client = Client(service.url, retries=0)
            self.addCleanup(client.close)
            client.list(created_after=datetime(2026, 11, 30, 8, tzinfo=timezone.utc))
            self.assertIn("created_after=2026-11-30T08%3A00%3A00%2B00%3A00", service.asked[0].path)
            known: Any = UUID(int=7)
            client.get(known)
            self.assertEqual(f"/api/v1/tasks/{known}", service.asked[1].path)

    def test_an_id_that_is_none_asks_for_nothing_else(self) -> None:
        for wrong in ("", None, b"t-1", 7, ".", ".."):
            value: Any = wrong
            with self.subTest(repr(wrong)):
                self.assert_refused("id", "tasks", lambda v=value: self.client.get(v))
                self.assert_refused("id", "tasks", lambda v=value: self.client.cancel(v))
        self.assert_refused("id", "workers", lambda: self.client.operator.pause(""))
        self.assert_refused("id", "backends", lambda: self.client.pause_backend(""))

    def test_headers_are_visible_ascii(self) -> None:
        for wrong in ("a\r\nX-Evil: 1", "größer", b"key", 7):
            key: Any = wrong
            with self.subTest(repr(wrong)):
                self.assert_refused(
                    "Idempotency-Key",
                    "ASCII",
                    lambda k=key: self.client.submit("p", idempotency_key=k),
                )
                self.assert_refused(
                    "Last-Event-ID",
                    "ASCII",
                    lambda k=key: next(self.client.events("t", last_event_id=k)),
                )

    def test_a_webhook_is_verified_by_its_bytes(self) -> None:
        text: Any = "{}"
        with self.assertRaisesRegex(TypeError, "bytes as they came"):
            verify_webhook("whsec_AAAA", {}, text)


class LevelsTest(unittest.TestCase):
    def lines(self, *levels: str) -> list[str]:
        said = []
        for seq, level in enumerate(levels):
            line = f'{{"seq": {seq}, "level": "{level}", "message": "m"}}'
            said += [f"id: {seq}.x", "event: log", f"data: {line}", ""]
        return [*said, "id: 9.x", "event: end", "data: {}", ""]

    def test_a_followed_log_understands_levels_as_python_syslog_and_java_say_them(self) -> None:
        answer = streamed(*self.lines("debug", "info", "warning", "error", "dreadful"))
        with ScriptedService(answer) as service, Client(service.url, retries=0) as client:
            for least, seqs in [
                ("warn", [2, 3, 4]),
                ("WARNING", [2, 3, 4]),
                ("Info", [1, 2, 3, 4]),
                ("notice", [1, 2, 3, 4]),
                ("critical", [3, 4]),
                ("FATAL", [3, 4]),
                ("trace", [0, 1, 2, 3, 4]),
            ]:
                with self.subTest(least):
                    lines = client.logs("t", follow=True, level=least)
                    self.assertEqual(seqs, [line.seq for line in lines])

    def test_a_page_of_a_log_is_asked_for_in_the_services_words(self) -> None:
        with ScriptedService(whole({"logs": [], "next": None})) as service:
            with Client(service.url, retries=0) as client:
                self.assertEqual([], list(client.logs("t", level="WARN")))
            self.assertIn("level=warning&", service.asked[0].path)

    def test_a_level_that_is_none_is_refused_at_once_with_those_that_are(self) -> None:
        client = Client("http://127.0.0.1:1", retries=0)
        for follow in (True, False):
            for wrong in ("loud", "", 30, None):
                level: Any = wrong
                said = "level.*debug, info, warning, error"
                refused = self.assertRaisesRegex(InvalidRequestError, said)
                with self.subTest(repr(wrong), follow=follow), refused:
                    client.logs("t", follow=follow, level=level)
