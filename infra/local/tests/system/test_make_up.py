"""make up, status, down as a person runs them: real servers, real services, in a fresh folder."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from collections.abc import Callable
from pathlib import Path
from typing import Any

LOCAL = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(LOCAL))

from local_run import web  # noqa: E402
from local_run.components import COMPONENTS  # noqa: E402
from local_run.processes import ProcessFiles  # noqa: E402
from local_run.settings import DEFAULT_PORTS  # noqa: E402

TASKS = 100
HOST = "127.0.0.1"
SERVICE_USERS = {"aiopslab_api", "aiopslab_worker", "aiopslab_collector"}


class MakeUpTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory(prefix="aiopslab-up-", ignore_cleanup_errors=True)
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name) / "run"
        Path(folder.name).chmod(0o755)
        self.ports = dict(zip(DEFAULT_PORTS, free_ports(len(DEFAULT_PORTS))))
        self.addCleanup(self.run_local, "down")

    def run_local(self, command: str, **more: str) -> subprocess.CompletedProcess[str]:
        chosen = {name: str(port) for name, port in self.ports.items()}
        environment = {
            **os.environ,
            "PYTHONPATH": str(LOCAL),
            "UP_FOLDER": str(self.folder),
            **chosen,
            **more,
        }
        done = subprocess.run(
            [sys.executable, "-m", "local_run", command],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        print(f"\n$ {command}\n{done.stdout}{done.stderr}", flush=True)
        return done

    def succeed(self, command: str) -> str:
        done = self.run_local(command)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def api(self, path: str, method: str = "GET", body: str | None = None) -> Any:
        port = self.ports["UP_API_PORT"]
        answer = web.call(HOST, port, f"/api/v1{path}", method, body, timeout=60)
        self.assertIn(answer.status, (200, 201), answer)
        return answer.body

    def pids(self) -> dict[str, int]:
        files = ProcessFiles(self.folder / "processes")
        alive = {each.name: files.alive(each.name) for each in COMPONENTS}
        return {name: process.pid for name, process in alive.items() if process}

    def test_up_status_up_down_up(self) -> None:
        said = self.succeed("up")
        self.assertIn("Everything is up", said)
        self.complete_tasks()
        self.broker_shows_the_documented_topology()
        self.status_shows_all_up()
        before = self.pids()
        self.assertIn("runs     task-api", self.succeed("up"))
        self.assertEqual(self.pids(), before, "a second up starts nothing")
        self.refuses_to_move_what_runs()
        self.nothing_is_left_after_down(before)
        self.assertIn("Nothing runs", self.succeed("down"))
        self.succeed("up")
        self.assertEqual(self.api("/tasks?status=completed")["total"], TASKS)
        self.no_log_shows_a_refusal_or_a_password()
        self.nothing_is_left_after_down(self.pids())

    def complete_tasks(self) -> None:
        task = {"problem_id": "misconfig_app_hotel_res-detection-1"}
        self.api("/tasks/batch", "POST", json.dumps({"tasks": [task] * TASKS}))
        self.wait(
            f"{TASKS} tasks are completed",
            lambda: self.api("/tasks?status=completed&limit=1")["total"] == TASKS,
        )
        workers = {each["id"] for each in self.api("/workers")["workers"]}
        self.assertEqual(workers, {"worker-001-kind", "worker-002-kind"})

    def broker_shows_the_documented_topology(self) -> None:
        definitions = json.loads((LOCAL.parent / "rabbitmq" / "definitions.json").read_text())
        self.wait("all services are connected", lambda: self.connected_users() == SERVICE_USERS)
        exchanges = {each["name"] for each in self.manage("exchanges/aiopslab")}
        self.assertLessEqual({each["name"] for each in definitions["exchanges"]}, exchanges)
        queues = {each["name"]: each for each in self.manage("queues/aiopslab")}
        documented = {each["name"] for each in definitions["queues"]} | {
            "tasks.backend.default",
            "tasks.cluster.worker-001-kind",
            "tasks.cluster.worker-002-kind",
        }
        replies = {name for name in queues if name.startswith("replies.api.")}
        self.assertEqual(queues.keys() - replies, documented)
        policies = {name: each.get("policy") for name, each in queues.items()}
        self.assertEqual(policies["events.collector.0"], "events")
        self.assertEqual(policies["tasks.backend.default"], "tickets")
        self.assertEqual(policies["tasks.cluster.worker-001-kind"], "commands")
        self.assertEqual(policies["dead.letters"], "dead")
        users = {each["name"] for each in self.manage("users")}
        self.assertEqual(users, SERVICE_USERS | {"aiopslab_admin"}, "and no guest")

    def connected_users(self) -> set[str]:
        return {each["user"] for each in self.manage("connections")}

    def manage(self, path: str) -> Any:
        kept = json.loads((self.folder / "passwords.json").read_text())
        user = ("aiopslab_admin", kept["rabbitmq"]["aiopslab_admin"])
        port = self.ports["UP_MANAGEMENT_PORT"]
        answer = web.call(HOST, port, f"/api/{path}", user=user)
        self.assertEqual(answer.status, 200, answer)
        return answer.body

    def status_shows_all_up(self) -> None:
        lines = self.succeed("status").splitlines()[1:]
        self.assertEqual([line.split()[0] for line in lines], [each.name for each in COMPONENTS])
        for line in lines:
            self.assertRegex(line, r" \d+ +\d+  up +\d+\.\d s +\d+ MiB .*\.log$")

    def refuses_to_move_what_runs(self) -> None:
        done = self.run_local("up", UP_API_PORT="1")
        self.assertEqual(done.returncode, 1)
        self.assertIn("task-api runs on port", done.stderr)

    def nothing_is_left_after_down(self, pids: dict[str, int]) -> None:
        self.assertEqual(len(pids), len(COMPONENTS))
        self.succeed("down")
        self.assertEqual(self.pids(), {})
        self.assertEqual(processes_naming(self.folder), [])
        for port in self.ports.values():
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((HOST, port))
        self.assertTrue((self.folder / "postgresql" / "data" / "PG_VERSION").exists())

    def no_log_shows_a_refusal_or_a_password(self) -> None:
        kept = json.loads((self.folder / "passwords.json").read_text())
        secrets = [word for words in kept.values() for word in words.values()]
        for log in self.folder.glob("*.log"):
            text = log.read_text(errors="replace")
            self.assertNotRegex(text, "ACCESS_REFUSED|permission denied|row-level security", log)
            self.assertFalse([word for word in secrets if word in text], log)

    def test_a_taken_port_is_named_with_its_owner_and_nothing_is_started(self) -> None:
        with socket.create_server((HOST, self.ports["UP_COLLECTOR_PORT"])):
            done = self.run_local("up")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(
            done.stderr,
            rf"error: port {self.ports['UP_COLLECTOR_PORT']}, which result-collector needs, is"
            rf" taken by .*\(process {os.getpid()}\)\. Stop that, or choose another: make up"
            r" UP_COLLECTOR_PORT=\d+",
        )
        self.assertEqual(processes_naming(self.folder), [])

    def test_a_service_that_cannot_start_ends_all_and_says_why(self) -> None:
        done = self.run_local("up", AIOPSLAB_WORKER_POLLINTERVAL="0s")
        self.assertEqual(done.returncode, 1)
        self.assertIn("ended while it started. The end of", done.stderr)
        self.assertIn("poll-interval", done.stderr)
        self.assertEqual(self.pids(), {})
        self.assertEqual(processes_naming(self.folder), [])

    def wait(self, what: str, is_so: Callable[[], bool]) -> None:
        until = time.monotonic() + 120
        while not is_so():
            self.assertLess(time.monotonic(), until, f"after 120 s it is not so that {what}")
            time.sleep(0.1)


def free_ports(number: int) -> list[int]:
    """All different, and none that RabbitMQ cannot take."""
    sockets = [socket.socket() for _ in range(number)]
    try:
        for each in sockets:
            each.bind((HOST, 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def processes_naming(folder: Path) -> list[str]:
    """Command lines that name the folder, but for this test's own."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = file.read_text(errors="replace").replace("\0", " ")
        except OSError:
            continue
        if re.search(re.escape(str(folder)) + r"\b", line):
            found.append(line)
    return found


if __name__ == "__main__":
    unittest.main()
