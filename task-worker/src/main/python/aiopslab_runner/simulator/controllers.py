"""Keeps what runs in line with what the deployments ask for, as Kubernetes' controllers do."""

from __future__ import annotations

import copy
import hashlib
import json
from collections import Counter, defaultdict
from typing import Any

from aiopslab_runner.simulator.cluster import Cluster
from aiopslab_runner.simulator.pods import Pod, State

Manifest = dict[str, Any]
Name = tuple[str, str]
REVISION = "deployment.kubernetes.io/revision"
START_DELAY_SECONDS = 2.0
NEVER_READY = (State.CANNOT_PULL, State.CANNOT_EXECUTE, State.PENDING)


def reconcile(cluster: Cluster) -> None:
    """Replica sets and pods for every deployment; pods without a deployment go."""
    sets, pods = _sets_by_owner(cluster), _pods_by_owner(cluster)
    for deployment in cluster.all("Deployment"):
        name = _name(deployment)
        _roll_out(cluster, deployment, sets[name], pods[name])
    _count_replicas(cluster)
    for kind in ("ReplicaSet", "Pod"):
        _remove_orphans(cluster, kind)


def delete_pod(cluster: Cluster, pod: Pod) -> None:
    """Its replica set makes another one at the next reconciliation."""
    cluster.pods.remove(pod)
    about = (pod.namespace, "Pod", pod.name)
    name = pod.container["name"]
    cluster.events.record(cluster.now, about, "Killing", f"Stopping container {name}")


def replica_sets(cluster: Cluster, deployment: Manifest) -> list[Manifest]:
    """Those of one deployment, the newest revision last."""
    return _sets_by_owner(cluster)[_name(deployment)]


def _sets_by_owner(cluster: Cluster) -> defaultdict[Name, list[Manifest]]:
    owned: defaultdict[Name, list[Manifest]] = defaultdict(list)
    for replica_set in sorted(cluster.all("ReplicaSet"), key=revision):
        metadata = replica_set["metadata"]
        owned[(metadata["namespace"], metadata["ownerReferences"][0]["name"])].append(replica_set)
    return owned


def _pods_by_owner(cluster: Cluster) -> defaultdict[Name, list[Pod]]:
    owned: defaultdict[Name, list[Pod]] = defaultdict(list)
    for pod in cluster.pods:
        owned[(pod.namespace, pod.deployment)].append(pod)
    return owned


def _name(manifest: Manifest) -> Name:
    return manifest["metadata"]["namespace"], manifest["metadata"]["name"]


def revision(manifest: Manifest) -> int:
    return int(manifest["metadata"].get("annotations", {}).get(REVISION, 0))


def _roll_out(
    cluster: Cluster, deployment: Manifest, sets: list[Manifest], pods: list[Pod]
) -> None:
    current = _current_replica_set(cluster, deployment, sets)
    wanted = int(deployment["spec"].get("replicas", 1))
    new = [pod for pod in pods if pod.replica_set == current["metadata"]["name"]]
    for pod in sorted(new, key=lambda p: (p.ready, -p.created))[: max(0, len(new) - wanted)]:
        delete_pod(cluster, pod)
        new.remove(pod)
    while len(new) < wanted:
        new.append(_create_pod(cluster, deployment, current))
    if wanted == 0 or not any(pod.state in NEVER_READY for pod in new):
        for pod in pods:
            if pod.replica_set != current["metadata"]["name"]:
                delete_pod(cluster, pod)


def _count_replicas(cluster: Cluster) -> None:
    pods = Counter((pod.namespace, pod.replica_set) for pod in cluster.pods)
    for replica_set in cluster.all("ReplicaSet"):
        replica_set["spec"]["replicas"] = pods[_name(replica_set)]


def _current_replica_set(cluster: Cluster, deployment: Manifest, sets: list[Manifest]) -> Manifest:
    """The one with the deployment's template, mostly the newest; a new one if there is none."""
    metadata, template = deployment["metadata"], deployment["spec"]["template"]
    if sets and sets[-1]["spec"]["template"] == template:
        found: Manifest | None = sets[-1]
    else:
        name = f"{metadata['name']}-{_template_hash(template)}"
        found = cluster.find("ReplicaSet", metadata["namespace"], name)
    newest = revision(sets[-1]) if sets else 0
    if found is None:
        owner = {"kind": "Deployment", "name": metadata["name"], "uid": metadata["uid"]}
        found = {
            "apiVersion": "apps/v1",
            "kind": "ReplicaSet",
            "metadata": {
                "name": name,
                "namespace": metadata["namespace"],
                "labels": dict(template["metadata"].get("labels") or {}),
                "ownerReferences": [owner],
                "annotations": {REVISION: "0"},
            },
            "spec": {"replicas": 0, "template": copy.deepcopy(template)},
        }
        cluster.add(found)
        about = (metadata["namespace"], "Deployment", metadata["name"])
        scaled = f"Scaled up replica set {name} to {deployment['spec'].get('replicas', 1)}"
        cluster.events.record(cluster.now, about, "ScalingReplicaSet", scaled)
    if revision(found) < newest or newest == 0:
        found["metadata"]["annotations"][REVISION] = str(newest + 1)
    metadata.setdefault("annotations", {})[REVISION] = found["metadata"]["annotations"][REVISION]
    return found


def _template_hash(template: Manifest) -> str:
    digest = hashlib.sha256(json.dumps(template, sort_keys=True).encode()).digest()
    return "".join("bcdfghjklmnpqrstvwxz2456789"[byte % 27] for byte in digest[:10])


def _create_pod(cluster: Cluster, deployment: Manifest, replica_set: Manifest) -> Pod:
    template = copy.deepcopy(deployment["spec"]["template"])
    set_name = replica_set["metadata"]["name"]
    labels = template["metadata"].get("labels") or {}
    pod = Pod(
        name=f"{set_name}-{cluster.suffix(5)}",
        namespace=deployment["metadata"]["namespace"],
        deployment=deployment["metadata"]["name"],
        replica_set=set_name,
        labels={**labels, "pod-template-hash": set_name.rpartition("-")[2]},
        spec=template["spec"],
        created=cluster.now,
        ip=cluster.pod_address(),
        next_attempt=cluster.now + START_DELAY_SECONDS,
    )
    cluster.pods.append(pod)
    about = (pod.namespace, "ReplicaSet", set_name)
    cluster.events.record(cluster.now, about, "SuccessfulCreate", f"Created pod: {pod.name}")
    return pod


def _remove_orphans(cluster: Cluster, kind: str) -> None:
    if kind == "Pod":
        for pod in list(cluster.pods):
            if cluster.find("Deployment", pod.namespace, pod.deployment) is None:
                delete_pod(cluster, pod)
        return
    for replica_set in cluster.all("ReplicaSet"):
        metadata = replica_set["metadata"]
        owner = metadata["ownerReferences"][0]["name"]
        if cluster.find("Deployment", metadata["namespace"], owner) is None:
            cluster.remove("ReplicaSet", metadata["namespace"], metadata["name"])
