"""The runner on the real AIOpsLab, where one is named; only the cluster's edge is replaced.

AIOPSLAB_TEST_HOME names a checkout of AIOpsLab, AIOPSLAB_TEST_PYTHON the Python it is installed
for (docs/aiopslab.md). Without the first, the skipped tests say so.
"""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

from aiopslab_run import STAND_IN, Host
from kubernetes_api import KubernetesApi
from runner_process import scripted

from aiopslab_runner.simulator.call_parser import UnreadableCall, read_call
from test_list_problems import listed

HOME = os.environ.get("AIOPSLAB_TEST_HOME", "")
PYTHON = os.environ.get("AIOPSLAB_TEST_PYTHON", sys.executable)
OFFLINE = Path(__file__).resolve().parent / "offline"
WORKLOAD = "hotelReservation/wrk2/scripts/hotel-reservation/mixed-workload_type_1.lua"
if not HOME:
    print("note: the real AIOpsLab is not tested; AIOPSLAB_TEST_HOME names none", file=sys.stderr)

# What the runner leans on; the rest of the stand-in (its problems, its agent) is its own.
SURFACE = {
    "aiopslab/config.py": ["Config"],
    "aiopslab/session.py": ["Session"],
    "aiopslab/utils/status.py": ["SubmissionStatus", "InvalidActionError", "ResponseParsingError"],
    "aiopslab/service/shell.py": ["Shell"],
    "aiopslab/service/kubectl.py": ["KubeCtl"],
    "aiopslab/service/helm.py": ["Helm"],
    "aiopslab/service/dock.py": ["Docker"],
    "aiopslab/observer/metric_api.py": ["PrometheusAPI"],
    "aiopslab/observer/trace_api.py": ["TraceAPI"],
    "aiopslab/orchestrator/orchestrator.py": ["Orchestrator", "exit_cleanup_fault"],
    "aiopslab/orchestrator/parser.py": ["ResponseParser"],
    "aiopslab/orchestrator/actions/base.py": ["TaskActions"],
    "aiopslab/orchestrator/problems/registry.py": ["ProblemRegistry"],
    "clients/registry.py": ["AgentRegistry"],
}
OWN = {"PrometheusAPI.cleanup", "TraceAPI.ask", "TaskActions.submit", "TaskActions.say_nothing"}


@unittest.skipUnless(HOME, "AIOPSLAB_TEST_HOME names no checkout of AIOpsLab (docs/aiopslab.md)")
class TheStandIn(unittest.TestCase):
    def test_has_the_names_and_parameters_of_the_real_one(self) -> None:
        for file, names in SURFACE.items():
            real = definitions((Path(HOME) / file).read_text())
            stand_in = definitions((STAND_IN / file).read_text())
            for name, parameters in stand_in.items():
                if name.partition(".")[0] in names and name not in OWN:
                    with self.subTest(file=file, name=name):
                        self.assertEqual(real.get(name), parameters)


# Responses: each of these calls in each of these surroundings.
CALLS = (
    'exec_shell("kubectl get pods -A")', 'exec_shell("echo \\"hi\\"")',
    "exec_shell('echo \\'x\\'')",
    'exec_shell(command="ls")', 'exec_shell(command = "ls")', 'exec_shell("""ls -l""")',
    'exec_shell(command="echo command=3")', 'exec_shell("a" "b")', "exec_shell(ls)",
    'exec_shell("")', 'exec_shell("ls"))', 'exec_shell("two\nlines")', "submit()", 'submit("Yes")',
    'submit(["geo", "rate"])', 'submit({"system_level": "x", "fault_type": "y"})', "submit(5)",
    "submit(None)", 'submit(("a", "b"))', 'submit([["a"]])', "submit(x)", "no call",
    'submit("a")\nsubmit("b")', 'get_logs(namespace="ns", service="geo")', 'submit("it\'s")',
)  # fmt: skip
AROUND = (
    "```\n{}\n```", "Thought: x\n```\n{}\n```", "```python\n{}\n```", "{}", "```{}```",
    "```\n{}\n```\n```\n{}\n```", "text ```\n{}\n```\nDone", "```\n\n{}\n\n```", "```\n{}",
    "```\n{}\n```\n\nmore ``` ticks", "```bash\nls\n```\n```\n{}\n```", "  ```\n{}\n  ```",
)  # fmt: skip


