"""
From nothing to completed tasks and back to nothing: images, compose file, health, metrics, crashes.

AIOPSLAB_TEST_KEEP_IMAGES=true keeps images for the next run; AIOPSLAB_TEST_DEBIAN_MIRROR and
AIOPSLAB_TEST_MAVEN_HOME (~/.m2) say where stand-ins come from where real images cannot be had.
"""

from __future__ import annotations

import base64
import json
import os
import signal
import tempfile
import time
import unittest
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from threading import Event, Thread
from typing import Any

from containers.engine import ROOT, Engine, NoEngineError, an_engine
from containers.images import Images, base_images
from containers.project import Project
from containers.tasks import Tasks, get
from containers.telling import tell
from containers.waiting import wait

OWN = "aiopslab/"
TABLE = ROOT / "target/containers-table.txt"
# A run of each task takes seconds then, so that some are under way whenever something is killed.
DELAY_MS = 700
MB = 1_000_000


class ComposeTest(unittest.TestCase):
    def setUp(self) -> None:
        # So that whoever ends the test ends what it has started.
        before = signal.signal(signal.SIGTERM, signal.default_int_handler)
        self.addCleanup(signal.signal, signal.SIGTERM, before)
        self.keep = os.environ.get("AIOPSLAB_TEST_KEEP_IMAGES") == "true"
        self.tasks = Tasks()
        self.back: dict[str, float] = {}
        self.built: dict[str, float] = {}

    def test_from_nothing_to_completed_tasks_and_back(self) -> None:
        with ExitStack() as ends:
            try:
                engine = ends.enter_context(an_engine(self.keep))
            except NoEngineError as reason:
                if os.environ.get("CI") == "true":
                    raise
                self.skipTest(str(reason))
            folder = Path(ends.enter_context(tempfile.TemporaryDirectory(prefix="aiopslab-")))
            self.project = Project(engine, folder)
            self.images = Images(engine)
            if not self.keep:
                ends.callback(self.leave_no_image)
            self.get_images(engine)
            ends.enter_context(self.running())
            self.everything_is_healthy()
            self.nothing_is_published_beyond_loopback()
            self.tasks_are_completed(20)
            self.archives_of_classes_are_used()
            self.no_secret_is_told()
            self.broker_is_managed()
            self.prometheus_sees_everything()
            self.grafana_shows_the_dashboards()
            self.whatever_is_killed_comes_back_and_loses_nothing()
            self.a_worker_that_is_stopped_ends_its_run()
            self.data_outlives_the_containers()
            self.table(engine)
            self.nothing_is_left_after_down()
        self.assertEqual(engine.remains(), [])

    # What is needed

    def get_images(self, engine: Engine) -> None:
        bases = base_images()
        foreign = [image for image in self.project.images() if not image.startswith(OWN)]
        not_to_be_had = self.images.get([*bases.values(), *foreign])
        missing = [each for each in bases.values() if each in not_to_be_had]
        self.assertEqual(missing, [], "without these nothing can be built")
        left_out = [s for i in not_to_be_had for s in self.project.images()[i]]
        if left_out:
            tell(f"NOT RUN, as there is no image: {', '.join(left_out)}")
            self.project.leave_out(left_out)
        tools = self.images.tools()
        for service in self.project.services.values():
            if "build" not in service:
                continue
            build, began = service["build"], time.monotonic()
            arguments = {**build["args"], **({"TOOLS_IMAGE": tools} if tools else {})}
            context = Path(build["context"])
            command = ["-f", str(context / build["dockerfile"])]
            command += [f"--build-arg={key}={value}" for key, value in arguments.items()]
            self.images.build_service(service["image"], context, command)
            self.built[service["image"]] = time.monotonic() - began
            tell(f"{service['image']} was built in {self.built[service['image']]:.0f} s")

    def leave_no_image(self) -> None:
        self.assertEqual(self.images.remove(), [], "images that the test has brought")

    @contextmanager
    def running(self) -> Iterator[None]:
        """Up, and down again whatever happens; what went wrong in between is told."""
        # What a killed test may have left.
        self.project.down("--volumes", "--remove-orphans")
        self.assertEqual(self.project.ports_taken(), [], "ports that the compose file publishes")
        try:
            began = time.monotonic()
            with self.start_times() as self.started:
                self.project.up()
                wait("all services serve", lambda: self.started.keys() >= self.lasting())
            self.up_within = time.monotonic() - began
            tell(f"docker compose up: everything serves after {self.up_within:.0f} s")
            yield
        except BaseException:
            self.tell_what_went_wrong()
            raise
        finally:
            self.project.down("--volumes", "--remove-orphans")

    def lasting(self) -> set[str]:
        return set(self.project.lasting())

    @contextmanager
    def start_times(self) -> Iterator[dict[str, float]]:
        """Seconds from the start of each container to its first good answer, while this lasts."""
        times: dict[str, float] = {}
        over = Event()

        def look() -> None:
            while not over.wait(0.2):
                for service in sorted(self.lasting() - times.keys()):
                    if self.project.state(service).get("Running") and self.project.serves(service):
                        times[service] = self.project.age(service)
                        tell(f"{service} serves {times[service]:.1f} s after its start")

        watcher = Thread(target=look, daemon=True)
        watcher.start()
        try:
            yield times
        finally:
            over.set()
            watcher.join()

    def tell_what_went_wrong(self) -> None:
        for service in self.project.services:
            state = self.project.state(service)
            if state and not self.is_as_it_should_be(service):
                last = self.project.log(service, 40)
                print(f"--- {service}: {json.dumps(state)[:600]}\n{last}", flush=True)

    def is_as_it_should_be(self, service: str) -> bool:
        if service in self.project.once():
            state = self.project.state(service)
            return bool(state.get("Status") == "exited" and state["ExitCode"] == 0)
        return self.project.is_healthy(service)

    # What is seen

    def everything_is_healthy(self) -> None:
        for service in self.project.services:
            wait(f"{service} is as it should be", partial(self.is_as_it_should_be, service))
        tell(
            f"{len(self.lasting())} services healthy, {len(self.project.once())} have set things up"
        )

    def nothing_is_published_beyond_loopback(self) -> None:
        for service in self.lasting():
            published = self.project.inspect(service)["NetworkSettings"]["Ports"]
            addresses = {each["HostIp"] for ports in published.values() for each in ports or ()}
            self.assertEqual(addresses - {"127.0.0.1"}, set(), service)

    def tasks_are_completed(self, number: int, delay_ms: int = 0) -> None:
        began = time.monotonic()
        ended = self.tasks.end(self.tasks.submit(number, delay_ms))
        self.assertEqual([t for t in ended.values() if t["status"] != "completed"], [])
        self.assertEqual({t["result"]["reward"] for t in ended.values()}, {1.0})
        tell(f"{number} tasks completed in {time.monotonic() - began:.0f} s")

    def archives_of_classes_are_used(self) -> None:
        own = [s for s in self.lasting() if self.project.services[s]["image"].startswith(OWN)]
        self.assertEqual(len(own), 4)
        for service in own:
            self.assertRegex(
                self.project.mapped_files(service), r"/app/service\.(jsa|aot)", service
            )

    def no_secret_is_told(self) -> None:
        secrets = self.project.secrets()
        self.assertEqual(len(secrets), 12)
        for service in self.lasting():
            environment, log = self.project.environment(service), self.project.log(service)
            self.assertIn("PATH=", environment)
            for told, where in ((environment, "environment"), (log, "log")):
                self.assertFalse([s for s in secrets if s in told], f"{where} of {service}")
        tell("no secret stands in an environment or in a log")

    def broker_is_managed(self) -> None:
        password = (self.project.root / "infra/secrets/rabbitmq/admin").read_text()
        token = base64.b64encode(f"admin:{password}".encode()).decode()

        def ask(path: str) -> Any:
            return get(f"http://127.0.0.1:15672/api/{path}", f"Basic {token}")

        queues = {each["name"] for each in ask("queues/aiopslab")}
        workers = {"tasks.cluster.worker-001-kind", "tasks.cluster.worker-002-kind"}
        wanted = {"dead.letters", "events.collector.0", "tasks.backend.default", *workers}
        self.assertEqual(wanted - queues, set())
        users = {each["name"] for each in ask("users")}
        services = {"aiopslab_api", "aiopslab_worker", "aiopslab_collector"}
        self.assertEqual(users, {"admin", "aiopslab_monitor", *services}, "and no guest")
        wait(
            "all services are connected",
            lambda: {c["user"] for c in ask("connections")} == services,
        )
        version = ask("overview")["rabbitmq_version"]
        tell(
            f"RabbitMQ {version}: its management API shows {len(queues)} queues, {len(users)} users"
        )

    def prometheus_sees_everything(self) -> None:
        api = "http://127.0.0.1:9090/api/v1"

        def not_up() -> list[str]:
            targets = get(f"{api}/targets")["data"]["activeTargets"]
            bad = [t["scrapeUrl"] + " " + t["lastError"] for t in targets if t["health"] != "up"]
            return bad if len(targets) == 6 else [f"{len(targets)} targets", *bad]

        wait("all targets of Prometheus are up", lambda: not not_up())

        def states() -> dict[str, str]:
            groups = get(f"{api}/rules?type=alert")["data"]["groups"]
            return {rule["name"]: rule["state"] for group in groups for rule in group["rules"]}

        self.assertGreater(len(states()), 10)
        # It was up first, and may have told for a while that the others were not.
        wait("no alert is firing", lambda: "firing" not in states().values())
        tell(f"Prometheus: 6 targets are up, {len(states())} alerts are loaded and quiet")

    def grafana_shows_the_dashboards(self) -> None:
        if "grafana" not in self.project.services:
            return
        there = {each["title"] for each in get("http://127.0.0.1:3000/api/search?type=dash-db")}
        files = (ROOT / "infra/grafana/dashboards").glob("*.json")
        self.assertEqual(there, {json.loads(file.read_text())["title"] for file in files})
        query = "http://127.0.0.1:3000/api/datasources/proxy/uid/prometheus/api/v1/query?query=up"
        self.assertEqual(get(query)["status"], "success")
        tell(f"Grafana: {len(there)} dashboards, and Prometheus answers it")

    # What is done to it

    def whatever_is_killed_comes_back_and_loses_nothing(self) -> None:
        for service in self.project.lasting():
            self.kill(service)
        self.all_are_there()

    def kill(self, service: str) -> None:
        before = self.tasks.submit(6, DELAY_MS)
        wait("one of them runs", lambda: "running" in self.statuses(before))
        life = self.project.state(service)["StartedAt"]
        by_whom = self.project.crash(service)
        meanwhile = self.tasks.submit(2, DELAY_MS)
        wait(f"{service} lives again", lambda: self.project.state(service)["StartedAt"] != life)
        wait(f"{service} serves again", lambda: self.project.serves(service))
        self.back[service] = self.project.age(service)
        wait(f"{service} is healthy", lambda: self.project.is_healthy(service))
        ended = self.tasks.end([*before, *meanwhile]).values()
        told = [(task["status"], task["failure_code"]) for task in ended]
        rewards = {task["result"]["reward"] for task in ended if task["status"] == "completed"}
        self.assertEqual(rewards, {1.0})
        lost = told.count(("failed", "worker_lost"))
        self.assertEqual(told.count(("completed", None)) + lost, len(told), told)
        # What ran in a worker's container has died with it, and the task says so.
        self.assertLessEqual(lost, 1 if "worker" in service else 0, told)
        self.tasks_are_completed(2)
        tell(
            f"{service} was killed; {by_whom} started it again, and it served again after"
            f" {self.back[service]:.1f} s; of 8 tasks {lost} failed as worker_lost, all others"
            " completed"
        )

    def statuses(self, tasks: list[str]) -> set[str]:
        return {shown["status"] for task in tasks if (shown := self.tasks.show(task))}

    def all_are_there(self) -> None:
        ended = self.tasks.end(self.tasks.ids, within=60)
        self.assertEqual(len(ended), len(set(self.tasks.ids)))
        tell(f"all {len(ended)} tasks that were ever acknowledged are there, and ended")

    def a_worker_that_is_stopped_ends_its_run(self) -> None:
        tasks = self.tasks.submit(2, 2 * DELAY_MS)
        wait("both run", lambda: self.statuses(tasks) == {"running"})
        self.project.stop("task-worker-1")
        self.assertEqual(self.project.state("task-worker-1")["ExitCode"], 143)
        ended = self.tasks.end(tasks).values()
        self.assertEqual({task["status"] for task in ended}, {"completed"})
        tell("docker compose stop of a worker let its run end")

    def data_outlives_the_containers(self) -> None:
        self.project.down()
        began = time.monotonic()
        self.project.up()
        wait("all serve again", lambda: all(map(self.project.serves, self.lasting())))
        tell(f"down, and up again after {time.monotonic() - began:.0f} s")
        self.all_are_there()
        self.tasks_are_completed(2)

    def nothing_is_left_after_down(self) -> None:
        self.project.down("--volumes", "--remove-orphans")
        self.assertEqual(self.project.left_over(), [])
        self.assertEqual(self.project.ports_taken(), [])
        tell("docker compose down --volumes: no container, network, volume or port is left")

    # What it cost

    def table(self, engine: Engine) -> None:
        base = engine.inspect(base_images()["JRE_IMAGE"])["Size"]
        lines = ["| image | built in s | MB | of it beyond its base |", "|---|---|---|---|"]
        for image, seconds in self.built.items():
            size = engine.inspect(image)["Size"]
            name = image.rpartition(":")[0]
            lines.append(f"| {name} | {seconds:.0f} | {size // MB} | {(size - base) // MB} |")
        lines += [
            "",
            "| container | serves s after its start, among all | after a crash, alone |",
        ]
        lines += ["|---|---|---|"]
        for service in self.project.lasting():
            lines.append(f"| {service} | {self.started[service]:.1f} | {self.back[service]:.1f} |")
        lines += [f"| all, by docker compose up | {self.up_within:.0f} | |", ""]
        lines += [f"{name}: stand-in, {what}" for name, what in self.images.stood_in.items()]
        TABLE.parent.mkdir(exist_ok=True)
        TABLE.write_text("\n".join(lines) + "\n")
        print(f"\n{TABLE.read_text()}", flush=True)


if __name__ == "__main__":
    unittest.main()
