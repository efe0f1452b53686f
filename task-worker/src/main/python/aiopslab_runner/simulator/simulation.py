"""The whole simulation: deployed, moved on in time, and looked at as one."""

from __future__ import annotations

import copy

from aiopslab_runner.simulator import application, controllers, kubelet
from aiopslab_runner.simulator.cluster import Cluster
from aiopslab_runner.simulator.mongo import MongoServer
from aiopslab_runner.simulator.traffic import Traffic

TICK_SECONDS = 5.0


class Simulation:
    def __init__(self, seed: int) -> None:
        self.cluster = Cluster(seed)
        self.traffic = Traffic(self.cluster)

    def deploy(self) -> None:
        """The application and what surrounds it; once all is up, its users come."""
        for name in application.NAMESPACES:
            self.cluster.add({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        for config_map in application.config_maps():
            self.cluster.add(config_map)
        for owner in ("geo", "rate"):
            self.cluster.mongo_servers[f"mongodb-{owner}"] = MongoServer(f"{owner}-db")
        for component in application.COMPONENTS:
            self.cluster.add(copy.deepcopy(application.deployment(component)))
            self.cluster.add(application.service(component))
            controllers.reconcile(self.cluster)
            self.advance(2.0)
        self.advance(20.0)
        self.traffic.begin()
        self.advance(40.0)

    def advance(self, seconds: float) -> None:
        """Lets time pass; what is due happens on the way, in steps of at most 5 seconds."""
        end = self.cluster.now + seconds
        while self.cluster.now < end:
            self.cluster.clock.advance(min(TICK_SECONDS, end - self.cluster.now))
            self.settle()
            self.traffic.send_what_is_due()

    def settle(self) -> None:
        """Brings what runs in line with what is asked for, without letting time pass."""
        controllers.reconcile(self.cluster)
        kubelet.start_what_is_due(self.cluster)
        controllers.reconcile(self.cluster)

    def pods_ready(self) -> tuple[int, int]:
        """Ready pods of the application, and how many its deployments ask for at least."""
        pods = [pod for pod in self.cluster.pods if pod.namespace == application.NAMESPACE]
        wanted = sum(c.namespace == application.NAMESPACE for c in application.COMPONENTS)
        return sum(pod.ready for pod in pods), max(len(pods), wanted)

    def healthy(self) -> bool:
        """Every pod ready, nothing of the application missing, and every request served."""
        ready, total = self.pods_ready()
        whole = all(
            any(pod.ready for pod in self.cluster.pods_of(component.namespace, component.name))
            for component in application.COMPONENTS
        )
        return ready == total and whole and self.traffic.all_routes_answer()
