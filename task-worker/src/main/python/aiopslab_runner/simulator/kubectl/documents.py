"""Manifests as text: JSON, YAML and the part of jsonpath that is used every day."""

from __future__ import annotations

import json
import re
from typing import Any

PLAIN = re.compile(r"[A-Za-z_/$][A-Za-z0-9_./$@+=-]*\Z")
RESERVED = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
STEP = re.compile(r"\.([A-Za-z0-9_-]+)|\[(\*|-?\d{1,9})\]|\['([^']{1,200})'\]")


def to_json(value: Any) -> str:
    return json.dumps(value, indent=4, ensure_ascii=False)


def to_yaml(value: Any, indent: int = 0) -> str:
    """Block style; keys in the order of the value."""
    margin = "  " * indent
    lines = []
    if isinstance(value, dict) and value:
        for key, item in value.items():
            lines.append(_entry(f"{margin}{_scalar(str(key))}:", item, indent + 1))
    elif isinstance(value, list) and value:
        for item in value:
            if isinstance(item, (dict, list)) and item:
                nested = to_yaml(item, indent + 1)
                lines.append(f"{margin}- {nested[len(margin) + 2 :]}")
            else:
                lines.append(f"{margin}- {_leaf(item, indent + 1)}")
    else:
        lines.append(f"{margin}{_leaf(value, indent)}")
    return "\n".join(lines)


def _entry(head: str, item: Any, indent: int) -> str:
    if isinstance(item, list) and item:
        return f"{head}\n{to_yaml(item, indent - 1)}"
    if isinstance(item, dict) and item:
        return f"{head}\n{to_yaml(item, indent)}"
    return f"{head} {_leaf(item, indent)}"


def _leaf(value: Any, indent: int) -> str:
    if isinstance(value, str) and "\n" in value and value == value.rstrip() + "\n":
        margin = "  " * indent
        return "|\n" + "\n".join(margin + line for line in value[:-1].split("\n"))
    return _scalar(value)


def _scalar(value: Any) -> str:
    if isinstance(value, str) and PLAIN.match(value) and value.lower() not in RESERVED:
        return value
    return json.dumps(value, ensure_ascii=False)


def jsonpath(template: str, value: Any) -> str | None:
    """`{.items[*].metadata.name}` and the like; None for what is beyond it (range, filters)."""
    found = []
    for part in re.split(r"(\{[^{}]*\})", template):
        if not part.startswith("{"):
            found.append(part)
            continue
        inside = part[1:-1].strip()
        if len(inside) >= 2 and inside[0] == inside[-1] == '"':
            found.append(inside[1:-1].replace("\\n", "\n").replace("\\t", "\t"))
            continue
        values = _walk(inside.removeprefix("$").removeprefix("@"), [value])
        if values is None:
            return None
        found.append(" ".join(v if isinstance(v, str) else json.dumps(v) for v in values))
    return "".join(found)


def _walk(path: str, values: list[Any]) -> list[Any] | None:
    position = 0
    while position < len(path):
        step = STEP.match(path, position)
        if step is None:
            return None
        key, index = step.group(1) or step.group(3), step.group(2)
        values = [item for value in values for item in _children(value, key, index)]
        position = step.end()
    return values


def _children(value: Any, key: str | None, index: str | None) -> list[Any]:
    if key is not None:
        return [value[key]] if isinstance(value, dict) and key in value else []
    if not isinstance(value, list):
        return []
    if index == "*":
        return value
    number = int(index or 0)
    return [value[number]] if -len(value) <= number < len(value) else []
