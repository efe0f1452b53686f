from __future__ import annotations

from service import DETECTION, ENDLESS, PATIENCE_SECONDS, QUICK, ServiceTest

from aiopslab_tasks import ConflictError, InvalidRequestError, NotFoundError, WaitTimeoutError


class TasksTest(ServiceTest):
    def test_a_task_is_waited_for_and_leaves_result_log_and_trajectory(self) -> None:
        task = self.client.wait(self.quick(priority=9), PATIENCE_SECONDS)
        self.assertEqual(("completed", 1.0), (task.status, task.reward))
        lines = list(self.client.logs(task.id))
        self.assertEqual(list(range(task.result["log_lines"])), [line.seq for line in lines])
        self.assertEqual(
            [line.seq for line in lines if line.level != "debug"],
            [line.seq for line in self.client.logs(task.id, follow=True, level="info")],
        )
        for level in ("warn", "CRITICAL"):
            followed = [line.seq for line in self.client.logs(task.id, follow=True, level=level)]
            self.assertEqual([x.seq for x in self.client.logs(task.id, level=level)], followed)
        trajectory = self.client.trajectory(task.id)
        self.assertEqual((task.id, 1.0), (trajectory.task_id, trajectory.reward))
        (step,) = trajectory["steps"]
        self.assertIn('submit("Yes")', trajectory.messages[step["action_message"]]["content"])
        again = self.client.retry(task.id)
        self.assertEqual(task.id, again["retry_of"])
        self.assertEqual(1.0, self.client.wait(again.id, PATIENCE_SECONDS).reward)

    def test_an_answer_that_is_lost_makes_no_second_task(self) -> None:
        proxy, client = self.client_through(0, 100)
        task = client.submit(DETECTION, agent_config=QUICK, metadata=self.metadata)
        self.assertEqual(2, proxy.cut)
        found = list(self.client.iterate(metadata=self.metadata))
        self.assertEqual([task.id], [one.id for one in found])

    def test_a_batch_is_listed_page_by_page_and_cancelled_by_filter(self) -> None:
        body = {"problem_id": DETECTION, "backend_type": "nobody", "metadata": self.metadata}
        _, client = self.client_through(0)
        tasks = client.submit_many([body] * 101)
        listed = [task.id for task in self.client.iterate(metadata=self.metadata)]
        self.assertEqual([task.id for task in reversed(tasks)], listed)
        first = self.client.list(metadata=self.metadata, limit=1, sort="created_at")
        self.assertEqual([tasks[0].id], [task.id for task in first.tasks])
        counts = self.client.cancel_where(metadata=self.metadata, status="pending", reason="stale")
        self.assertEqual({"cancelled": 101, "requested": 0}, counts)

    def test_a_running_task_is_cancelled_and_repeats_of_that_are_harmless(self) -> None:
        task = self.client.submit(DETECTION, agent_config=ENDLESS, metadata=self.metadata)
        with self.assertRaises(WaitTimeoutError):
            self.client.wait(task.id, 0.05)
        for event in self.client.events(task.id, types=["status"]):
            if event.type == "status" and event.data["status"] == "running":
                self.client.cancel(task.id, "enough")
        ended = self.client.wait(task.id)
        self.assertEqual(("cancelled", "enough"), (ended.status, ended["cancel_reason"]))
        self.assertIsNone(ended.reward)
        self.assertEqual("cancelled", self.client.cancel(task.id).status)

    def test_a_stream_of_events_survives_cuts_without_gap_or_repeat(self) -> None:
        task_id = self.client.submit(DETECTION, metadata=self.metadata).id
        proxy, client = self.client_through(700, 1500, 900, 3000)
        events = list(client.events(task_id))
        self.assertEqual(4, proxy.cut)
        told = [event.data["seq"] for event in events if event.type == "log"]
        self.assertEqual([line.seq for line in self.client.logs(task_id)], told)
        self.assertEqual(["result", "end"], [event.type for event in events][-2:])
        self.assertEqual([], list(client.events(task_id, last_event_id=events[-1].id)))

    def test_what_is_wrong_is_told_by_kind_code_and_field(self) -> None:
        with self.assertRaises(InvalidRequestError) as raised:
            self.client.submit("", max_steps=0)
        self.assertEqual("invalid_task", raised.exception.code)
        fields = {detail["field"] for detail in raised.exception.details}
        self.assertEqual({"problem_id", "max_steps"}, fields)
        self.assertIn("max_steps", str(raised.exception))
        self.assertTrue(raised.exception.request_id)
        with self.assertRaises(NotFoundError):
            self.client.get("00000000-0000-7000-8000-000000000000")
        task_id = self.quick()
        self.client.wait(task_id, PATIENCE_SECONDS)
        with self.assertRaises(ConflictError) as late:
            self.client.cancel(task_id)
        self.assertEqual("task_already_ended", late.exception.code)


class BackendsTest(ServiceTest):
    def test_a_paused_backend_starts_nothing_until_it_is_resumed(self) -> None:
        backend = f"b-{self.run_id[:12]}"
        paused = self.client.pause_backend(backend, "new weights")
        self.assertEqual("new weights", paused["pause_reason"])
        self.quick(backend_type=backend)
        self.assertEqual(1, self.client.capacity(backend)["queued"])
        self.assertIsNone(self.client.resume_backend(backend)["paused_at"])
        self.assertIn(backend, [known["backend_type"] for known in self.client.backends()])
        self.client.cancel_where(backend_type=backend)
