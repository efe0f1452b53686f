from __future__ import annotations

import unittest
from typing import Any, Callable

import client_path  # noqa: F401
from scripted_service import Answer, problem, serving, whole

from aiopslab_tasks import Client, TaskServiceError, UnexpectedAnswerError
from aiopslab_tasks.records import Record

CALLS: dict[str, Callable[[Client], Any]] = {
    "submit": lambda client: client.submit("p").id,
    "submit_many": lambda client: client.submit_many([{"problem_id": "p"}])[0].id,
    "get": lambda client: client.get("t").id,
    "wait": lambda client: client.wait("t", 0.1),
    "list": lambda client: client.list().tasks,
    "iterate": lambda client: list(client.iterate()),
    "cancel": lambda client: client.cancel("t").status,
    "cancel_where": lambda client: client.cancel_where(status="pending"),
    "retry": lambda client: client.retry("t").id,
    "logs": lambda client: list(client.logs("t")),
    "followed logs": lambda client: list(client.logs("t", follow=True)),
    "events": lambda client: list(client.events("t")),
    "trajectory": lambda client: client.trajectory("t").messages,
    "aiopslab_result": lambda client: client.aiopslab_result("t")["trace"],
    "feed": lambda client: next(client.feed(follow=False)),
    "group": lambda client: client.group("p", samples=2),
    "group state": lambda client: client.group_of("g").wait(0.1),
    "cancelled group": lambda client: client.group_of("g").cancel().samples,
    "session": lambda client: client.session("p", open_timeout=0.1).reset(),
    "backends": lambda client: client.backends()[0],
    "capacity": lambda client: client.capacity()["free"],
    "pause": lambda client: client.pause_backend()["paused_at"],
    "workers": lambda client: client.operator.workers()[0],
    "worker": lambda client: client.operator.worker("w")["status"],
    "drain": lambda client: client.operator.drain("w")["drained"],
    "dead letters": lambda client: list(client.operator.dead_letters()),
    "requeue": lambda client: client.operator.requeue("a")["state"],
    "requeue_where": lambda client: client.operator.requeue_where(state="kept"),
}
STREAMED = ("followed logs", "events", "feed")


class OtherAnswersTest(unittest.TestCase):
    """A proxy, a portal or another service answers with 200: that is said, whatever was asked."""

    def assert_said(self, answer: Answer, sentence: str) -> None:
        for name, call in CALLS.items():
            words = f"{sentence}|with nothing|no.* stream of" if name in STREAMED else sentence
            refused = self.assertRaisesRegex(UnexpectedAnswerError, words)
            with self.subTest(name), serving(answer) as (service, client):
                with refused as raised:
                    call(client)
                self.assertIn("check the base URL", str(raised.exception))
                self.assertEqual(1, len(service.asked), "asking again does not help")

    def test_an_empty_200(self) -> None:
        self.assert_said(whole(b""), "with nothing")

    def test_an_empty_200_that_says_to_be_json(self) -> None:
        self.assert_said(whole(b"", Content_Type="application/json"), "with nothing")

    def test_a_page_of_a_portal(self) -> None:
        self.assert_said(whole(b"<html>\n\n</html>\n", Content_Type="text/html"), "not with JSON")

    def test_json_of_somebody_else(self) -> None:
        self.assert_said(whole({}), "without")

    def test_json_that_is_no_object(self) -> None:
        for value in (None, [], [None], 7, "ok", True):
            self.assert_said(whole(value), "not with")

    def test_lists_of_something_else(self) -> None:
        names = ("tasks", "logs", "dead_letters", "backends", "workers")
        listed = ("submit_many", "list", "iterate", "logs", "dead letters", "backends", "workers")
        for wrong in (None, 7, [None], [[]]):
            answer = whole({**dict.fromkeys(names, wrong), "next": None, "next_cursor": None})
            for name in listed:
                refused = self.assertRaises(UnexpectedAnswerError)
                with self.subTest(name, wrong=wrong), serving(answer) as (_, client), refused:
                    CALLS[name](client)

    def test_who_asks_for_a_name_and_password_is_told_where_to_give_them(self) -> None:
        for answer in (whole(b"", 401), whole({"message": "who are you?"}, 401)):
            refused = self.assertRaisesRegex(UnexpectedAnswerError, "user:password@")
            with serving(answer) as (_, client), refused as raised:
                client.get("t")
            self.assertEqual(401, raised.exception.status)

    def test_a_problem_of_another_make_is_still_one(self) -> None:
        for body in (b"", b"null", b"[]", b'{"code": 7}', b'{"code": {}, "details": [7]}'):
            refused = self.assertRaises(TaskServiceError)
            with serving(whole(body, 500)) as (_, client), refused as raised:
                client.get("t")
            self.assertTrue(str(raised.exception))


class RecordTest(unittest.TestCase):
    def test_a_member_that_is_missing_is_a_missing_key_too(self) -> None:
        record = Record({"a": 1})
        self.assertEqual((1, None), (record["a"], record.get("b")))
        with self.assertRaises(KeyError):
            record["b"]
        with self.assertRaisesRegex(UnexpectedAnswerError, "without b"):
            record["b"]


class SessionAnswersTest(unittest.TestCase):
    def test_a_step_that_is_answered_by_somebody_else_can_be_given_again(self) -> None:
        opened = {"id": "s", "state": "open", "observation": {"description": "d"}}
        said = {"answered": True, "observation": "o", "done": True, "reward": None}
        stepped = {**said, "info": {}, "reward_components": {}, "truncated": False}
        others = (whole(b""), whole({"answered": True}), whole({**stepped, "info": None}))
        script = (whole(opened), *others, problem(502, ""), whole(stepped))
        with serving(*script) as (service, client):
            env = client.session("p")
            env.reset()
            for _ in range(4):
                with self.assertRaises(TaskServiceError):
                    env.step("look()")
            self.assertEqual("o", env.step("look()")[0])
            self.assertEqual({0}, {asked.body["index"] for asked in service.asked[1:]})
