from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from quick_worker import QuickWorker
from service import DETECTION, URL, ServiceTest

CONSUMER = Path(__file__).with_name("feed_consumer.py")
COMPLETIONS = 2000
KILLS = 20
WORKERS = 10
LIMIT_SECONDS = 180.0


class KilledConsumerTest(ServiceTest):
    def setUp(self) -> None:
        super().setUp()
        self.backend = f"feed-{self.run_id[:12]}"
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.kept = Path(folder.name, "kept")
        self.deadline = time.monotonic() + LIMIT_SECONDS

    def test_a_consumer_killed_twenty_times_sees_each_completion_once(self) -> None:
        body = {"problem_id": DETECTION, "backend_type": self.backend}
        ids = [
            task.id
            for _ in range(COMPLETIONS // 1000)
            for task in self.client.submit_many([body] * 1000)
        ]
        self.assertEqual(COMPLETIONS, len(ids))
        workers = [QuickWorker(URL, self.backend) for _ in range(WORKERS)]
        try:
            open_at_kills = []
            for kill in range(KILLS):
                with self.consumer():
                    self.wait_for((kill + 1) * COMPLETIONS // (KILLS + 1))
                    open_at_kills.append(self.left_to_complete())
            with self.consumer():
                self.wait_for(COMPLETIONS)
        finally:
            for worker in workers:
                worker.close()
        self.assertEqual([None] * WORKERS, [worker.failure for worker in workers])
        self.assertTrue(all(open_at_kills[: KILLS // 2]), f"killed too late: {open_at_kills}")
        seen = [line.split() for line in self.kept.read_text().splitlines()]
        self.assertEqual(sorted(ids), sorted(task_id for task_id, _ in seen))
        fed = self.client.feed(follow=False, backend_type=self.backend)
        self.assertEqual([[one.task_id, one.cursor] for one in fed], seen, "in the feed's order")

    @contextmanager
    def consumer(self) -> Iterator[None]:
        """A process that is killed at the end, whatever it is doing."""
        process = subprocess.Popen(
            [sys.executable, str(CONSUMER), str(self.kept), self.backend],
            env={**os.environ, "AIOPSLAB_URL": URL, "PYTHONDONTWRITEBYTECODE": "1"},
        )
        try:
            yield
            self.assertIsNone(process.poll(), "the consumer ended by itself")
        finally:
            process.kill()
            process.wait()

    def wait_for(self, lines: int) -> None:
        while self.lines() < lines:
            self.assertLess(time.monotonic(), self.deadline, f"{self.lines()} of {lines} lines")
            time.sleep(0.005)

    def lines(self) -> int:
        return self.kept.read_bytes().count(b"\n") if self.kept.exists() else 0

    def left_to_complete(self) -> int:
        return int(self.client.capacity(self.backend)["queued"])
