"""The state of the simulated cluster. Everything an agent can observe is derived from here."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from operator import itemgetter
from typing import Any

from aiopslab_runner.simulator import application
from aiopslab_runner.simulator.clock import SimulatedClock
from aiopslab_runner.simulator.events import EventLog
from aiopslab_runner.simulator.mongo import MongoServer
from aiopslab_runner.simulator.pods import Pod

Manifest = dict[str, Any]
SUFFIX_LETTERS = "bcdfghjklmnpqrstvwxz2456789"


class Cluster:
    """Objects as Kubernetes manifests, pods, MongoDB servers, events and a clock of its own."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.clock = SimulatedClock(seed)
        self.events = EventLog()
        self.pods: list[Pod] = []
        self.mongo_servers: dict[str, MongoServer] = {}
        self.nodes = [name for name, _ in application.NODES]
        self._objects: defaultdict[str, dict[tuple[str, str], Manifest]] = defaultdict(dict)
        self._random = random.Random(f"cluster:{seed}")
        self._addresses = iter(range(10, 65000))

    @property
    def now(self) -> float:
        return self.clock.now

    def add(self, manifest: Manifest) -> None:
        metadata = manifest["metadata"]
        metadata.setdefault("creationTimestamp", self.clock.stamp(self.now))
        metadata.setdefault("uid", self._uid())
        if manifest["kind"] == "Deployment":
            metadata.setdefault("generation", 1)
        if manifest["kind"] == "Service":
            address = next(self._addresses)
            manifest["spec"].setdefault("clusterIP", f"10.96.{address // 250}.{address % 250 + 1}")
        of_kind = self._objects[manifest["kind"]]
        of_kind[(metadata.get("namespace", ""), metadata["name"])] = manifest

    def find(self, kind: str, namespace: str, name: str) -> Manifest | None:
        return self._objects[kind].get((namespace, name))

    def all(self, kind: str, namespace: str | None = None) -> list[Manifest]:
        """In the order of namespace and name; every namespace when none is given."""
        of_kind = sorted(self._objects[kind].items(), key=itemgetter(0))
        return [manifest for key, manifest in of_kind if namespace in (None, key[0])]

    def remove(self, kind: str, namespace: str, name: str) -> None:
        self._objects[kind].pop((namespace, name), None)

    def pods_of(self, namespace: str, deployment: str) -> list[Pod]:
        return [p for p in self.pods if (p.namespace, p.deployment) == (namespace, deployment)]

    def pods_selected(self, namespace: str, selector: dict[str, str]) -> Iterator[Pod]:
        for pod in self.pods:
            if pod.namespace == namespace and selector and selector.items() <= pod.labels.items():
                yield pod

    def service_pods(self, namespace: str, service: str, port: int | None = None) -> list[Pod]:
        """The ready pods behind a service, of those that listen where the service sends to."""
        manifest = self.find("Service", namespace, service)
        if manifest is None:
            return []
        targets = [
            entry.get("targetPort", entry.get("port"))
            for entry in manifest["spec"].get("ports", [])
            if port in (None, entry.get("port"))
        ]
        return [
            pod
            for pod in self.pods_selected(namespace, manifest["spec"].get("selector") or {})
            if pod.ready and any(target in pod.listened_ports for target in targets)
        ]

    def suffix(self, length: int) -> str:
        return "".join(self._random.choice(SUFFIX_LETTERS) for _ in range(length))

    def pod_address(self) -> str:
        address = next(self._addresses)
        return f"10.244.{1 + address // 250}.{address % 250 + 1}"

    def _uid(self) -> str:
        digits = f"{self._random.getrandbits(128):032x}"
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
