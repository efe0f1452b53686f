from __future__ import annotations

import copy
import json
import multiprocessing
import os
import pickle
import signal
import ssl
import threading
import unittest
from concurrent.futures import ProcessPoolExecutor
from typing import Any, Callable

import client_path  # noqa: F401
from scripted_service import Exchange, ScriptedService, streamed, whole

from aiopslab_tasks import Client, ConflictError, Event, Session, Task, WaitTimeoutError
from aiopslab_tasks.session import Briefing

CALLS = 100
CHILD_SECONDS = 30
NDJSON = "application/x-ndjson"

inherited: dict[str, Client] = {}


def echo(exchange: Exchange) -> None:
    """A task by the id that was asked for."""
    whole({"id": exchange.path.rpartition("/")[2], "status": "pending"})(exchange)


def page(*numbers: int) -> list[str]:
    lines = [{"cursor": f"c{number}", "task_id": f"t{number}"} for number in numbers]
    return [json.dumps(line) for line in lines]


def session(exchange: Exchange) -> None:
    """Is open, and says in which step it is."""
    briefing = {"description": "Find it.", "actions": {"a": "a()"}}
    done = {"answered": True, "truncated": False, "reward_components": {}, "info": {}}
    opened = {"id": "s", "state": "open", "observation": briefing}
    stepped = {**done, "observation": "seen", "done": False, "reward": None}
    whole(stepped if exchange.path.endswith("/steps") else opened)(exchange)


def ids_of(client: Client, name: str) -> list[str]:
    return [client.get(f"{name}-{number}").id for number in range(CALLS)]


def expected_of(name: str) -> list[str]:
    return [f"{name}-{number}" for number in range(CALLS)]


def id_of(client: Client, name: str) -> str:
    return client.get(name).id


def id_of_inherited(name: str) -> str:
    return inherited["client"].get(name).id


def step_of(env: Session, action: str) -> Any:
    return env.step(action)[0]


class InChild:
    """What `work` gives in a forked process; it ends with that, whatever happens."""

    def __init__(self, work: Callable[[], Any]) -> None:
        self._out, inside = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            signal.alarm(CHILD_SECONDS)
            try:
                said = json.dumps(work())
            except BaseException as reason:
                said = json.dumps(repr(reason))
            os.write(inside, said.encode())
            os._exit(0)
        os.close(inside)

    def result(self) -> Any:
        with open(self._out, "rb") as said:
            data = said.read()
        _, status = os.waitpid(self._pid, 0)
        return json.loads(data) if status == 0 else f"the child ended with status {status}"


class ServedTest(unittest.TestCase):
    def serve(self, *script: Any) -> ScriptedService:
        service = ScriptedService(*script)
        service.__enter__()
        self.addCleanup(service.__exit__)
        return service

    def client_of(self, service: ScriptedService) -> Client:
        client = Client(service.url, timeout=10, retries=2)
        self.addCleanup(client.close)
        return client


class ForkTest(ServedTest):
    def test_each_process_gets_the_answers_to_its_own_questions(self) -> None:
        service = self.serve(echo)
        client = self.client_of(service)
        client.get("before")
        children = [InChild(lambda name=f"child{n}": ids_of(client, name)) for n in range(3)]
        self.assertEqual(expected_of("parent"), ids_of(client, "parent"))
        for number, child in enumerate(children):
            self.assertEqual(expected_of(f"child{number}"), child.result())
        self.assertEqual(4, service.connections, "one of each process")

    def test_a_forked_pool_gets_the_answers_in_their_places(self) -> None:
        """Once with the client that was there before the fork, once with one that is sent."""
        client = inherited["client"] = self.client_of(self.serve(echo))
        self.addCleanup(inherited.clear)
        client.get("before")
        names = [f"task-{number}" for number in range(CALLS)]
        context = multiprocessing.get_context("fork")
        with ProcessPoolExecutor(4, mp_context=context) as pool:
            self.assertEqual(names, list(pool.map(id_of_inherited, names)))
            self.assertEqual(names, list(pool.map(id_of, [client] * CALLS, names)))

    def test_a_fork_in_the_middle_of_other_threads_calls_can_call(self) -> None:
        client = self.client_of(self.serve(echo))
        ended = threading.Event()
        wrong: list[str] = []

        def keep_calling(name: str) -> None:
            while not ended.is_set():
                if client.get(name).id != name:
                    wrong.append(name)

        threads = [threading.Thread(target=keep_calling, args=(f"thread{n}",)) for n in range(4)]
        for thread in threads:
            thread.start()
        try:
            for number in range(20):
                name = f"child{number}"
                self.assertEqual(name, InChild(lambda name=name: id_of(client, name)).result())
        finally:
            ended.set()
            for thread in threads:
                thread.join()
        self.assertEqual([], wrong)

    def test_a_forked_feed_goes_on_in_both_processes(self) -> None:
        whole_page = streamed(*page(3, 4), json.dumps({"next": "c4"}))
        end = streamed(json.dumps({"next": "c4"}))
        both_asked = threading.Barrier(2)

        def answer(exchange: Exchange) -> None:
            after = exchange.path.partition("after=")[2].partition("&")[0]
            if after == "":
                exchange.begin(200, {"Transfer-Encoding": "chunked", "Content-Type": NDJSON})
                exchange.chunk("".join(line + "\n" for line in page(1, 2)).encode())
                both_asked.wait(CHILD_SECONDS)  # the fork has been, and the child is on its own
                exchange.chunk("".join(line + "\n" for line in page(3, 4)).encode())
                exchange.chunk(b'{"next":"c4"}\n')
                exchange.chunk(b"")
                return
            if after == "c2":
                both_asked.wait(CHILD_SECONDS)
            (whole_page if after == "c2" else end)(exchange)

        feed = self.client_of(self.serve(answer)).feed(follow=False)
        self.assertEqual(["t1", "t2"], [next(feed).task_id for _ in range(2)])
        child = InChild(lambda: [one.task_id for one in feed])
        self.assertEqual(["t3", "t4"], [one.task_id for one in feed])
        self.assertEqual(["t3", "t4"], child.result())


