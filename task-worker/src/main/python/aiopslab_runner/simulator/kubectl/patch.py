"""`kubectl patch`: strategic merge (the default), merge and JSON patches."""

from __future__ import annotations

import copy
import json
from typing import Any

from aiopslab_runner.simulator.cluster import Cluster
from aiopslab_runner.simulator.kubectl import validity
from aiopslab_runner.simulator.kubectl.errors import KubectlError, not_found
from aiopslab_runner.simulator.kubectl.options import CommandLine
from aiopslab_runner.simulator.kubectl.targets import kinds_and_names

Manifest = dict[str, Any]
PATCHABLE = ("Deployment", "Service", "ConfigMap")
MERGE_KEYS = {"containers": ("name",), "ports": ("containerPort", "port"), "volumes": ("name",)}


def patch(cluster: Cluster, line: CommandLine) -> str:
    kind, name = kinds_and_names(line.words)[0]
    if kind.name not in PATCHABLE:
        raise KubectlError(f"error: {kind.resource} cannot be patched here; patch its deployment")
    before = cluster.find(kind.name, line.namespace, name)
    if before is None:
        raise not_found(kind.qualified_resource, name)
    change = _read(line.options.get("--patch", ""))
    after = _apply(line.options.get("--type", "strategic"), before, change)
    validity.check(before, after)
    if after == before:
        return f"{kind.qualified}/{name} patched (no change)"
    before.clear()
    before.update(after)
    return f"{kind.qualified}/{name} patched"


def _read(text: str) -> Any:
    if not text:
        raise KubectlError("error: must specify -p '<patch in JSON>'")
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as reason:
        raise KubectlError(f"error: unable to parse the patch as JSON: {reason}") from None


def _apply(form: str, before: Manifest, change: Any) -> Manifest:
    try:
        if form == "json":
            return _json_patch(copy.deepcopy(before), change)
        if form not in ("strategic", "merge"):
            raise KubectlError('error: --type must be one of "strategic", "merge", "json"')
        if not isinstance(change, dict):
            raise KubectlError("error: the patch must be a JSON object")
        return merged(before, change, strategic=form == "strategic")
    except RecursionError:
        raise KubectlError("error: the patch is nested too deeply") from None


def merged(value: Any, change: Any, strategic: bool, key: str = "") -> Any:
    """null removes; in a strategic patch, lists of named things are merged by their names."""
    if isinstance(change, dict):
        result = dict(value) if isinstance(value, dict) else {}
        for name, item in change.items():
            if item is None:
                result.pop(name, None)
            else:
                result[name] = merged(result.get(name), item, strategic, name)
        return result
    keys = MERGE_KEYS.get(key, ()) if strategic else ()
    if isinstance(change, list) and isinstance(value, list) and keys:
        return _merged_list(value, change, keys)
    return copy.deepcopy(change)


def _merged_list(value: list[Any], change: list[Any], keys: tuple[str, ...]) -> list[Any]:
    result = list(value)
    for item in change:
        if not isinstance(item, dict):
            raise KubectlError("error: the items of this list must be objects")
        key = next((k for k in keys if k in item), None)
        if key is None:
            raise KubectlError(f"error: map: every item needs the merge key {keys[0]!r}")
        places = [
            i for i, old in enumerate(result) if isinstance(old, dict) and old.get(key) == item[key]
        ]
        if item.get("$patch") == "delete":
            result = [old for i, old in enumerate(result) if i not in places]
        elif places:
            result[places[0]] = merged(result[places[0]], item, True)
        else:
            result.append(copy.deepcopy(item))
    return result


def _json_patch(document: Any, operations: Any) -> Any:
    if not isinstance(operations, list) or not all(isinstance(o, dict) for o in operations):
        raise KubectlError("error: a JSON patch is a list of operations with op, path and value")
    for operation in operations:
        path = operation.get("path")
        if not isinstance(path, str) or not path.startswith("/"):
            raise KubectlError("error: the path of an operation must start with /")
        steps = [part.replace("~1", "/").replace("~0", "~") for part in path[1:].split("/")]
        try:
            _operate(document, steps, operation)
        except (KeyError, IndexError, ValueError, TypeError):
            raise KubectlError(f"error: cannot apply {operation.get('op')!r} at {path}") from None
    return document


def _operate(document: Any, steps: list[str], operation: dict[str, Any]) -> None:
    parent = document
    for step in steps[:-1]:
        parent = parent[int(step)] if isinstance(parent, list) else parent[step]
    last, name = steps[-1], operation.get("op")
    if name not in ("add", "replace", "remove"):
        raise ValueError(name)
    if isinstance(parent, list):
        place = len(parent) if last == "-" else int(last)
        if not 0 <= place <= len(parent):
            raise IndexError(place)
        if name == "add":
            parent.insert(place, copy.deepcopy(operation["value"]))
        elif name == "replace":
            parent[place] = copy.deepcopy(operation["value"])
        else:
            del parent[place]
    elif name == "remove":
        del parent[last]
    else:
        if name == "replace" and last not in parent:
            raise KeyError(last)
        parent[last] = copy.deepcopy(operation["value"])
