"""What happens when a pod's container is started, given the state of the rest of the cluster."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from aiopslab_runner.simulator.application import NAMESPACE
from aiopslab_runner.simulator.cluster import Cluster
from aiopslab_runner.simulator.images import GO_PORTS, find_image
from aiopslab_runner.simulator.pods import Pod, State

HOSTNAME_LABEL = "kubernetes.io/hostname"
DATABASES = {
    "geo": "mongodb-geo",
    "profile": "mongodb-profile",
    "rate": "mongodb-rate",
    "recommendation": "mongodb-recommendation",
    "reservation": "mongodb-reservation",
    "user": "mongodb-user",
}


@dataclass
class Start:
    """Where the attempt ended; `lines` are what the container printed on the way."""

    state: State
    why: str = ""
    exit_code: int = 0
    lines: list[str] = field(default_factory=list)


def attempt(cluster: Cluster, pod: Pod, at: float) -> Start:
    unschedulable = _why_no_node(cluster, pod)
    if unschedulable:
        return Start(State.PENDING, unschedulable)
    image = find_image(pod.image)
    if image is None:
        return Start(
            State.CANNOT_PULL,
            f'failed to pull and unpack image "{pod.image}": not found',
        )
    if pod.binary not in image.binaries:
        return Start(
            State.CANNOT_EXECUTE,
            "failed to create containerd task: failed to create shim task: OCI runtime create "
            f'failed: exec: "{pod.binary}": executable file not found in $PATH: unknown',
            exit_code=128,
        )
    if pod.binary in GO_PORTS:
        return _start_go_service(cluster, pod, image.mongo_port, cluster.clock.stamp(at))
    if pod.binary == "mongod":
        return _start_mongo(cluster, pod, cluster.clock.stamp(at))
    return Start(State.RUNNING, lines=[f"{pod.binary} is ready"])


def entry(stamp: str, level: str, message: str) -> str:
    """One log line in the form the application's services print."""
    return json.dumps({"level": level, "time": stamp, "message": message})


def _why_no_node(cluster: Cluster, pod: Pod) -> str:
    wanted = (pod.spec.get("nodeSelector") or {}).get(HOSTNAME_LABEL) or pod.spec.get("nodeName")
    if wanted is None or wanted in cluster.nodes:
        return ""
    count = len(cluster.nodes)
    return (
        f"0/{count} nodes are available: {count} node(s) didn't match Pod's node affinity/selector."
    )


def _start_go_service(cluster: Cluster, pod: Pod, mongo_port: int, stamp: str) -> Start:
    lines = [entry(stamp, "info", f"starting {pod.binary}, reading its configuration")]
    database = DATABASES.get(pod.binary)
    if database is not None:
        lines.append(entry(stamp, "info", f"connecting to {database}:{mongo_port}"))
        refusal = _database_refusal(cluster, database, mongo_port)
        if refusal:
            return _panic(lines, refusal)
        lines.append(entry(stamp, "info", f"connected to {database}:{mongo_port}"))
    if not cluster.service_pods(NAMESPACE, "consul", 8500):
        return _panic(lines, "cannot register with consul:8500: connection refused")
    lines.append(entry(stamp, "info", f"registered as srv-{pod.binary} in consul"))
    lines.append(entry(stamp, "info", f"listening on port {GO_PORTS[pod.binary]}"))
    return Start(State.RUNNING, lines=lines)


def _database_refusal(cluster: Cluster, database: str, port: int) -> str | None:
    if not cluster.service_pods(NAMESPACE, database, port):
        return f"no reachable servers for {database}:{port}"
    server = cluster.mongo_servers.get(database)
    return server.refusal() if server else None


def _panic(lines: list[str], message: str) -> Start:
    trace = [f"panic: {message}", "", "goroutine 1 [running]:", "main.main()"]
    return Start(State.CRASH_LOOP, message, exit_code=2, lines=lines + trace)


def _start_mongo(cluster: Cluster, pod: Pod, stamp: str) -> Start:
    server = cluster.mongo_servers.get(pod.deployment)
    if server is not None:
        server.register_first_users()
    message = {"t": stamp, "s": "I", "c": "NETWORK", "msg": "Waiting for connections"}
    return Start(State.RUNNING, lines=[json.dumps({**message, "attr": {"port": 27017}})])
