from __future__ import annotations

import json
import unittest
from typing import Any

import client_path  # noqa: F401
from scripted_service import Answer, ScriptedService, lost, problem, streamed, whole

from aiopslab_tasks import Client, InvalidRequestError, UnavailableError
from aiopslab_tasks.events import EventParser


def event(number: int, kind: str = "log") -> list[str]:
    data = {"seq": number, "level": "info", "message": f"line {number}"}
    return [f"id: {number}.x", f"event: {kind}", f"data: {json.dumps(data)}", ""]


def trajectory(number: int) -> str:
    return json.dumps({"cursor": f"c{number}", "task_id": f"t{number}", "reward": 1.0})


def page_end(number: int) -> str:
    return json.dumps({"next": f"c{number}"})


class ParserTest(unittest.TestCase):
    def test_events_are_read_as_they_are_specified(self) -> None:
        parser = EventParser()
        lines = [": hello", "id:1", "event: log", "data: a", "data:b", "", "data", "", "id: 2", ""]
        said = [parser.take(line) for line in lines]
        self.assertEqual([("log", "a\nb"), ("message", "")], [s for s in said if s is not None])
        self.assertEqual("2", parser.last_id)


class Streams(unittest.TestCase):
    def client(self, *script: Answer, retries: int = 8) -> tuple[ScriptedService, Client]:
        service = ScriptedService(*script)
        service.__enter__()
        self.addCleanup(service.__exit__)
        client = Client(service.url, timeout=5, retries=retries)
        self.addCleanup(client.close)
        return service, client


class EventsTest(Streams):
    def test_a_stream_goes_on_where_it_broke_off(self) -> None:
        service, client = self.client(
            streamed(*event(0), *event(1), "id: 2.x", "event: log", broken=True),
            lost(),
            streamed(": still here", "", *event(2), "event: shutdown", "data: {}", ""),
            streamed(*event(3), *event(4, "end")),
        )
        events = list(client.events("t", types=["log"]))
        self.assertEqual([0, 1, 2, 3, 4], [e.data["seq"] for e in events])
        self.assertEqual(
            [None, "1.x", "1.x", "2.x"], [a.headers.get("last-event-id") for a in service.asked]
        )
        self.assertEqual("/api/v1/tasks/t/events?types=log", service.asked[0].path)

    def test_nothing_more_to_follow_is_an_end(self) -> None:
        _, client = self.client(whole(b"", 204))
        self.assertEqual([], list(client.events("t", last_event_id="9.x")))

    def test_a_followed_log_leaves_out_what_was_not_asked_for(self) -> None:
        warning = {"seq": 5, "level": "warning", "message": "careful"}
        said = ["id: 5.x", "event: log", f"data: {json.dumps(warning)}", ""]
        _, client = self.client(streamed(*event(0), *said, *event(6), *event(7, "end")))
        lines = client.logs("t", follow=True, level="warning", after=0)
        self.assertEqual(["careful"], [line.message for line in lines])

    def test_a_refusal_is_not_tried_again(self) -> None:
        service, client = self.client(problem(400, "invalid_parameter"))
        with self.assertRaises(InvalidRequestError):
            list(client.events("t"))
        self.assertEqual(1, len(service.asked))


class FeedTest(Streams):
    def test_a_page_that_breaks_off_goes_on_behind_its_last_whole_line(self) -> None:
        service, client = self.client(
            streamed(trajectory(1), trajectory(2), trajectory(3)[:20], broken=True),
            streamed(trajectory(3)),
            problem(503, "overloaded", Retry_After="0"),
            streamed(trajectory(4), page_end(6)),
            streamed(page_end(9)),
            streamed(page_end(9)),
        )
        feed = client.feed(follow=False, metadata={"run": 1})
        cursors = [(t.task_id, t.cursor, feed.cursor) for t in feed]
        self.assertEqual([(f"t{n}", f"c{n}", f"c{n}") for n in (1, 2, 3, 4)], cursors)
        self.assertEqual("c9", feed.cursor, "also behind what the filter has left out")
        afters = [a.path.partition("after=")[2].partition("&")[0] for a in service.asked]
        self.assertEqual(["", "c2", "c3", "c3", "c6", "c9"], afters)
        self.assertEqual({"application/x-ndjson"}, {a.headers["accept"] for a in service.asked})

    def test_a_consumer_begins_where_it_says(self) -> None:
        service, client = self.client(streamed(trajectory(8), page_end(8)))
        feed = client.feed("c7", limit=5, status="completed")
        self.assertEqual("t8", next(feed).task_id)
        feed.close()
        self.assertEqual(
            "/api/v1/trajectories?status=completed&after=c7&limit=5&wait=30000ms",
            service.asked[0].path,
        )

    def test_it_gives_up_after_so_many_failures_in_a_row(self) -> None:
        service, client = self.client(problem(503, "overloaded"))
        with self.assertRaises(UnavailableError):
            next(client.feed(retries=2))
        self.assertEqual(3, len(service.asked))


class SessionTest(Streams):
    def test_lost_and_late_steps_are_asked_for_until_they_are_answered(self) -> None:
        opening: dict[str, Any] = {"id": "s", "state": "pending", "observation": None}
        briefing = {"description": "Find it.", "instructions": "One call.", "actions": {"a": "a()"}}
        late = {"answered": False}
        done: dict[str, Any] = {"answered": True, "truncated": False, "reward_components": {}}
        first = {**done, "observation": "pods", "done": False, "reward": None, "info": {}}
        last = {**done, "observation": "", "done": True, "reward": 1.0, "info": {"success": True}}
        service, client = self.client(
            whole(opening, 202),
            whole({**opening, "state": "open", "observation": briefing}),
            lost(),
            whole(late, 202),
            whole(late, 202),
            whole(first),
            whole(last),
        )
        with client.session("p", max_steps=5) as env:
            text = env.reset()
            self.assertEqual("Find it.\n\na()\n\nOne call.", text)
            self.assertEqual({"a": "a()"}, text.actions)
            self.assertEqual(("pods", None, False), env.step("look()")[:3])
            observation, reward, is_done, info = env.step("submit()")
            self.assertEqual(("", 1.0, True), (observation, reward, is_done))
            self.assertEqual({"success": True, "reward_components": {}, "truncated": False}, info)
            with self.assertRaisesRegex(RuntimeError, "reset"):
                env.step("more()")
        asked = [(a.method, a.path.partition("?")[0], a.body) for a in service.asked]
        step = "/api/v1/sessions/s/steps"
        look = {"index": 0, "action": "look()", "timeout": "30000ms"}
        self.assertEqual(
            [
                ("POST", step, look),
                ("POST", step, look),
                ("GET", step + "/0", None),
                ("GET", step + "/0", None),
                ("POST", step, {"index": 1, "action": "submit()", "timeout": "30000ms"}),
            ],
            asked[2:],
        )
