from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from service import DETECTION, PATIENCE_SECONDS, ServiceTest

from aiopslab_tasks import Client, Session

TASKS = 40
PROCESSES = 4


def id_of(client: Client, task_id: str) -> str:
    return client.get(task_id).id


def id_of_inherited(task_id: str) -> str:
    return inherited["client"].get(task_id).id


def step_of(env: Session, action: str) -> tuple[Any, ...]:
    return env.step(action)


inherited: dict[str, Client] = {}


class ProcessesTest(ServiceTest):
    def test_forked_and_spawned_pools_get_the_tasks_that_they_ask_for(self) -> None:
        body = {"problem_id": DETECTION, "backend_type": "nobody", "metadata": self.metadata}
        ids = [task.id for task in self.client.submit_many([body] * TASKS)] * 5
        self.addCleanup(self.client.cancel_where, metadata=self.metadata)
        inherited["client"] = self.client
        self.addCleanup(inherited.clear)
        for way in ("fork", "spawn"):
            context = multiprocessing.get_context(way)
            with ProcessPoolExecutor(PROCESSES, mp_context=context) as pool:
                self.assertEqual(ids, list(pool.map(id_of, [self.client] * len(ids), ids)), way)
                if way == "fork":
                    self.assertEqual(ids, list(pool.map(id_of_inherited, ids)))
        self.assertEqual(ids[0], self.client.get(ids[0]).id)

    def test_a_session_is_stepped_by_spawned_processes_in_turn(self) -> None:
        context = multiprocessing.get_context("spawn")
        with self.client.session(DETECTION, metadata=self.metadata) as env:
            env.reset()
            with ProcessPoolExecutor(1, mp_context=context) as pool:
                done = pool.submit(step_of, env, 'submit("Yes")').result(PATIENCE_SECONDS)
            self.assertEqual((1.0, True), done[1:3])
            self.assertEqual("completed", self.client.wait(env.id, PATIENCE_SECONDS).status)
