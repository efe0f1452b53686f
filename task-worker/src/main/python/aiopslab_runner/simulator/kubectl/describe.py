"""`kubectl describe`: an object for people, with the events about it."""

from __future__ import annotations

from typing import Any

from aiopslab_runner.simulator.cluster import Cluster
from aiopslab_runner.simulator.kubectl.documents import to_yaml
from aiopslab_runner.simulator.kubectl.get import select
from aiopslab_runner.simulator.kubectl.kinds import ENDPOINTS
from aiopslab_runner.simulator.kubectl.objects import objects
from aiopslab_runner.simulator.kubectl.options import CommandLine
from aiopslab_runner.simulator.kubectl.tables import age_since, aligned, pairs, pod_status

Manifest = dict[str, Any]
Lines = list[str]


def describe(cluster: Cluster, line: CommandLine) -> str:
    texts = []
    for _, manifests in select(cluster, line):
        texts += [_describe(cluster, manifest) for manifest in manifests]
    return "\n\n\n".join(texts) or f"No resources found in {line.namespace} namespace."


def _describe(cluster: Cluster, manifest: Manifest) -> str:
    metadata, kind = manifest["metadata"], manifest["kind"]
    lines = [f"Name:             {metadata['name']}"]
    if "namespace" in metadata:
        lines.append(f"Namespace:        {metadata['namespace']}")
    lines.append(f"Labels:           {pairs(metadata.get('labels')) or '<none>'}")
    if kind == "Pod":
        lines += _pod(manifest)
    elif kind == "Deployment":
        lines += _deployment(manifest)
    elif kind == "Service":
        lines += _service(cluster, manifest)
    else:
        rest = {k: v for k, v in manifest.items() if k not in ("apiVersion", "kind", "metadata")}
        lines.append(to_yaml(rest))
    if kind in ("Pod", "Deployment", "ReplicaSet", "Service", "Node"):
        lines += _events(cluster, metadata.get("namespace", ""), kind, metadata["name"])
    return "\n".join(lines)


def _pod(manifest: Manifest) -> Lines:
    status = manifest["status"]["containerStatuses"][0]
    lines = [
        f"Node:             {manifest['spec'].get('nodeName', '<none>')}",
        f"Status:           {manifest['status']['phase']} ({pod_status(manifest)})",
        f"IP:               {manifest['status']['podIP']}",
        f"Controlled By:    ReplicaSet/{manifest['metadata']['ownerReferences'][0]['name']}",
        "Containers:",
        *_container(manifest["spec"]["containers"][0]),
    ]
    for title, key in (("State", "state"), ("Last State", "lastState")):
        if key in status:
            (name, detail), *_ = status[key].items()
            lines.append(f"    {title}:      {name.title()}")
            lines += [f"      {field}: {value}" for field, value in detail.items()]
    lines.append(f"    Ready:          {status['ready']}")
    lines.append(f"    Restart Count:  {status['restartCount']}")
    return lines


def _container(container: Manifest) -> Lines:
    ports = ", ".join(
        f"{p['containerPort']}/{p.get('protocol', 'TCP')}" for p in container.get("ports") or []
    )
    lines = [
        f"  {container['name']}:",
        f"    Image:      {container['image']}",
        f"    Ports:      {ports}",
    ]
    for key in ("command", "args"):
        if container.get(key):
            lines += [f"    {key.title()}:", *(f"      {word}" for word in container[key])]
    resources = container.get("resources")
    if isinstance(resources, dict):
        lines.append(f"    Resources:  {resources}")
    for mount in container.get("volumeMounts") or []:
        lines.append(f"    Mount:      {mount}")
    return lines


def _deployment(manifest: Manifest) -> Lines:
    spec, status = manifest["spec"], manifest["status"]
    template = spec["template"]
    wanted, ready = spec.get("replicas", 1), status["readyReplicas"]
    annotations = pairs(manifest["metadata"].get("annotations"))
    return [
        f"Annotations:      {annotations or '<none>'}",
        f"Selector:         {pairs(spec['selector']['matchLabels'])}",
        f"Replicas:         {wanted} desired | {status['updatedReplicas']} updated | "
        f"{status['replicas']} total | {ready} available | {max(0, wanted - ready)} unavailable",
        "Pod Template:",
        f"  Labels:  {pairs(template['metadata'].get('labels'))}",
        f"  Node-Selectors:  {pairs(template['spec'].get('nodeSelector')) or '<none>'}",
        "  Containers:",
        *(f"  {line}" for line in _container(template["spec"]["containers"][0])),
    ]


def _service(cluster: Cluster, manifest: Manifest) -> Lines:
    spec, metadata = manifest["spec"], manifest["metadata"]
    lines = [
        f"Selector:         {pairs(spec.get('selector')) or '<none>'}",
        f"Type:             {spec.get('type', 'ClusterIP')}",
        f"IP:               {spec.get('clusterIP', 'None')}",
    ]
    found = objects(cluster, ENDPOINTS, metadata["namespace"])
    endpoints = next(e for e in found if e["metadata"]["name"] == metadata["name"])
    addresses = [a["ip"] for subset in endpoints["subsets"] for a in subset["addresses"]]
    for port in spec.get("ports") or []:
        target = port.get("targetPort", port["port"])
        places = ",".join(f"{address}:{target}" for address in addresses)
        protocol = port.get("protocol", "TCP")
        lines.append(f"Port:             {port.get('name', '<unset>')}  {port['port']}/{protocol}")
        lines.append(f"TargetPort:       {target}/{protocol}")
        lines.append(f"Endpoints:        {places or '<none>'}")
    return lines


def _events(cluster: Cluster, namespace: str, kind: str, name: str) -> Lines:
    events = [e for e in cluster.events.of(namespace, name) if e.kind == kind]
    if not events:
        return ["Events:           <none>"]
    rows = [["Type", "Reason", "Age", "Message"]]
    for event in events:
        age = age_since(cluster, cluster.clock.stamp(event.last))
        times = f" (x{event.count})" if event.count > 1 else ""
        rows.append([event.type, event.reason, age + times, event.message])
    return ["Events:", *(f"  {line}" for line in aligned(rows).split("\n"))]