class CopyTest(ServedTest):
    def test_clients_and_what_they_make_can_be_copied(self) -> None:
        service = self.serve(echo)
        client = self.client_of(service)
        client.get("before")
        for name, copied in copies(client):
            with self.subTest(name), copied:
                self.assertEqual("t", copied.get("t").id)
        group = client.group_of("g")
        for name, other in copies(group):
            with self.subTest(name):
                self.assertEqual("g", other.look().id)
        self.assertEqual("before", client.get("before").id, "the first one is still open")

    def test_a_copied_feed_goes_on_behind_what_was_given_out(self) -> None:
        service = self.serve(
            streamed(*page(1, 2), json.dumps({"next": "c2"})),
            streamed(*page(2), json.dumps({"next": "c2"})),
        )
        feed = self.client_of(service).feed(limit=2)
        self.assertEqual("t1", next(feed).task_id)
        for name, copied in copies(feed):
            with self.subTest(name):
                self.assertEqual("t2", next(copied).task_id)
                self.assertIn("after=c1&", service.asked[-1].path)
                copied.close()
        self.assertEqual("t2", next(feed).task_id)
        feed.close()

    def test_a_copied_session_goes_on_with_the_same_step(self) -> None:
        service = self.serve(session)
        env = self.client_of(service).session("p")
        env.reset()
        env.step("first()")
        for name, copied in copies(env):
            with self.subTest(name):
                self.assertEqual("seen", copied.step("second()")[0])
                self.assertEqual(1, service.asked[-1].body["index"])

    def test_answers_and_errors_arrive_whole(self) -> None:
        briefing = Briefing.of({"description": "d", "actions": {"a": "a()"}, "task_type": "x"})
        for name, value in copies(briefing):
            with self.subTest(name):
                self.assertEqual((briefing, {"a": "a()"}), (value, value.actions))
        for name, value in copies(Task(id="t", status="failed")):
            with self.subTest(name):
                self.assertTrue(value.is_over)
        conflict = ConflictError("No.", status=409, code="c", details=[{"field": "f"}])
        for name, error in copies(conflict):
            with self.subTest(name):
                self.assertEqual(str(conflict), str(error))
                self.assertEqual((409, [{"field": "f"}]), (error.status, error.details))
        self.assertEqual(Event("log", "1", {}), pickle.loads(pickle.dumps(Event("log", "1", {}))))
        over = pickle.loads(pickle.dumps(WaitTimeoutError("Over.", code="wait_timeout")))
        self.assertEqual("wait_timeout", over.code)

    def test_a_client_with_a_context_of_its_own_says_why_it_cannot_be_pickled(self) -> None:
        client = Client("https://localhost", ssl_context=ssl.create_default_context())
        with self.assertRaisesRegex(TypeError, "SSL_CERT_FILE"):
            pickle.dumps(client)
        with copy.deepcopy(client) as copied:
            self.assertIsNot(client, copied)


def copies(value: Any) -> list[tuple[str, Any]]:
    pickled = [
        (f"pickle {protocol}", pickle.loads(pickle.dumps(value, protocol)))
        for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1)
    ]
    return [*pickled, ("copy", copy.copy(value)), ("deepcopy", copy.deepcopy(value))]


class SpawnTest(ServedTest):
    def test_spawned_processes_get_clients_and_sessions(self) -> None:
        client = self.client_of(self.serve(echo))
        client.get("before")
        env = self.client_of(self.serve(session)).session("p")
        env.reset()
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(2, mp_context=context) as pool:
            names = [f"task-{number}" for number in range(20)]
            self.assertEqual(names, list(pool.map(id_of, [client] * 20, names)))
            self.assertEqual("seen", pool.submit(step_of, env, "look()").result())
