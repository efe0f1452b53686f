"""Every object of the cluster as the manifest that the Kubernetes API would give for it."""

from __future__ import annotations

import copy
from typing import Any

from aiopslab_runner.simulator import application, controllers
from aiopslab_runner.simulator.cluster import Cluster
from aiopslab_runner.simulator.events import Event
from aiopslab_runner.simulator.kubectl.kinds import Kind
from aiopslab_runner.simulator.pods import Pod, State

Manifest = dict[str, Any]


def objects(cluster: Cluster, kind: Kind, namespace: str | None) -> list[Manifest]:
    """In the order of namespace and name (events: of time); all namespaces for None."""
    if kind.name == "Pod":
        pods = [pod for pod in cluster.pods if namespace in (None, pod.namespace)]
        return [_pod(cluster, pod) for pod in sorted(pods, key=lambda p: (p.namespace, p.name))]
    if kind.name == "Endpoints":
        return [_endpoints(cluster, service) for service in cluster.all("Service", namespace)]
    if kind.name == "Event":
        return [_event(cluster, event) for event in cluster.events.of(namespace)]
    if kind.name == "Node":
        return [_node(cluster, name, role) for name, role in application.NODES]
    found = [
        copy.deepcopy(m) for m in cluster.all(kind.name, namespace if kind.namespaced else None)
    ]
    for manifest in found:
        if kind.name in ("Deployment", "ReplicaSet"):
            manifest["status"] = _replica_status(cluster, manifest)
        elif kind.name == "Namespace":
            manifest["status"] = {"phase": "Active"}
    return found


def _pod(cluster: Cluster, pod: Pod) -> Manifest:
    stamp = cluster.clock.stamp
    container = {**copy.deepcopy(pod.container), "image": pod.image}
    spec = {**copy.deepcopy(pod.spec), "containers": [container]}
    if pod.node:
        spec["nodeName"] = pod.node
    status: Manifest = {
        "name": container["name"],
        "image": pod.image,
        "ready": pod.ready,
        "restartCount": pod.restarts,
        "state": _container_state(cluster, pod),
    }
    if pod.last_end is not None:
        ended = pod.last_end
        terminated = {"reason": ended.reason, "exitCode": ended.exit_code}
        if ended.message:
            terminated["message"] = ended.message
        status["lastState"] = {"terminated": {**terminated, "finishedAt": stamp(ended.at)}}
    phase = "Running" if pod.started is not None else "Pending"
    condition = {"type": "Ready", "status": str(pod.ready)}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": pod.name,
            "namespace": pod.namespace,
            "labels": dict(pod.labels),
            "creationTimestamp": stamp(pod.created),
            "ownerReferences": [{"kind": "ReplicaSet", "name": pod.replica_set}],
        },
        "spec": spec,
        "status": {
            "phase": phase,
            "podIP": pod.ip,
            "conditions": [condition],
            "containerStatuses": [status],
        },
    }


def _container_state(cluster: Cluster, pod: Pod) -> Manifest:
    if pod.state is State.RUNNING:
        return {"running": {"startedAt": cluster.clock.stamp(pod.started or 0.0)}}
    if pod.state is State.PENDING:
        return {"waiting": {"reason": "ContainerCreating" if not pod.why else "Pending"}}
    return {"waiting": {"reason": pod.state.value, "message": pod.why}}


def _replica_status(cluster: Cluster, manifest: Manifest) -> Manifest:
    metadata = manifest["metadata"]
    if manifest["kind"] == "ReplicaSet":
        pods = [p for p in cluster.pods if p.replica_set == metadata["name"]]
        return {"replicas": len(pods), "readyReplicas": sum(p.ready for p in pods)}
    pods = cluster.pods_of(metadata["namespace"], metadata["name"])
    sets = controllers.replica_sets(cluster, manifest)
    current = sets[-1]["metadata"]["name"] if sets else ""
    ready = sum(p.ready for p in pods)
    wanted = int(manifest["spec"].get("replicas", 1))
    return {
        "replicas": len(pods),
        "updatedReplicas": sum(p.replica_set == current for p in pods),
        "readyReplicas": ready,
        "availableReplicas": ready,
        "conditions": [{"type": "Available", "status": str(ready >= wanted)}],
    }


def _endpoints(cluster: Cluster, service: Manifest) -> Manifest:
    metadata = service["metadata"]
    name, namespace = metadata["name"], metadata["namespace"]
    ready = [
        pod
        for pod in cluster.pods_selected(namespace, service["spec"].get("selector") or {})
        if pod.ready
    ]
    ports = [
        {"name": entry.get("name", ""), "port": entry.get("targetPort", entry.get("port"))}
        for entry in service["spec"].get("ports", [])
    ]
    addresses = [{"ip": pod.ip, "targetRef": {"kind": "Pod", "name": pod.name}} for pod in ready]
    kept = {key: metadata[key] for key in ("creationTimestamp", "labels") if key in metadata}
    return {
        "apiVersion": "v1",
        "kind": "Endpoints",
        "metadata": {"name": name, "namespace": namespace, **kept},
        "subsets": [{"addresses": addresses, "ports": ports}] if addresses else [],
    }


def _event(cluster: Cluster, event: Event) -> Manifest:
    stamp = cluster.clock.stamp
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {
            "name": f"{event.name}.{int(event.first * 1000):x}",
            "namespace": event.namespace,
            "creationTimestamp": stamp(event.first),
        },
        "involvedObject": {
            "kind": event.kind,
            "name": event.name,
            "namespace": event.namespace,
        },
        "type": event.type,
        "reason": event.reason,
        "message": event.message,
        "count": event.count,
        "firstTimestamp": stamp(event.first),
        "lastTimestamp": stamp(event.last),
    }


def _node(cluster: Cluster, name: str, role: str) -> Manifest:
    labels = {"kubernetes.io/hostname": name}
    if role:
        labels[f"node-role.kubernetes.io/{role}"] = ""
    number = [node for node, _ in application.NODES].index(name) + 2
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "labels": labels,
            "creationTimestamp": cluster.clock.stamp(0.0),
        },
        "status": {
            "addresses": [{"type": "InternalIP", "address": f"172.18.0.{number}"}],
            "capacity": {"cpu": "8", "memory": "16Gi", "pods": "110"},
            "conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady"}],
            "nodeInfo": {
                "kubeletVersion": VERSION,
                "containerRuntimeVersion": "containerd://1.7.15",
            },
        },
    }


VERSION = "v1.30.0"
