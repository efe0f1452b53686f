"""What can be submitted is listed without a cluster: the simulator's problems and a checkout's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import unittest

from aiopslab_run import DETECTION, STAND_IN
from runner_path import PACKAGE_PATH

OFFLINE = STAND_IN.parent / "offline"


def listed(*arguments: str, python: str = sys.executable) -> subprocess.CompletedProcess:
    with tempfile.TemporaryDirectory() as folder:
        return subprocess.run(
            [python, "-m", "aiopslab_runner.list_problems", *arguments],
            cwd=folder,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": f"{PACKAGE_PATH}:{OFFLINE}"},
            capture_output=True,
            text=True,
            check=False,
        )


class Listing(unittest.TestCase):
    def test_the_simulator_s_problems(self) -> None:
        found = json.loads(listed("simulator").stdout)
        self.assertEqual(35, len(found["problems"]))
        by_id = {problem["id"]: problem for problem in found["problems"]}
        self.assertEqual(
            {
                "id": "wrong_bin_usage-mitigation-1",
                "task_type": "mitigation",
                "application": "hotel-reservation",
                "level": 4,
            },
            by_id["wrong_bin_usage-mitigation-1"],
        )

    def test_a_checkout_s_problems_and_what_is_not_supported(self) -> None:
        found = json.loads(listed("aiopslab", str(STAND_IN)).stdout)
        by_id = {problem["id"]: problem for problem in found["problems"]}
        self.assertEqual("detection", by_id[DETECTION]["task_type"])
        self.assertEqual(
            ["flower_node_stop-detection"], [one["id"] for one in found["unsupported"]]
        )
        self.assertIn("host's Docker", found["unsupported"][0]["reason"])

    def test_a_home_without_aiopslab_is_named(self) -> None:
        done = listed("aiopslab", "/nowhere")
        self.assertEqual(1, done.returncode)
        self.assertIn("there is no package aiopslab in /nowhere", done.stderr)

    def test_other_arguments_are_refused(self) -> None:
        self.assertEqual(2, listed("everything").returncode)


if __name__ == "__main__":
    unittest.main()
