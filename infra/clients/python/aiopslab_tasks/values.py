"""What a request can carry, and what is refused, by its name, before anything is sent."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from aiopslab_tasks.errors import InvalidRequestError

DEEPEST = 200


def json_body(body: Mapping[str, Any]) -> bytes:
    """Raises InvalidRequestError that names the field which JSON cannot say."""
    try:
        return json.dumps(body, allow_nan=False, default=_plain).encode()
    except (TypeError, ValueError, RecursionError) as reason:
        for field, rule in _unsayable("", body, 0):
            raise refused(field, rule) from None
        raise refused("body", str(reason)) from None


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(value)


def _unsayable(field: str, value: Any, depth: int) -> Iterator[tuple[str, str]]:
    """The first field that JSON cannot say, and the rule that it breaks."""
    if depth > DEEPEST:
        top = field.partition(".")[0].partition("[")[0]
        yield top, "must not contain itself, nor be nested hundreds deep"
    elif isinstance(value, Mapping):
        for key, one in value.items():
            if not isinstance(key, (str, int, float, bool, type(None))):
                yield field or "body", f"must have texts for names, not {kind_of(key)}"
                return
            yield from _first(_unsayable(f"{field}.{key}" if field else str(key), one, depth + 1))
    elif isinstance(value, (list, tuple)):
        for at, one in enumerate(value):
            yield from _first(_unsayable(f"{field}[{at}]", one, depth + 1))
    elif not isinstance(value, (str, int, float, bool, type(None))):
        yield field, _no_value(value)
    elif isinstance(value, float) and not math.isfinite(value):
        yield field, "must be a finite number, or None"


def _first(found: Iterator[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for one in found:
        yield one
        return


def _no_value(value: Any) -> str:
    what = "must be a text, number, bool, None, list or dict"
    if isinstance(value, (bytes, bytearray)):
        what = "must be a text, such as value.decode()"
    return f"{what}, not {kind_of(value)}"


def kind_of(value: Any) -> str:
    return type(value).__name__


def pairs(query: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The parameters of a URL: None is left out, a list is repeated, a mapping `metadata` becomes
    `metadata.<key>`. Raises InvalidRequestError."""
    for name, value in query.items():
        if value is None:
            continue
        if isinstance(value, Mapping):
            for key, one in value.items():
                if not isinstance(key, str):
                    raise refused(name, f"must have texts for names, not {kind_of(key)}")
                yield f"{name}.{key}", _text(f"{name}.{key}", one)
        elif isinstance(value, (str, bytes, bytearray)) or not isinstance(value, Iterable):
            yield name, _text(name, value)
        else:
            for one in value:
                yield name, _text(name, one)


def _text(name: str, value: Any) -> str:
    if isinstance(value, (bytes, bytearray)):
        raise refused(name, _no_value(value))
    if isinstance(value, float) and not math.isfinite(value):
        raise refused(name, "must be a finite number")
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value) if isinstance(value, (bool, float, int)) else str(value)


def path_part(value: Any, what: str) -> str:
    """An id in a path. Anything else could ask for something else."""
    text = str(value) if isinstance(value, (str, UUID)) else ""
    if text in ("", ".", ".."):
        said = repr(value) if isinstance(value, str) else kind_of(value)
        raise refused("id", f"of {what} must be a text such as the service gives out, not {said}")
    return text


def header_text(name: str, value: Any) -> str:
    if not isinstance(value, str) or not (value.isascii() and value.isprintable()):
        raise refused(name, "must be a text of visible ASCII characters")
    return value


def refused(field: str, rule: str) -> InvalidRequestError:
    return InvalidRequestError(
        f"{field} {rule}.",
        code="invalid_value",
        details=[{"field": field, "rule": "value", "message": rule}],
    )
