from __future__ import annotations

import contextlib
import unittest
from typing import Any

import client_path  # noqa: F401
from scripted_service import (
    Answer,
    ScriptedService,
    cut,
    cut_in_headers,
    lost,
    problem,
    then_closed,
    whole,
)

from aiopslab_tasks import (
    Client,
    ConflictError,
    ConnectionFailedError,
    InternalError,
    InvalidRequestError,
    NotFoundError,
    SessionEndedError,
    TaskServiceError,
    UnavailableError,
    UnexpectedAnswerError,
    WaitTimeoutError,
)
from aiopslab_tasks.transport import duration
from aiopslab_tasks.values import pairs

TASK: dict[str, Any] = {"id": "t-1", "status": "pending"}


class CallsTest(unittest.TestCase):
    def client(self, *script: Answer, retries: int = 8) -> tuple[ScriptedService, Client]:
        service = self.enterContext(ScriptedService(*script))
        return service, self.enterContext(Client(service.url, timeout=5, retries=retries))

    def enterContext(self, context: Any) -> Any:  # is in unittest from 3.11
        entered = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        return entered

    def test_a_submission_whose_answer_is_lost_is_sent_again_under_the_same_key(self) -> None:
        service, client = self.client(lost(), cut(TASK), problem(502, ""), whole(TASK, 201))
        self.assertEqual("t-1", client.submit("p", priority=9).id)
        self.assertEqual([{"problem_id": "p", "priority": 9}] * 4, [a.body for a in service.asked])
        keys = {asked.headers["idempotency-key"] for asked in service.asked}
        self.assertEqual(1, len(keys))
        client.submit("p")
        self.assertNotIn(service.asked[-1].headers["idempotency-key"], keys)

    def test_a_sample_shows_its_earlier_attempts(self) -> None:
        first = {"task_id": "t-1", "status": "failed"}
        last = {"task_id": "t-2", "status": "completed", "sample_index": 0, "reward": 1.0}
        answer = {"id": "g", "samples": [{**last, "earlier_attempts": [first]}]}
        _, client = self.client(whole(answer))
        group = client.group_of("g").look()
        (sample,) = group.samples
        self.assertEqual(("t-2", 0, 1.0), (sample.task_id, sample.sample_index, sample.reward))
        (earlier,) = sample.earlier_attempts
        self.assertEqual(("t-1", "failed"), (earlier.task_id, earlier.status))
        self.assertEqual([1.0], group.rewards)

    def test_queue_and_seed_are_sent(self) -> None:
        session = {"id": "s", "status": "pending", "state": "failed", "failure_code": "x"}
        answers = [whole(TASK, 201), whole({"id": "g"}, 201), whole(session, 201)]
        service, client = self.client(*answers)
        client.submit("p", queue="q")
        client.group("p", samples=2, queue="q")
        with contextlib.suppress(TaskServiceError):
            client.session("p", queue="q", seed=7).reset()
        task, group, opened = (asked.body for asked in service.asked[:3])
        self.assertEqual("q", task["queue"])
        self.assertEqual("q", group["task"]["queue"])
        self.assertEqual(("q", 7), (opened["queue"], opened["seed"]))

    def test_an_answer_that_is_cut_in_its_headers_is_none(self) -> None:
        for begun in (
            b"HTTP/1.1 2",
            b"HTTP/1.1 201",
            b"HTTP/1.1 201 Created\r\nContent-Ty",
            b"HTTP/1.1 201 Created\r\nContent-Length: 1",
            b"HTTP/1.1 404 Not Found\r\n",
            b"HTTP/1.1 503 Service Unavailable\r\nTransfer-Encoding: chu",
        ):
            with self.subTest(begun):
                service, client = self.client(cut_in_headers(begun), whole(TASK, 201))
                self.assertEqual("t-1", client.submit("p").id)
                self.assertEqual(2, len(service.asked))

    def test_a_connection_that_was_closed_while_idle_is_replaced_at_once(self) -> None:
        service, client = self.client(then_closed(whole(TASK)))
        client = self.enterContext(Client(service.url, timeout=5, retries=0))
        for _ in range(3):
            client.get("t-1")
        self.assertEqual(3, service.connections)

    def test_calls_share_a_connection(self) -> None:
        service, client = self.client(whole(TASK), problem(404, "task_not_found"), whole(TASK))
        client.get("t-1")
        with self.assertRaises(NotFoundError):
            client.get("t-2")
        client.get("t-1")
        self.assertEqual(1, service.connections)

    def test_answers_may_be_compressed(self) -> None:
        service, client = self.client(whole({**TASK, "text": "x" * 300_000}, zipped=True))
        self.assertEqual(300_000, len(client.get("t-1")["text"]))
        self.assertEqual("gzip", service.asked[0].headers["accept-encoding"])

    def test_each_kind_of_failure_has_a_class(self) -> None:
        for status, kind in [
            (400, InvalidRequestError),
            (413, InvalidRequestError),
            (404, NotFoundError),
            (409, ConflictError),
            (410, SessionEndedError),
            (500, InternalError),
            (503, UnavailableError),
        ]:
            with self.subTest(status):
                _, client = self.client(problem(status, "some_code"), retries=0)
                with self.assertRaises(kind) as raised:
                    client.get("t-1")
                self.assertEqual(
                    "Do something else. (code some_code, request r-1)\n"
                    "  max_steps: must be at least 1",
                    str(raised.exception),
                )
                self.assertEqual(status, raised.exception.status)
                self.assertEqual("range", raised.exception.details[0]["rule"])

    def test_what_is_not_the_service_is_said_so(self) -> None:
        for answer in (whole(b"<html>", 200), whole(b"<html>", 404), whole(b"", 302)):
            _, client = self.client(answer, retries=0)
            with self.assertRaisesRegex(UnexpectedAnswerError, "check the base URL"):
                client.get("t-1")

    def test_nobody_there_is_a_failed_connection(self) -> None:
        with ScriptedService(whole(TASK)) as service:
            url = service.url
        with Client(url, retries=1) as client, self.assertRaises(ConnectionFailedError) as raised:
            client.get("t-1")
        self.assertIn("check that the service is up", str(raised.exception))

    def test_a_wait_is_over_when_its_time_is_and_says_that_the_task_goes_on(self) -> None:
        _, client = self.client(whole(TASK))
        with self.assertRaisesRegex(WaitTimeoutError, "goes on") as raised:
            client.wait("t-1", timeout=0.1)
        self.assertIsInstance(raised.exception, TaskServiceError)

    def test_a_cancel_whose_answer_was_lost_is_one_that_worked(self) -> None:
        gone = {**TASK, "status": "cancelled"}
        _, client = self.client(lost(), problem(409, "task_already_ended"), whole(gone))
        self.assertEqual("cancelled", client.cancel("t-1").status)

    def test_a_cancel_that_comes_too_late_is_a_conflict(self) -> None:
        done = {**TASK, "status": "completed"}
        _, client = self.client(problem(409, "task_already_ended"), whole(done))
        with self.assertRaises(ConflictError):
            client.cancel("t-1")

    def test_a_cancel_by_filter_goes_on_until_nothing_is_left(self) -> None:
        counts = {"cancelled": 2, "requested": 1}
        service, client = self.client(
            whole({**counts, "more": True}), whole({**counts, "more": False})
        )
        total = client.cancel_where(status="pending", metadata={"run": "7"}, reason="stale")
        self.assertEqual({"cancelled": 4, "requested": 2}, total)
        expected = {"status": ["pending"], "metadata": {"run": "7"}, "reason": "stale"}
        self.assertEqual(expected, service.asked[1].body)

    def test_a_listing_goes_from_page_to_page(self) -> None:
        service, client = self.client(
            whole({"tasks": [TASK, TASK], "next_cursor": "c 1"}),
            whole({"tasks": [TASK], "next_cursor": None}),
        )
        found = list(client.iterate(status=["pending", "running"], metadata={"a": 1}))
        self.assertEqual(3, len(found))
        self.assertEqual(
            "/api/v1/tasks?status=pending&status=running&metadata.a=1&limit=100&cursor=c+1",
            service.asked[1].path,
        )


class ParametersTest(unittest.TestCase):
    def test_values_are_written_as_the_service_reads_them(self) -> None:
        given = {"a": None, "b": True, "c": 1.5, "d": ["x", "y"], "metadata": {"k": False}}
        self.assertEqual(
            [("b", "true"), ("c", "1.5"), ("d", "x"), ("d", "y"), ("metadata.k", "false")],
            list(pairs(given)),
        )

    def test_times_are_bounded(self) -> None:
        self.assertEqual(["0ms", "500ms", "60000ms"], [duration(s) for s in (-1, 0.5, 1e9)])
