"""The tables of `kubectl get`: one row for an object, its columns read from its manifest."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any, Callable

from aiopslab_runner.simulator.clock import age
from aiopslab_runner.simulator.cluster import Cluster
from aiopslab_runner.simulator.kubectl.kinds import Kind

Manifest = dict[str, Any]
Row = list[str]

HEADERS: dict[str, str] = {
    "Pod": "NAME READY STATUS RESTARTS AGE | IP NODE",
    "Service": "NAME TYPE CLUSTER-IP EXTERNAL-IP PORT(S) AGE | SELECTOR",
    "Deployment": "NAME READY UP-TO-DATE AVAILABLE AGE | CONTAINERS IMAGES SELECTOR",
    "ReplicaSet": "NAME DESIRED CURRENT READY AGE | CONTAINERS IMAGES",
    "Endpoints": "NAME ENDPOINTS AGE |",
    "Event": "LAST-SEEN TYPE REASON OBJECT MESSAGE | COUNT",
    "ConfigMap": "NAME DATA AGE |",
    "Node": "NAME STATUS ROLES AGE VERSION | INTERNAL-IP CONTAINER-RUNTIME",
    "Namespace": "NAME STATUS AGE |",
}


def table(
    cluster: Cluster,
    kind: Kind,
    manifests: list[Manifest],
    wide: bool = False,
    namespaces: bool = False,
    headers: bool = True,
    labels: bool = False,
    qualified: bool = False,
) -> str:
    """`namespaces` puts that column first; `qualified` writes `pod/name` as `get all` does."""
    narrow_names, _, wide_names = HEADERS[kind.name].partition("|")
    names = [name.replace("LAST-SEEN", "LAST SEEN") for name in narrow_names.split()]
    names = names + (wide_names.split() if wide else []) + (["LABELS"] if labels else [])
    rows = [["NAMESPACE", *names] if namespaces else names] if headers else []
    for manifest in manifests:
        narrow, extra = CELLS[kind.name](cluster, manifest)
        if qualified:
            narrow[0] = f"{kind.qualified}/{narrow[0]}"
        row = narrow + (extra if wide else [])
        if labels:
            row.append(pairs(manifest["metadata"].get("labels")) or "<none>")
        rows.append([manifest["metadata"].get("namespace", ""), *row] if namespaces else row)
    return aligned(rows)


def aligned(rows: list[Row]) -> str:
    """Columns three spaces apart, without spaces at the end of a line."""
    if not rows:
        return ""
    widths = [max(map(len, column)) for column in zip(*rows)]
    lines = (
        "   ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows
    )
    return "\n".join(lines)


def age_since(cluster: Cluster, stamp: str) -> str:
    then = datetime.strptime(stamp, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
    return age((cluster.clock.at(cluster.now) - then).total_seconds())


def pairs(labels: dict[str, str] | None) -> str:
    return ",".join(f"{key}={value}" for key, value in sorted((labels or {}).items()))


def pod_status(manifest: Manifest) -> str:
    state = manifest["status"]["containerStatuses"][0]["state"]
    return "Running" if "running" in state else str(state["waiting"]["reason"])


def _age(cluster: Cluster, manifest: Manifest) -> str:
    return age_since(cluster, manifest["metadata"]["creationTimestamp"])


def _pod(cluster: Cluster, manifest: Manifest) -> tuple[Row, Row]:
    status = manifest["status"]["containerStatuses"][0]
    restarts = str(status["restartCount"])
    if status["restartCount"] and "lastState" in status:
        ended = status["lastState"]["terminated"]["finishedAt"]
        restarts += f" ({age_since(cluster, ended)} ago)"
    name, ready = manifest["metadata"]["name"], f"{int(status['ready'])}/1"
    row = [name, ready, pod_status(manifest), restarts, _age(cluster, manifest)]
    return row, [manifest["status"]["podIP"], manifest["spec"].get("nodeName", "<none>")]


def _service(cluster: Cluster, manifest: Manifest) -> tuple[Row, Row]:
    spec = manifest["spec"]
    ports = ",".join(f"{p.get('port')}/{p.get('protocol', 'TCP')}" for p in spec.get("ports", []))
    kind, address = spec.get("type", "ClusterIP"), spec.get("clusterIP", "None")
    name = manifest["metadata"]["name"]
    row = [name, kind, address, "<none>", ports or "<none>", _age(cluster, manifest)]
    return row, [pairs(spec.get("selector")) or "<none>"]


def _containers(manifest: Manifest) -> Row:
    containers = manifest["spec"]["template"]["spec"]["containers"]
    names = ",".join(c["name"] for c in containers)
    return [names, ",".join(str(c.get("image", "")) for c in containers)]


def _deployment(cluster: Cluster, manifest: Manifest) -> tuple[Row, Row]:
    status = manifest["status"]
    wanted = manifest["spec"].get("replicas", 1)
    row = [
        manifest["metadata"]["name"],
        f"{status['readyReplicas']}/{wanted}",
        str(status["updatedReplicas"]),
        str(status["availableReplicas"]),
        _age(cluster, manifest),
    ]
    selector = pairs(manifest["spec"]["selector"]["matchLabels"])
    return row, [*_containers(manifest), selector]


def _replica_set(cluster: Cluster, manifest: Manifest) -> tuple[Row, Row]:
    status = manifest["status"]
    counts = [str(manifest["spec"]["replicas"]), str(status["replicas"])]
    row = [manifest["metadata"]["name"], *counts, str(status["readyReplicas"])]
    return [*row, _age(cluster, manifest)], _containers(manifest)


def _endpoints(cluster: Cluster, manifest: Manifest) -> tuple[Row, Row]:
    places = [
        f"{address['ip']}:{port['port']}"
        for subset in manifest["subsets"]
        for address in subset["addresses"]
        for port in subset["ports"]
    ]
    more = f" + {len(places) - 3} more..." if len(places) > 3 else ""
    shown = ",".join(places[:3]) + more if places else "<none>"
    return [manifest["metadata"]["name"], shown, _age(cluster, manifest)], []


def _event(cluster: Cluster, manifest: Manifest) -> tuple[Row, Row]:
    about = manifest["involvedObject"]
    row = [
        age_since(cluster, manifest["lastTimestamp"]),
        manifest["type"],
        manifest["reason"],
        f"{about['kind'].lower()}/{about['name']}",
        manifest["message"],
    ]
    return row, [str(manifest["count"])]


def _config_map(cluster: Cluster, manifest: Manifest) -> tuple[Row, Row]:
    data = str(len(manifest.get("data") or {}))
    return [manifest["metadata"]["name"], data, _age(cluster, manifest)], []


def _node(cluster: Cluster, manifest: Manifest) -> tuple[Row, Row]:
    prefix = "node-role.kubernetes.io/"
    labels, status = manifest["metadata"]["labels"], manifest["status"]
    roles = [label[len(prefix) :] for label in labels if label.startswith(prefix)]
    version = status["nodeInfo"]["kubeletVersion"]
    row = [manifest["metadata"]["name"], "Ready", ",".join(roles) or "<none>"]
    runtime = status["nodeInfo"]["containerRuntimeVersion"]
    return [*row, _age(cluster, manifest), version], [status["addresses"][0]["address"], runtime]


def _namespace(cluster: Cluster, manifest: Manifest) -> tuple[Row, Row]:
    return [manifest["metadata"]["name"], "Active", _age(cluster, manifest)], []


CELLS: dict[str, Callable[[Cluster, Manifest], tuple[Row, Row]]] = {
    "Pod": _pod,
    "Service": _service,
    "Deployment": _deployment,
    "ReplicaSet": _replica_set,
    "Endpoints": _endpoints,
    "Event": _event,
    "ConfigMap": _config_map,
    "Node": _node,
    "Namespace": _namespace,
}
