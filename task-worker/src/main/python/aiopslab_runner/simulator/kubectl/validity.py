"""Checks a changed manifest before it takes effect, as the API server does.

Whatever an agent patches in, the rest of the simulation only meets manifests of the shapes that it
reads.
"""

from __future__ import annotations

from typing import Any

from aiopslab_runner.simulator.kubectl.errors import KubectlError

Manifest = dict[str, Any]
MOST_REPLICAS = 20
SIZE_LIMIT = 64 * 1024


def check(before: Manifest, after: Manifest) -> None:
    """Raises KubectlError that names the field."""
    if len(repr(after)) > SIZE_LIMIT:
        raise _invalid(before, "", f"the object would be larger than {SIZE_LIMIT} characters")
    for field in ("apiVersion", "kind"):
        _require(before, after.get(field) == before[field], field, "cannot be changed")
    _check_metadata(before, after.get("metadata"))
    spec = after.get("spec")
    if before["kind"] == "Deployment":
        _require(before, isinstance(spec, dict), "spec", "must be an object")
        _check_deployment(before, after["spec"])
    elif before["kind"] == "Service":
        _require(before, isinstance(spec, dict), "spec", "must be an object")
        _check_service(before, after["spec"])
    elif before["kind"] == "ConfigMap":
        _require(before, _texts(after.get("data", {})), "data", "must map texts to texts")


def check_replicas(before: Manifest, replicas: Any) -> None:
    valid = type(replicas) is int and 0 <= replicas <= MOST_REPLICAS
    _require(before, valid, "spec.replicas", f"must be 0 to {MOST_REPLICAS} in this simulation")


def _check_metadata(before: Manifest, metadata: Any) -> None:
    _require(before, isinstance(metadata, dict), "metadata", "must be an object")
    for field in ("name", "namespace", "uid", "creationTimestamp", "generation", "ownerReferences"):
        same = metadata.get(field) == before["metadata"].get(field)
        _require(before, same, f"metadata.{field}", "cannot be changed")
    for field in ("labels", "annotations"):
        valid = _texts(metadata.get(field) or {})
        _require(before, valid, f"metadata.{field}", "must map texts to texts")


def _check_deployment(before: Manifest, spec: Manifest) -> None:
    check_replicas(before, spec.get("replicas", 1))
    same = spec.get("selector") == before["spec"]["selector"]
    _require(before, same, "spec.selector", "field is immutable")
    template: Any = spec.get("template")
    place = "spec.template"
    _require(before, isinstance(template, dict), place, "must be an object")
    metadata: Any = template.get("metadata")
    _require(before, isinstance(metadata, dict), f"{place}.metadata", "must be an object")
    for field in ("labels", "annotations"):
        valid = _texts(metadata.get(field) or {})
        _require(before, valid, f"{place}.metadata.{field}", "must map texts to texts")
    labels = metadata.get("labels") or {}
    matches = spec["selector"]["matchLabels"].items() <= labels.items()
    _require(before, matches, f"{place}.metadata.labels", "must match spec.selector")
    _check_pod_spec(before, template.get("spec"), f"{place}.spec")


def _check_pod_spec(before: Manifest, spec: Any, place: str) -> None:
    _require(before, isinstance(spec, dict), place, "must be an object")
    selector = spec.get("nodeSelector") or {}
    _require(before, _texts(selector), f"{place}.nodeSelector", "must map texts to texts")
    node = spec.get("nodeName")
    _require(before, node is None or isinstance(node, str), f"{place}.nodeName", "must be a text")
    containers = spec.get("containers")
    one = isinstance(containers, list) and len(containers) == 1 and isinstance(containers[0], dict)
    place = f"{place}.containers"
    _require(before, one, place, "must hold exactly one container in this simulation")
    container = containers[0]
    for field in ("name", "image"):
        value = container.get(field)
        valid = isinstance(value, str) and value != "" and value.isprintable()
        _require(before, valid, f"{place}[0].{field}", "must be a printable text, not empty")
    for field in ("command", "args"):
        value = container.get(field) or []
        valid = isinstance(value, list) and all(isinstance(word, str) for word in value)
        _require(before, valid, f"{place}[0].{field}", "must be a list of texts")
    _check_ports(before, container.get("ports") or [], "containerPort", f"{place}[0].ports")


def _check_service(before: Manifest, spec: Manifest) -> None:
    selector = spec.get("selector") or {}
    _require(before, _texts(selector), "spec.selector", "must map texts to texts")
    same = spec.get("clusterIP") == before["spec"].get("clusterIP")
    _require(before, same, "spec.clusterIP", "field is immutable")
    kinds = ("ClusterIP", "NodePort", "LoadBalancer")
    valid = spec.get("type", "ClusterIP") in kinds
    _require(before, valid, "spec.type", f"must be one of: {', '.join(kinds)}")
    _check_ports(before, spec.get("ports") or [], "port", "spec.ports")


def _check_ports(before: Manifest, ports: Any, key: str, place: str) -> None:
    _require(before, isinstance(ports, list), place, "must be a list")
    for entry in ports:
        valid = isinstance(entry, dict) and _port(entry.get(key))
        _require(before, valid, f"{place}[].{key}", "must be a port from 1 to 65535")
        target = entry.get("targetPort", entry[key])
        _require(before, _port(target), f"{place}[].targetPort", "must be a port number")
        text = isinstance(entry.get("protocol", "TCP"), str) and isinstance(
            entry.get("name", ""), str
        )
        _require(before, text, f"{place}[]", "name and protocol must be texts")


def _port(value: Any) -> bool:
    return type(value) is int and 1 <= value <= 65535


def _texts(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(key, str) and isinstance(item, str) for key, item in value.items()
    )


def _require(before: Manifest, valid: bool, field: str, rule: str) -> None:
    if not valid:
        raise _invalid(before, field, rule)


def _invalid(before: Manifest, field: str, rule: str) -> KubectlError:
    kind, name = before["kind"], before["metadata"]["name"]
    place = f"{field}: " if field else ""
    return KubectlError(f'The {kind} "{name}" is invalid: {place}{rule}')
