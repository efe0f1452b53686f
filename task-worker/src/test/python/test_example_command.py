"""docs/examples/play_one_problem.py, as a worker runs a command, on the stand-in for AIOpsLab."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

from aiopslab_run import STAND_IN
from recording_tools import RecordingTools, kubeconfig_of
from runner_path import SUPERVISE

EXAMPLE = Path(__file__).resolve().parents[4] / "docs/examples/play_one_problem.py"
PATIENCE_SECONDS = 30.0


class PlayOneProblem(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.tools = RecordingTools(self.folder / "tools")
        shutil.copytree(STAND_IN, self.folder / "AIOpsLab")
        config = {"k8s_host": "kind", "data_dir": "data"}
        (self.folder / "AIOpsLab/aiopslab/config.yml").write_text(json.dumps(config))
        (self.folder / "kubeconfig").write_text(kubeconfig_of("kind-a"))
        self.result = self.folder / "result.json"

    def start(self, problem: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-I", "-S", str(SUPERVISE), "--grace", "15", "--close-stdin"]
        output = (self.folder / "output").open("wb")
        self.addCleanup(output.close)
        process = subprocess.Popen(
            [*command, "--", sys.executable, str(EXAMPLE)],
            cwd=self.folder,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            env={
                "PATH": f"{self.tools.bin}:{os.environ['PATH']}",
                "PYTHONUNBUFFERED": "1",
                "PYTHONPATH": str(self.folder / "AIOpsLab"),
                "KUBECONFIG": str(self.folder / "kubeconfig"),
                "AIOPSLAB_CLUSTER": "kind-a",
                "AIOPSLAB_PROBLEM_ID": problem,
                "AIOPSLAB_MAX_STEPS": "5",
                "AIOPSLAB_AGENT_CONFIG": '{"name": "knowing"}',
                "AIOPSLAB_RESULT_FILE": str(self.result),
            },
        )
        self.addCleanup(process.wait)
        self.addCleanup(process.stdin.close)
        return process

    def test_plays_the_task_s_problem_alone_and_leaves_its_result(self) -> None:
        process = self.start("pod_failure_hotel_res-detection-1")
        self.assertEqual(0, process.wait(PATIENCE_SECONDS))
        result = json.loads(self.result.read_text())
        self.assertEqual((True, 1.0), (result["success"], result["reward"]))
        self.assertEqual("Correct", result["results"]["Detection Accuracy"])
        self.assertEqual(result["results"], result["aiopslab_result"]["results"])
        injections = [call for call in self.tools.commands() if "apply -f" in call]
        self.assertEqual(1, len(injections))

    def test_recovers_its_fault_when_it_is_stopped(self) -> None:
        self.tools.slow_down("delete -f", 1.0)
        process = self.start("hanging_workload-detection-1")
        end = time.monotonic() + PATIENCE_SECONDS
        while "== Start Workload ==" not in (self.folder / "output").read_text():
            self.assertLess(time.monotonic(), end)
            time.sleep(0.02)
        process.terminate()
        self.assertEqual(143, process.wait(PATIENCE_SECONDS))
        self.assertIn("delete -f", " ".join(self.tools.ended()))


if __name__ == "__main__":
    unittest.main()
