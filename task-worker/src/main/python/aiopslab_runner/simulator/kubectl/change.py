"""`kubectl scale`, `set image` and `delete`."""

from __future__ import annotations

import copy

from aiopslab_runner.simulator import controllers
from aiopslab_runner.simulator.cluster import Cluster
from aiopslab_runner.simulator.kubectl import validity
from aiopslab_runner.simulator.kubectl.errors import KubectlError, not_found
from aiopslab_runner.simulator.kubectl.get import select
from aiopslab_runner.simulator.kubectl.options import CommandLine
from aiopslab_runner.simulator.kubectl.targets import kinds_and_names, one_deployment

DELETABLE = ("Pod", "Deployment", "Service", "ConfigMap")


def scale(cluster: Cluster, line: CommandLine) -> str:
    replicas = line.number("--replicas")
    if replicas is None:
        raise KubectlError('error: required flag(s) "replicas" not set')
    said = []
    for _, name in kinds_and_names(line.words):
        manifest = one_deployment(cluster, line.namespace, ["deployment", name])
        validity.check_replicas(manifest, replicas)
        manifest["spec"]["replicas"] = replicas
        said.append(f"deployment.apps/{name} scaled")
    return "\n".join(said)


def set_image(cluster: Cluster, line: CommandLine) -> str:
    """`set image deployment/geo hotel-reserv-geo=image:tag`; `*` names every container."""
    if line.words[:1] != ["image"]:
        raise KubectlError("error: only `kubectl set image` is available here")
    names = [word for word in line.words[1:] if "=" not in word]
    pairs = [word.partition("=") for word in line.words[1:] if "=" in word]
    if not pairs:
        raise KubectlError("error: at least one image update is required: <container>=<image>")
    before = one_deployment(cluster, line.namespace, names)
    after = copy.deepcopy(before)
    container = after["spec"]["template"]["spec"]["containers"][0]
    for name, _, image in pairs:
        if name not in (container["name"], "*"):
            raise KubectlError(f'error: unable to find container named "{name[:100]}"')
        container["image"] = image
    validity.check(before, after)
    if after == before:
        return ""
    before.update(after)
    return f"deployment.apps/{before['metadata']['name']} image updated"


def delete(cluster: Cluster, line: CommandLine) -> str:
    if not (len(line.words) > 1 or "/" in "".join(line.words[:1])) and not (
        line.has("--all") or "--selector" in line.options
    ):
        raise KubectlError("error: resource(s) were provided, but no name was specified")
    groups = select(cluster, line)
    for kind, _ in groups:
        if kind.name not in DELETABLE:
            raise KubectlError(f"error: {kind.resource} cannot be deleted in this simulation")
    said = []
    for kind, found in groups:
        for manifest in found:
            metadata = manifest["metadata"]
            _delete(cluster, kind.name, metadata["namespace"], metadata["name"])
            place = f" from {metadata['namespace']} namespace"
            said.append(f'{kind.qualified} "{metadata["name"]}" deleted{place}')
    return "\n".join(said) or "No resources found"


def _delete(cluster: Cluster, kind: str, namespace: str, name: str) -> None:
    if kind != "Pod":
        cluster.remove(kind, namespace, name)
        return
    pods = [p for p in cluster.pods if (p.namespace, p.name) == (namespace, name)]
    if not pods:
        raise not_found("pods", name)
    controllers.delete_pod(cluster, pods[0])
