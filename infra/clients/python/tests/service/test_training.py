from __future__ import annotations

import contextlib
from typing import Any

from service import DETECTION, PATIENCE_SECONDS, QUICK, ServiceTest

from aiopslab_tasks import ConflictError, InvalidRequestError, SessionEndedError, WaitTimeoutError

PODS = 'exec_shell("kubectl get pods -n test-hotel-reservation")'


class GroupsTest(ServiceTest):
    def test_a_group_is_waited_for_with_its_rewards(self) -> None:
        _, client = self.client_through(0, 0)
        group = client.group(DETECTION, samples=3, agent_config=QUICK, metadata=self.metadata).wait(
            PATIENCE_SECONDS
        )
        self.assertTrue(group.done)
        self.assertEqual([1.0] * 3, group.rewards)
        self.assertEqual((1.0, 0.0), (group.mean, group.std))
        tasks = list(self.client.iterate(group_id=group.id))
        self.assertEqual({s["task_id"] for s in group.samples}, {task.id for task in tasks})
        self.assertEqual(3, len(list(self.client.iterate(metadata=self.metadata))))

    def test_a_group_that_waits_is_cancelled(self) -> None:
        group = self.client.group(DETECTION, samples=2, early_stop=1, backend_type="nobody")
        with self.assertRaises(WaitTimeoutError):
            group.wait(0.05)
        group.cancel()
        self.assertEqual(2, self.client.group_of(group.id).look()["by_status"]["cancelled"])


class FeedTest(ServiceTest):
    def test_each_trajectory_comes_once_over_cuts_and_restarts_of_the_consumer(self) -> None:
        ids = {self.quick() for _ in range(9)}
        _, client = self.client_through(300, 9000, 4000, 20_000, 100)
        seen: list[str] = []
        cursor = None
        while len(seen) < len(ids):
            # A consumer that takes three and is killed; the next one has only the cursor.
            feed = client.feed(cursor, limit=5, metadata=self.metadata)
            for _ in range(3):
                trajectory = next(feed)
                seen.append(trajectory.task_id)
                cursor = trajectory.cursor
                self.assertEqual(1.0, trajectory.reward)
            feed.close()
        self.assertEqual(sorted(ids), sorted(seen))
        rest = client.feed(cursor, follow=False, metadata=self.metadata)
        self.assertEqual([], list(rest))


class SessionsTest(ServiceTest):
    def test_a_session_is_stepped_to_its_reward_over_lost_answers(self) -> None:
        proxy, client = self.client_through(0, 0, 200, 0)
        with client.session(DETECTION, max_steps=5, metadata=self.metadata) as env:
            briefing = env.reset()
            self.assertIn("submit", briefing.actions)
            self.assertIn("Hotel Reservation", briefing.description)
            wrong: Any = PODS.encode()
            with self.assertRaisesRegex(InvalidRequestError, r"action .*decode\(\), not bytes"):
                env.step(wrong)
            pods, reward, done, _ = env.step(PODS)
            self.assertIn("geo-", pods)
            self.assertEqual((None, False), (reward, done))
            _, reward, done, info = env.step('submit("Yes")')
            self.assertEqual((1.0, True, True), (reward, done, info["success"]))
            self.assertEqual(2, len(env.look()["steps"]), "no action was done twice")
            session_id = env.id
        self.assertGreaterEqual(proxy.cut, 3)
        self.assertEqual(1.0, self.client.wait(session_id, PATIENCE_SECONDS).reward)
        self.assertEqual(1, len(list(self.client.iterate(metadata=self.metadata))))

    def test_leaving_ends_the_session_and_frees_its_cluster(self) -> None:
        with self.client.session(DETECTION) as env:
            env.reset()
            first = env.id
            env.reset()
            second = env.id
        for session_id in (first, second):
            task = self.client.wait(session_id, PATIENCE_SECONDS)
            self.assertEqual("cancelled", task.status)

    def test_every_reset_begins_a_new_episode(self) -> None:
        env = self.client.session(
            DETECTION, max_steps=5, idle_timeout_seconds=10, metadata=self.metadata
        )
        begun = []

        def begin() -> None:
            self.assertIn("submit", env.reset().actions)
            self.assertEqual((False, 1), (env.step(PODS)[2], len(env.look()["steps"])))
            begun.append(env.id)

        with env:
            begin()
            self.assertTrue(env.step('submit("Yes")')[2])
            begin()  # after an end
            begin()  # in the middle
            with contextlib.suppress(WaitTimeoutError):  # raised, unless it was very quick
                env.step(PODS, timeout=0.0)
            begin()  # while a step is under way
            self.assertEqual("failed", self.client.wait(env.id, PATIENCE_SECONDS).status)
            with self.assertRaises(SessionEndedError) as raised:
                env.step(PODS)
            self.assertEqual("idle_timeout", raised.exception.code)
            begin()  # after idle_timeout
            self.client.cancel(env.id)
            begin()  # after a cancel from outside
        self.assertEqual(6, len(set(begun)))
        ended = [self.client.wait(one, PATIENCE_SECONDS).status for one in begun]
        wanted = ["completed", "cancelled", "cancelled", "failed", "cancelled", "cancelled"]
        self.assertEqual(wanted, ended)

    def test_without_a_free_cluster_the_time_to_open_ends_and_nothing_is_left(self) -> None:
        env = self.client.session(
            DETECTION, backend_type="nobody", metadata=self.metadata, open_timeout=0.1
        )
        with self.assertRaises(WaitTimeoutError):
            env.reset()
        (task,) = self.client.iterate(metadata=self.metadata)
        self.assertEqual("cancelled", task.status)

    def test_what_ends_a_session_from_outside_is_told(self) -> None:
        unknown = self.client.session("no_such_problem", open_timeout=0.1)
        with unknown, self.assertRaises(WaitTimeoutError):
            unknown.reset()
        with self.client.session(DETECTION) as env:
            env.reset()
            self.client.cancel(env.id)
            with self.assertRaises((SessionEndedError, ConflictError)):
                env.step(PODS)
