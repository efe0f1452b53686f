from __future__ import annotations

import threading
import unittest
from typing import Any

import client_path  # noqa: F401
from scripted_service import Answer, Exchange, ScriptedService, cut, lost, problem, whole

from aiopslab_tasks import (
    Client,
    ConnectionFailedError,
    InvalidRequestError,
    Session,
    SessionEndedError,
    TaskServiceError,
    UnavailableError,
    WaitTimeoutError,
)

BRIEFING = {"description": "Find it.", "instructions": "One call.", "actions": {"a": "a()"}}
SESSIONS = "/api/v1/sessions"


class Episodes:
    """Answers as the service does: a session for each key, which is open at once."""

    def __init__(self) -> None:
        self.by_key: dict[str, str] = {}
        self.ended: list[str] = []
        self.acted: list[tuple[str, int]] = []
        self.openings: list[Answer] = []
        self.next_step: Answer | None = None
        self.next_end: Answer | None = None
        self._lock = threading.Lock()

    def __call__(self, exchange: Exchange) -> None:
        with self._lock:
            self._answer(exchange)(exchange)

    def _answer(self, exchange: Exchange) -> Answer:
        path = exchange.path.partition("?")[0]
        if (exchange.command, path) == ("POST", SESSIONS):
            return self._open(str(exchange.headers["Idempotency-Key"]))
        session_id, _, rest = path[len(SESSIONS) + 1 :].partition("/")
        if exchange.command == "DELETE" and self.next_end is not None:
            return self.next_end
        if exchange.command == "DELETE":
            self.ended.append(session_id)
            return whole({"id": session_id, "state": "closing"})
        if rest and self.next_step is not None:
            return self.next_step
        return self._step(session_id) if rest else whole(self._state(session_id))

    def _open(self, key: str) -> Answer:
        known = self.by_key.setdefault(key, f"s{len(self.by_key)}")
        return self.openings.pop(0) if self.openings else whole(self._state(known), 201)

    def _state(self, session_id: str) -> dict[str, Any]:
        return {"id": session_id, "state": "open", "observation": {**BRIEFING, "id": session_id}}

    def _step(self, session_id: str) -> Answer:
        index = sum(one == session_id for one, _ in self.acted)
        self.acted.append((session_id, index))
        done = index == 1
        said = {"observation": f"{session_id}.{index}", "reward": 1.0 if done else None}
        more: dict[str, Any] = {"truncated": False, "reward_components": {}, "info": {}}
        return whole({**said, **more, "answered": True, "done": done})


class SessionTest(unittest.TestCase):
    def setUp(self) -> None:
        self.episodes = Episodes()
        self.service = ScriptedService(self.episodes)
        self.service.__enter__()
        self.addCleanup(self.service.__exit__)
        client = Client(self.service.url, timeout=5, retries=0)
        self.addCleanup(client.close)
        self.env: Session = client.session("p")

    def assert_begins(self, session_id: str) -> None:
        """A reset begins this episode, whose first step has the index 0."""
        self.assertEqual("Find it.", self.env.reset().description)
        self.assertEqual(session_id, self.env.id)
        self.assertEqual((f"{session_id}.0", None, False), self.env.step("look()")[:3])
        self.assertEqual(0, self.service.asked[-1].body["index"])

    def test_every_reset_after_an_end_begins_a_new_episode(self) -> None:
        for number in range(8):
            self.assert_begins(f"s{number}")
            self.assertEqual((1.0, True), self.env.step("submit()")[1:3])
        self.assertEqual([], self.episodes.ended, "what has ended by itself needs no end")

    def test_a_reset_in_the_middle_ends_the_episode_and_begins_a_new_one(self) -> None:
        for number in range(3):
            self.assert_begins(f"s{number}")
        self.env.close()
        self.assertEqual(["s0", "s1", "s2"], self.episodes.ended)

    def test_a_reset_after_a_step_that_was_waited_for_too_long_begins_a_new_episode(self) -> None:
        self.assert_begins("s0")
        self.episodes.next_step = whole({"answered": False}, 202)
        with self.assertRaises(WaitTimeoutError):
            self.env.step("sleep()", timeout=0.01)
        self.episodes.next_step = None
        self.assert_begins("s1")
        self.assertEqual(["s0"], self.episodes.ended)

    def test_a_reset_after_the_service_has_ended_the_session_begins_a_new_episode(self) -> None:
        for number, code in enumerate(("idle_timeout", "worker_lost", "session_cancelled")):
            self.episodes.next_step = None
            self.assert_begins(f"s{number}")
            self.episodes.next_step = problem(410, code)
            with self.assertRaises(SessionEndedError) as raised:
                self.env.step("look()")
            self.assertEqual(code, raised.exception.code)

    def test_a_reset_after_one_that_found_no_cluster_begins_a_new_episode(self) -> None:
        waiting = {"id": "s0", "state": "pending", "observation": None}
        client = Client(self.service.url, retries=0)
        self.addCleanup(client.close)
        self.env = client.session("p", open_timeout=0.0)
        self.episodes.openings = [whole(waiting, 202)]
        with self.assertRaises(WaitTimeoutError):
            self.env.reset()
        self.assertEqual(["s0"], self.episodes.ended)
        self.assert_begins("s1")

    def test_a_reset_after_one_that_could_not_be_set_up_begins_a_new_episode(self) -> None:
        failed = {"id": "s0", "state": "failed", "observation": None, "failure_code": "unknown"}
        self.episodes.openings = [whole(failed, 201)]
        with self.assertRaises(SessionEndedError):
            self.env.reset()
        self.assert_begins("s1")

    def test_a_session_whose_opening_got_no_answer_is_found_and_ended(self) -> None:
        for opening in (lost(), cut({}), problem(503, "overloaded"), problem(500, "internal")):
            self.episodes.openings = [opening]
            with self.assertRaises(TaskServiceError):
                self.env.reset()
            self.env.close()
        self.assertEqual(["s0", "s1", "s2", "s3"], self.episodes.ended)
        self.assert_begins("s4")

    def test_the_next_reset_ends_a_session_whose_opening_got_no_answer(self) -> None:
        self.episodes.openings = [lost()]
        with self.assertRaises(ConnectionFailedError):
            self.env.reset()
        self.assert_begins("s1")
        self.assertEqual(["s0"], self.episodes.ended)

    def test_leaving_while_a_session_is_opened_leaves_none_behind(self) -> None:
        self.episodes.openings = [lost()]
        with self.assertRaises(ConnectionFailedError), self.env:
            self.env.reset()
        self.assertEqual(["s0"], self.episodes.ended)

    def test_what_the_service_has_refused_to_open_is_not_looked_for(self) -> None:
        self.episodes.openings = [problem(400, "invalid_session")]
        with self.assertRaises(InvalidRequestError):
            self.env.reset()
        self.env.close()
        self.assertEqual([SESSIONS], [asked.path for asked in self.service.asked])

    def test_an_episode_that_cannot_be_ended_now_is_ended_by_the_next_reset(self) -> None:
        self.assert_begins("s0")
        self.episodes.next_end = problem(503, "overloaded")
        with self.assertRaises(UnavailableError):
            self.env.reset()
        self.episodes.next_end = None
        self.assert_begins("s1")
        self.assertEqual(["s0"], self.episodes.ended)
