"""Makes any value safe to send: bounded strings, finite numbers, string keys, no lone surrogates.

U+0000 becomes U+FFFD, because PostgreSQL refuses it in text.
"""

from __future__ import annotations

import math
from typing import Any

STRING_LIMIT_BYTES = 256 * 1024
DEPTH_LIMIT = 100
INTEGER_LIMIT = 2**63


def sendable(value: Any, depth: int = 0, limit: int = STRING_LIMIT_BYTES) -> Any:
    """The value as JSON types; anything JSON does not know is sent as its text.

    `limit` is the most bytes of each string, at least 256.
    """
    if depth > DEPTH_LIMIT:
        return "(left out: nested too deeply)"
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return bounded(clean(value), limit)
    if isinstance(value, int):
        return value if -INTEGER_LIMIT <= value < INTEGER_LIMIT else bounded(hex(value))
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {
            sendable(str(key), limit=limit): sendable(item, depth + 1, limit)
            for key, item in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [sendable(item, depth + 1, limit) for item in value]
    return bounded(clean(repr(value)), limit)


def clean(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")


def bounded(text: str, limit: int = STRING_LIMIT_BYTES) -> str:
    """At most `limit` bytes of UTF-8; what a longer text ends with says how much is missing."""
    if len(text) * 4 <= limit or len(text.encode()) <= limit:
        return text
    sentence_bytes = 80
    kept = text.encode()[: limit - sentence_bytes].decode(errors="ignore")
    return f"{kept}\n[{len(text) - len(kept)} more characters were left out]"
