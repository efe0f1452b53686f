"""Finds the one deployment or pod that a command names."""

from __future__ import annotations

from typing import Any

from aiopslab_runner.simulator.cluster import Cluster
from aiopslab_runner.simulator.kubectl.errors import KubectlError, not_found
from aiopslab_runner.simulator.kubectl.kinds import DEPLOYMENT, POD, SERVICE, Kind, find_kind
from aiopslab_runner.simulator.pods import Pod

Manifest = dict[str, Any]


def kinds_and_names(words: list[str]) -> list[tuple[Kind, str]]:
    """For `deployment geo rate` as well as `deployment/geo deployment/rate`."""
    if words and "/" not in words[0]:
        kind = find_kind(words[0])
        pairs = [(kind, name) for name in words[1:]]
    else:
        pairs = []
        for word in words:
            alias, _, name = word.partition("/")
            pairs.append((find_kind(alias), name))
    if not pairs or not all(name for _, name in pairs):
        raise KubectlError("error: name the resource, for example: deployment/<name>")
    return pairs


def one_deployment(cluster: Cluster, namespace: str, words: list[str]) -> Manifest:
    """Raises KubectlError when the words name something else, or nothing there is."""
    kind, name = kinds_and_names(words)[0]
    if kind is not DEPLOYMENT:
        raise KubectlError(f"error: only deployments can do this here, not {kind.resource}")
    return deployment(cluster, namespace, name)


def deployment(cluster: Cluster, namespace: str, name: str) -> Manifest:
    found = cluster.find("Deployment", namespace, name)
    if found is None:
        raise not_found(DEPLOYMENT.qualified_resource, name)
    return found


def one_pod(cluster: Cluster, namespace: str, word: str) -> Pod:
    """A pod by its name, or one behind deployment/name or service/name."""
    alias, slash, name = word.partition("/")
    if not slash:
        alias, name = "pod", word
    kind = find_kind(alias)
    if kind is DEPLOYMENT:
        deployment(cluster, namespace, name)
        pods = cluster.pods_of(namespace, name)
    elif kind is SERVICE:
        manifest = cluster.find("Service", namespace, name)
        if manifest is None:
            raise not_found(SERVICE.resource, name)
        pods = list(cluster.pods_selected(namespace, manifest["spec"].get("selector") or {}))
    elif kind is POD:
        pods = [p for p in cluster.pods if (p.namespace, p.name) == (namespace, name)]
        if not pods:
            raise not_found(POD.resource, name)
    else:
        raise KubectlError(f"error: {kind.resource} have no pods here; name a pod or a deployment")
    if not pods:
        raise KubectlError(f"error: {word} has no pods")
    return max(pods, key=lambda pod: (pod.ready, pod.created, pod.name))
