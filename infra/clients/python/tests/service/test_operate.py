from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from service import DETECTION, ENDLESS, PATIENCE_SECONDS, URL, ServiceTest

PROGRAM = Path(__file__).resolve().parents[4] / "scripts" / "aiopslabctl"


def operate(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(PROGRAM), *words],
        env={**os.environ, "AIOPSLAB_URL": URL},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


class OperateTest(ServiceTest):
    def test_a_worker_is_seen_drained_and_resumed_though_it_runs_something(self) -> None:
        task = self.client.submit(DETECTION, agent_config=ENDLESS, metadata=self.metadata)
        self.addCleanup(self.client.cancel, task.id)
        for event in self.client.events(task.id, types=["status"]):
            if event.data.get("worker_id"):
                break
        worker = self.client.get(task.id)["worker_id"]
        self.addCleanup(operate, "resume", worker)

        drained = operate("drain", worker, "--reason", "new kernel", "--wait", "--timeout", "1")
        self.assertEqual(124, drained.returncode, drained.stderr)
        (line,) = [row for row in operate("workers").stdout.splitlines() if row.startswith(worker)]
        for word in ("draining", "new kernel"):
            self.assertIn(word, line)
        self.client.cancel(task.id)
        self.assertEqual(0, operate("drain", worker, "--wait").returncode)
        resumed = json.loads(operate("resume", worker, "--json").stdout)
        self.assertEqual((False, False), (resumed["draining"], resumed["drained"]))

        shown = operate("tasks", "--metadata", f"run={self.run_id}").stdout.splitlines()
        self.assertEqual(2, len(shown))
        self.assertIn(f"{task.id}  cancelled", shown[1])

    def test_a_backend_is_held_and_let_go(self) -> None:
        self.assertEqual(0, operate("pause", "--backend", "held", "--reason", "r").returncode)
        self.client.submit("p", backend_type="held", metadata=self.metadata)
        self.addCleanup(self.client.cancel_where, metadata=self.metadata)
        (line,) = [row for row in operate("backends").stdout.splitlines() if row.startswith("held")]
        self.assertTrue(line.endswith("paused"), line)
        self.assertEqual(0, operate("resume", "--backend", "held").returncode)

    def test_dead_letters_are_none_and_none_is_requeued(self) -> None:
        self.assertEqual(1, len(operate("dead-letters").stdout.splitlines()))
        self.assertEqual("0 will be sent again\n", operate("requeue-dead", "--all").stdout)
        refused = operate("requeue-dead", "0" * 64)
        self.assertEqual(3, refused.returncode)
        self.assertIn("dead_letter_not_found", refused.stderr)
