"""`kubectl get`: which objects are meant, and the form in which they are printed."""

from __future__ import annotations

from typing import Any

from aiopslab_runner.simulator.cluster import Cluster
from aiopslab_runner.simulator.kubectl.documents import jsonpath, to_json, to_yaml
from aiopslab_runner.simulator.kubectl.errors import KubectlError, not_found
from aiopslab_runner.simulator.kubectl.kinds import Kind, find_kind, find_kinds
from aiopslab_runner.simulator.kubectl.objects import objects
from aiopslab_runner.simulator.kubectl.options import CommandLine
from aiopslab_runner.simulator.kubectl.tables import table

Manifest = dict[str, Any]
FORMATS = "json, yaml, wide, name, jsonpath=<template>"


def get(cluster: Cluster, line: CommandLine) -> str:
    if line.has("--watch"):
        raise KubectlError("error: -w never ends here; run the command again to see a change")
    output = line.options.get("--output", "")
    groups = select(cluster, line)
    named = len(line.words) > 1 or (bool(line.words) and "/" in line.words[0])
    manifests = [manifest for _, found in groups for manifest in found]
    if output in ("json", "yaml") or output.startswith("jsonpath"):
        return _document(manifests, output, one=named and len(manifests) == 1)
    if output == "name":
        return "\n".join(
            f"{k.qualified}/{m['metadata']['name']}" for k, found in groups for m in found
        )
    if output not in ("", "wide"):
        raise KubectlError(f"error: unknown output format {output[:50]!r}; use one of: {FORMATS}")
    return _tables(cluster, line, groups, wide=output == "wide")


def select(cluster: Cluster, line: CommandLine) -> list[tuple[Kind, list[Manifest]]]:
    """The objects that the words and options name, kind by kind. Raises KubectlError."""
    if not line.words:
        raise KubectlError(
            "error: say which resource, for example: kubectl get pods -n <namespace>"
        )
    if "/" in line.words[0]:
        wanted = [_split(word) for word in line.words]
    else:
        kinds = find_kinds(line.words[0])
        wanted = [(kind, name) for kind in kinds for name in line.words[1:] or [""]]
    everywhere = line.has("--all-namespaces")
    groups: list[tuple[Kind, list[Manifest]]] = []
    for kind, name in wanted:
        found = objects(cluster, kind, None if everywhere else line.namespace)
        if name:
            found = [m for m in found if m["metadata"]["name"] == name]
            if not found and not line.has("--ignore-not-found"):
                raise not_found(kind.qualified_resource, name)
        else:
            found = _filtered(found, line)
        groups.append((kind, found))
    return groups


def _split(word: str) -> tuple[Kind, str]:
    kind, slash, name = word.partition("/")
    if not slash or not name:
        raise KubectlError("error: write every object as kind/name, or one kind and then names")
    return find_kind(kind), name


def _filtered(found: list[Manifest], line: CommandLine) -> list[Manifest]:
    for requirement in filter(None, line.options.get("--selector", "").split(",")):
        found = [m for m in found if _carries(m["metadata"].get("labels") or {}, requirement)]
    for requirement in filter(None, line.options.get("--field-selector", "").split(",")):
        path, equals, value = requirement.replace("==", "=").partition("=")
        if not equals or path.endswith("!"):
            keep = path.endswith("!")
            path = path.removesuffix("!")
            if not keep:
                raise KubectlError(f"error: invalid field selector {requirement[:100]!r}")
            found = [m for m in found if _field(m, path) != value]
        else:
            found = [m for m in found if _field(m, path) == value]
    if "--sort-by" in line.options:
        path = line.options["--sort-by"].strip("{}").lstrip(".")
        found = sorted(found, key=lambda m: _field(m, path))
    return found


def _carries(labels: dict[str, str], requirement: str) -> bool:
    if "!=" in requirement:
        key, _, value = requirement.partition("!=")
        return labels.get(key) != value
    key, equals, value = requirement.replace("==", "=").partition("=")
    return labels.get(key) == value if equals else key in labels


def _field(manifest: Manifest, path: str) -> str:
    return jsonpath("{." + path + "}", manifest) or ""


def _document(manifests: list[Manifest], output: str, one: bool) -> str:
    whole: Any = {"apiVersion": "v1", "kind": "List", "items": manifests}
    if one:
        whole = manifests[0]
    if output == "json":
        return to_json(whole)
    if output == "yaml":
        return to_yaml(whole)
    template = output.removeprefix("jsonpath").removeprefix("=")
    if not template:
        raise KubectlError("error: template format specified but no template given")
    text = jsonpath(template, whole)
    if text is None:
        raise KubectlError("error: this jsonpath is not supported here (no range, no filters)")
    return text


def _tables(
    cluster: Cluster, line: CommandLine, groups: list[tuple[Kind, list[Manifest]]], wide: bool
) -> str:
    many = len({kind.name for kind, _ in groups}) > 1
    merged: dict[str, tuple[Kind, list[Manifest]]] = {}
    for kind, found in groups:
        merged.setdefault(kind.name, (kind, []))[1].extend(found)
    tables = [
        table(
            cluster,
            kind,
            found,
            wide=wide,
            namespaces=line.has("--all-namespaces") and kind.namespaced,
            headers=not line.has("--no-headers"),
            labels=line.has("--show-labels"),
            qualified=many,
        )
        for kind, found in merged.values()
        if found
    ]
    if tables:
        return "\n\n".join(tables)
    place = "" if line.has("--all-namespaces") else f" in {line.namespace} namespace"
    return f"No resources found{place}."
