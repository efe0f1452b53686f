"""Every family of AIOpsLab's problems, with its real code, against a cluster whose objects change.

AIOPSLAB_TEST_HOME and AIOPSLAB_TEST_PYTHON as in test_real_aiopslab.py; AIOPSLAB_TEST_FAMILIES, a
regular expression, picks some. A table is printed: for each family and each way in which a run can
go, whether its fault is gone or its cluster has to be made anew, its attestation is true, and its
reward is as docs/runner-protocol.md says.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import re
import stat
import subprocess
import sys
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable

from aiopslab_run import Host
from runner_process import RunnerProcess

from test_real_aiopslab import HOME, OFFLINE, PYTHON

PICKED = os.environ.get("AIOPSLAB_TEST_FAMILIES", "")
AT_ONCE = 2
SEED = int(os.environ.get("AIOPSLAB_TEST_SEED", random.randrange(10**6)))
PATIENCE_SECONDS = 120.0
HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Family:
    """A problem of it; which commands, or `api`, its injector leans on; its namespace."""

    problem: str
    injects_by: str
    namespace: str


HOTEL, SOCIAL, SHOP = "test-hotel-reservation", "test-social-network", "astronomy-shop"
CHAOS = "apply -f .*(failure|kill|loss|delay)"
FAMILIES = (
    Family("k8s_target_port-misconfig-mitigation-1", "api", SOCIAL),
    Family("auth_miss_mongodb-mitigation-1", "helm upgrade", SOCIAL),
    Family("scale_pod_zero_social_net-mitigation-1", "kubectl scale", SOCIAL),
    Family("assign_to_non_existent_node_social_net-mitigation-1", "_modified", SOCIAL),
    Family("revoke_auth_mongodb-mitigation-1", "kubectl exec", HOTEL),
    Family("user_unregistered_mongodb-mitigation-2", "kubectl exec", HOTEL),
    Family("misconfig_app_hotel_res-mitigation-1", "api", HOTEL),
    Family("wrong_bin_usage-mitigation-1", "_modified", HOTEL),
    Family("redeploy_without_PV-mitigation-1", "", HOTEL),
    Family("pod_failure_hotel_res-detection-1", CHAOS, HOTEL),
    Family("pod_kill_hotel_res-detection-1", CHAOS, HOTEL),
    Family("container_kill-detection", CHAOS, HOTEL),
    Family("network_loss_hotel_res-detection-1", CHAOS, HOTEL),
    Family("network_delay_hotel_res-detection-1", CHAOS, HOTEL),
    Family("astronomy_shop_kafka_queue_problems-mitigation-1", "api", SHOP),
    Family("astronomy_shop_payment_service_failure-detection-1", "api", SHOP),
    Family("noop_detection_hotel_reservation-1", "", HOTEL),
    Family("noop_detection_social_network-1", "", SOCIAL),
)


class ClusterServer:
    """cluster_server.py in a process of its own, and the tools of its runs in a folder."""

    def __init__(self, folder: Path) -> None:
        self.bin = folder / "cluster-bin"
        self.bin.mkdir()
        for name in ("kubectl", "helm", "docker"):
            program = self.bin / name
            program.write_text(
                f'#!/bin/sh\nexec {sys.executable} -I -S {HERE}/cluster_tool.py {name} "$@"\n'
            )
            program.chmod(program.stat().st_mode | stat.S_IXUSR)
        self._process = subprocess.Popen(
            [PYTHON, "-I", str(HERE / "cluster_server.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self._port = int(self._process.stdout.readline())
        self.url = f"http://127.0.0.1:{self._port}"

    def close(self) -> None:
        self._process.communicate("", timeout=10)

    def control(self, do: str, **more: object) -> None:
        self._ask("POST", "/stand-in/control", {"do": do, **more})

    def state(self) -> dict[str, Any]:
        return self._ask("GET", "/stand-in/state")

    def _ask(self, method: str, path: str, body: object = None) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        connection.request(method, path, json.dumps(body) if body is not None else None)
        answer = json.loads(connection.getresponse().read())
        connection.close()
        return answer


class Cell:
    """One run of one family in one way, and what is wrong with it."""

    def __init__(self, family: Family, delay: float) -> None:
        self.family = family
        self.wrong: list[str] = []
        self.host = Host(Path(HOME), PYTHON)
        self.cluster = ClusterServer(self.host.folder)
        self.cluster.control("delay", seconds=delay)
        self.host.server = self.cluster.url
        self.host.tools.bin = self.cluster.bin
        self.host.python_path.append(str(OFFLINE))
        self.host.variables["AIOPSLAB_TEST_HURRY"] = "0.02"
        self.host.grace = 60.0
        self.runner: RunnerProcess | None = None
        self.facts: dict[str, Any] = {}

    def close(self) -> None:
        self.cluster.close()
        self.host.__exit__(None, None, None)

    @property
    def has_fault(self) -> bool:
        return not self.family.problem.startswith("noop")

    def start(self) -> RunnerProcess:
        config = {"agent": "external", "settle_seconds": 0}
        self.runner = self.host.start(problem_id=self.family.problem, agent_config=config)
        return self.runner

    def act(self, action: str, meanwhile: Callable[[], None] = lambda: None) -> None:
        runner = self.start()
        with runner:
            runner.wait_for("awaiting", index=0)
            meanwhile()
            runner.write(json.dumps(self.action(action)).encode() + b"\n")
            runner.finish()

    @staticmethod
    def action(text: str) -> dict[str, Any]:
        return {"type": "action", "index": 0, "action": text}

    def submission(self) -> str:
        if "mitigation" in self.family.problem:
            return "submit()"
        return 'submit("Yes")' if self.has_fault else 'submit("No")'

    # the ways in which a run can go

    def normal(self) -> None:
        self.act(self.submission())
        self.judge(stopped=False)
        reward = self.reward()
        if "detection" in self.family.problem or "container" in self.family.problem:
            self.expect(reward == 1.0, f"reward {reward}")
        self.expect(bool(self.facts.get("cleanup_finished")), "clean-up not finished")
        self.expect_recovery()

    def term_in_a_turn(self) -> None:
        runner = self.start()
        with runner:
            runner.wait_for("awaiting", index=0)
            runner.stop()
            self.expect(runner.finish() == 143, "exit status")
        self.judge(stopped=True)
        self.expect_recovery()

    def term_in_set_up(self) -> None:
        runner = self.start()
        with runner:
            runner.wait_for("phase", phase="setup")
            end = time.monotonic() + PATIENCE_SECONDS
            while self.has_fault and not self.cluster.state()["seen_faulty"]:
                if time.monotonic() > end:
                    self.wrong.append("no fault to be seen")
                    break
                time.sleep(0.02)
            runner.stop()
            self.expect(runner.finish() == 143, "exit status")
        self.judge(stopped=True)

    def term_in_grading(self) -> None:
        runner = self.start()
        with runner:
            runner.wait_for("awaiting", index=0)
            runner.write(json.dumps(self.action(self.submission())).encode() + b"\n")
            runner.wait_for("phase", phase="grading")
            runner.stop()
            self.expect(runner.finish() == 143, "exit status")
        self.judge(stopped=True)
        self.expect_recovery()

    def failed_injection(self) -> None:
        self.cluster.control("fail", words=self.family.injects_by)
        runner = self.start()
        with runner:
            runner.finish()
        self.judge(stopped=True)
        errors = [error["code"] for error in runner.of("error")]
        self.expect(errors == ["environment_setup_failed"], f"errors {errors}")
        self.expect(self.facts.get("fault_injected") is False, "attests an injection")

    def pending_pod(self) -> None:
        self.act(
            self.submission(), lambda: self.cluster.control("pend", namespace=self.family.namespace)
        )
        self.judge(stopped=False)

    def deleted_application(self) -> None:
        order = "delete application"
        self.act(
            self.submission(), lambda: self.cluster.control(order, namespace=self.family.namespace)
        )
        self.judge(stopped=False)

    # what must hold

    def expect(self, holds: bool, otherwise: str) -> None:
        if not holds:
            self.wrong.append(otherwise)

    def expect_recovery(self) -> None:
        self.expect(
            self.facts.get("fault_recovered") is (True if self.has_fault else None),
            f"not recovered: {self.facts.get('recovery_error')}",
        )

    def reward(self) -> float | None:
        assert self.runner is not None
        results = self.runner.of("result")
        return results[0]["reward"] if results else None

    def judge(self, stopped: bool) -> None:
        assert self.runner is not None
        attested = self.runner.of("attestation")
        self.facts = attested[0]["facts"] if attested else {}
        before = self.cluster.state()
        self.cluster.control("reset")
        left = self.cluster.state()["faults"]
        recovered = self.facts.get("fault_recovered", False)
        if recovered is not False:  # else its cluster is made anew
            self.expect(not left, f"attests recovery, but there is {left}")
        if recovered is None:
            self.expect(not before["seen_faulty"], "attests that there was no fault")
        if self.facts.get("fault_injected") is True:
            self.expect(before["seen_faulty"], "attests an injection that nobody saw")
        if stopped:
            self.expect(self.reward() is None, f"reward {self.reward()} of a run without a grade")
        else:
            self.expect(self.reward() is not None, f"no reward: {self.runner.of('error')[:1]}")

    def text(self) -> str:
        if self.wrong:
            return "WRONG"
        recovered = self.facts.get("fault_recovered", False)
        gone = {True: "gone", None: "none", False: "anew"}[recovered]
        reward = self.reward()
        return gone if reward is None else f"{gone} {reward:g}"


WAYS: dict[str, Callable[[Cell], None]] = {
    "normal": Cell.normal,
    "TERM in a turn": Cell.term_in_a_turn,
    "TERM in set-up": Cell.term_in_set_up,
    "TERM in grading": Cell.term_in_grading,
    "failed injection": Cell.failed_injection,
    "Pending pod": Cell.pending_pod,
    "deleted app": Cell.deleted_application,
}


@unittest.skipUnless(HOME, "AIOPSLAB_TEST_HOME names no checkout of AIOpsLab (docs/aiopslab.md)")
class EveryFamily(unittest.TestCase):
    def test_leaves_no_fault_and_attests_the_truth_whatever_ends_a_run(self) -> None:
        families = [family for family in FAMILIES if re.search(PICKED, family.problem)]
        randomly = random.Random(SEED)
        orders = [
            (family, way, round(randomly.uniform(0.3, 1.0), 2))
            for family in families
            for way in WAYS
            if way != "failed injection" or family.injects_by
        ]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            played = dict(zip([order[:2] for order in orders], pool.map(play, orders)))
        print(f"\nseed {SEED}; gone: recovered; anew: cluster made anew; none: no fault; reward")
        print(f"{'family':52}" + "".join(f"{way:18}" for way in WAYS))
        for family in families:
            cells = [played.get((family, way), ("-", []))[0] for way in WAYS]
            print(f"{family.problem:52}" + "".join(f"{cell:18}" for cell in cells))
        wrong = {
            f"{family.problem}, {way}": reasons
            for (family, way), (_, reasons) in played.items()
            if reasons
        }
        print(f"{len(wrong)} wrong cells of {len(played)}")
        for cell, reasons in wrong.items():
            print(f"--- {cell}", *reasons, sep="\n")
        self.assertEqual([], list(wrong))


def play(order: tuple[Family, str, float]) -> tuple[str, list[str]]:
    family, way, delay = order
    cell = Cell(family, delay)
    try:
        WAYS[way](cell)
    except Exception as reason:
        cell.wrong.append(f"{type(reason).__name__}: {reason}"[:300])
    finally:
        if cell.wrong and cell.runner is not None and cell.runner.output is not None:
            cell.wrong.append(cell.runner.output.read_text(errors="replace")[-1500:])
        cell.close()
    return cell.text(), cell.wrong


if __name__ == "__main__":
    unittest.main()
