"""make up, status, down as a person runs them: real servers, real services, in a fresh folder."""

from __future__ import annotations

import ipaddress
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import unittest
from pathlib import Path
from typing import Any

from system_test import HOST, LOCAL, SystemTest

from local_run import ports, rabbitmq, web
from local_run.components import COMPONENTS
from local_run.processes import ProcessFiles

TASKS = 100
SERVICE_USERS = {"aiopslab_api", "aiopslab_worker", "aiopslab_collector"}


class MakeUpTest(SystemTest):
    def pids(self) -> dict[str, int]:
        files = ProcessFiles(self.folder / "processes")
        alive = {each.name: files.alive(each.name) for each in COMPONENTS}
        return {name: process.pid for name, process in alive.items() if process}

    def test_up_status_up_down_up(self) -> None:
        said = self.succeed("up")
        self.assertIn("Everything is up", said)
        self.complete_tasks()
        self.nothing_listens_beyond_loopback()
        self.no_service_has_a_password_in_its_environment()
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

    def nothing_listens_beyond_loopback(self) -> None:
        """As `ss -ltn` shows it, of all that was started."""
        addresses = {pid: listened_on(pid) for pid in self.pids().values()}
        self.assertTrue(all(addresses.values()), addresses)
        loopback = {"127.0.0.1", "::1"}
        self.assertEqual(set().union(*addresses.values()) - loopback, set(), addresses)

    def no_service_has_a_password_in_its_environment(self) -> None:
        for name, pid in self.pids().items():
            environment = Path(f"/proc/{pid}/environ").read_text(errors="replace")
            self.assertFalse([word for word in self.passwords() if word in environment], name)

    def passwords(self) -> list[str]:
        kept = json.loads((self.folder / "passwords.json").read_text())
        return [word for words in kept.values() for word in words.values()]

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
        secrets = self.passwords()
        for log in self.folder.glob("*.log"):
            text = log.read_text(errors="replace")
            self.assertNotRegex(text, "ACCESS_REFUSED|permission denied|row-level security", log)
            self.assertFalse([word for word in secrets if word in text], log)

    def test_parts_that_died_come_back(self) -> None:
        self.succeed("up")
        for names in (
            [rabbitmq.EPMD],
            [rabbitmq.EPMD, rabbitmq.NAME],
            ["task-api"],
            ["postgresql"],
        ):
            with self.subTest(died=names):
                before = self.pids()
                for name in names:
                    self.kill(name)
                self.succeed("up")
                self.assertEqual(self.pids().keys(), before.keys())
                self.complete_a_task()
        self.rabbitmqctl_reaches_the_node()
        self.nothing_is_left_after_down(self.pids())

    def test_a_name_server_that_rabbitmq_started_itself_is_known(self) -> None:
        self.succeed("up")
        known = self.kill(rabbitmq.EPMD)
        # RabbitMQ looks once a minute; rabbitmqctl starts one in the same way.
        self.rabbitmqctl_reaches_the_node(expected=None)
        ctl_port = self.ports["UP_EPMD_PORT"]
        self.wait("another has started", lambda: ports.answers(HOST, ctl_port))
        status = self.succeed("status")
        self.assertRegex(status, r"rabbitmq-epmd +\d+ +\d+ +up ")
        self.assertIn("runs     rabbitmq-epmd", self.succeed("up"))
        self.assertNotEqual(self.pids()[rabbitmq.EPMD], known)
        self.nothing_is_left_after_down(self.pids())

    def kill(self, name: str) -> int:
        pid = self.pids()[name]
        os.kill(pid, signal.SIGKILL)
        self.wait(f"{name} is dead", lambda: name not in self.pids())
        return pid

    def rabbitmqctl_reaches_the_node(self, expected: int | None = 0) -> None:
        command = [str(self.folder / "rabbitmqctl"), "-q", "list_vhosts"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        if expected is not None:
            self.assertEqual(done.returncode, expected, done.stdout + done.stderr)

    def complete_a_task(self) -> None:
        body = json.dumps({"problem_id": "noop_detection_hotel_reservation-1"})
        task = self.api("/tasks", "POST", body)
        self.wait(
            "a task is completed",
            lambda: self.api(f"/tasks/{task['id']}")["status"] == "completed",
        )

    def test_ctrl_c_is_heard_at_once_and_leaves_nothing(self) -> None:
        programs, log = self.folder / "programs", self.folder / "task-api.log"
        for what, is_so in (
            ("jars are unpacked", lambda: any(programs.glob("*"))),
            ("task-api starts", log.exists),
        ):
            with self.subTest(while_=what), self.running("up") as (process, lines):
                self.wait(what, is_so)
                process.send_signal(signal.SIGINT)
                told = time.monotonic()
                self.assertTrue(any("Interrupted; stopping what was" in line for line in lines))
                self.assertLess(time.monotonic() - told, 1.0)
                self.assertEqual(process.wait(60), 130)
                self.assertEqual(self.pids(), {})
                self.assertEqual(processes_naming(self.folder), [])
        self.succeed("up")
        self.nothing_is_left_after_down(self.pids())

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


def listened_on(pid: int) -> set[str]:
    """Addresses of the sockets on which a process or one of its children takes connections."""
    family = [pid]
    for parent in family:  # grows while it is walked
        for children in Path(f"/proc/{parent}/task").glob("*/children"):
            family.extend(map(int, children.read_text().split()))
    sockets = {os.readlink(each) for one in family for each in Path(f"/proc/{one}/fd").iterdir()}
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path("/proc/net", table).read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and f"socket:[{fields[9]}]" in sockets:
                found.add(address(fields[1].partition(":")[0]))
    return found


def address(words: str) -> str:
    """Of four-byte words in hex, each in the machine's order."""
    packed = b"".join(
        int(words[i : i + 8], 16).to_bytes(4, sys.byteorder) for i in range(0, len(words), 8)
    )
    read = ipaddress.ip_address(packed)
    mapped = read.ipv4_mapped if isinstance(read, ipaddress.IPv6Address) else None
    return str(mapped or read)


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