@unittest.skipUnless(HOME, "AIOPSLAB_TEST_HOME names no checkout of AIOpsLab (docs/aiopslab.md)")
class TheSimulatorsParser(unittest.TestCase):
    def test_reads_every_response_as_aiopslab_s_own_does(self) -> None:
        responses = [place.replace("{}", call) for call in CALLS for place in AROUND]
        program = Path(__file__).with_name("aiopslab_readings.py")
        done = subprocess.run(
            [PYTHON, str(program), HOME],
            input=json.dumps(responses),
            capture_output=True,
            text=True,
            check=True,
        )
        readings = json.loads(done.stdout)
        self.assertGreater(sum(reading is not None for reading in readings), 50)
        for response, expected in zip(responses, readings):
            with self.subTest(response):
                self.assertEqual(expected, simulated_reading(response))


def simulated_reading(response: str) -> list | None:
    try:
        call = read_call(response)
    except UnreadableCall:
        return None
    return [call.name, call.args, call.kwargs]


def definitions(source: str) -> dict[str, list[str]]:
    """Functions and methods ("Class.method") with the names of their parameters."""
    found: dict[str, list[str]] = {}
    for node in ast.parse(source).body:
        inner = node.body if isinstance(node, ast.ClassDef) else [node]
        prefix = f"{node.name}." if isinstance(node, ast.ClassDef) else ""
        for item in inner:
            if isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef)):
                found[prefix + item.name] = [argument.arg for argument in item.args.args]
    return found


@unittest.skipUnless(HOME, "AIOPSLAB_TEST_HOME names no checkout of AIOpsLab (docs/aiopslab.md)")
class TheRealOne(unittest.TestCase):
    def setUp(self) -> None:
        self.host = Host()
        self.addCleanup(self.host.__exit__, None, None, None)
        self.api = KubernetesApi()
        self.addCleanup(self.api.close)
        self.host.home = self.copy_of_the_checkout()
        self.host.python = PYTHON
        self.host.server = self.api.url
        self.host.python_path.append(str(OFFLINE))

    def copy_of_the_checkout(self) -> Path:
        """With the one file of the applications that a no-op problem reads."""
        home = self.host.folder / "AIOpsLab"
        for package in ("aiopslab", "clients"):
            shutil.copytree(Path(HOME) / package, home / package)
        script = home / "aiopslab-applications" / WORKLOAD
        script.parent.mkdir(parents=True)
        script.write_text("-- a workload")
        return home

    def test_plays_a_no_op_problem_to_its_grade(self) -> None:
        runner = self.host.run(
            problem_id="noop_detection_hotel_reservation-1",
            agent_config=scripted(
                'exec_shell("kubectl get pods $(hostname)")',
                'get_logs("test-hotel-reservation", "geo")',
                'read_metrics("/etc/passwd")',
                'submit("No")',
            ),
        )
        said = runner.stderr()[-2000:]
        self.assertEqual([], runner.of("error"), said)
        result = runner.of("result")[0]
        self.assertEqual("Correct", result["results"]["Detection Accuracy"])
        self.assertEqual(1.0, result["reward"])
        self.assertEqual("submitted", result["stop_reason"])
        steps = [step["content"] for step in runner.of("step")]
        self.assertEqual("in kind-a-control-plane: kubectl get pods $(hostname)", steps[1].strip())
        self.assertIn("was not exported in this session", steps[5])
        self.assertEqual("VALID_SUBMISSION", steps[-1])
        facts = runner.of("attestation")[0]["facts"]
        self.assertEqual((None, None), (facts["fault_injected"], facts["fault_recovered"]), facts)
        self.assertTrue(facts["cleanup_finished"], facts)
        self.assertEqual({"kind-a"}, {call["context"] for call in self.host.tools.calls()})
        self.assertIn("DELETE /api/v1/namespaces/test-hotel-reservation", self.api.requests)
        helm = [command for command in self.host.tools.commands() if command.startswith("helm")]
        self.assertNotIn(str(self.host.home), " ".join(helm))

    def test_lists_its_problems(self) -> None:
        runner = self.host.run(problem_id="nothing-1", agent_config=scripted("submit()"))
        problems = runner.of("error")[0]["details"]["problems"]
        self.assertIn("misconfig_app_hotel_res-mitigation-1", problems)
        self.assertNotIn("flower_node_stop-detection", problems)
        self.assertGreater(len(problems), 80)

    def test_lists_them_with_type_application_and_level_without_a_cluster(self) -> None:
        done = listed("aiopslab", HOME, python=PYTHON)
        self.assertEqual(0, done.returncode, done.stderr)
        found = json.loads(done.stdout)
        self.assertGreater(len(found["problems"]), 80)
        for problem in found["problems"]:
            self.assertIn(problem["level"], (1, 2, 3, 4), problem)
            self.assertIn(
                problem["application"],
                ("hotel-reservation", "social-network", "astronomy-shop"),
                problem,
            )
        self.assertEqual(
            ["flower_node_stop-detection", "flower_model_misconfig-detection"],
            [one["id"] for one in found["unsupported"]],
        )


if __name__ == "__main__":
    unittest.main()
