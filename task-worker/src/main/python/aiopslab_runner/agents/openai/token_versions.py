"""Which version of the policy sampled which token, where the weights changed in between.

SGLang (since its pull request 35926) says so by spans: `metadata.weight_versions`, or
`choices[].meta_info.weight_versions`, each `{"version": "41", "start": 0, "end": 17}`.
"""

from __future__ import annotations

from typing import Any

Span = dict[str, Any]
LONGEST_VERSION = 200


def reported_versions(
    completion: dict[str, Any], choice: dict[str, Any], version: str | float | None
) -> list[Any] | None:
    """Where the answer's own version is known, only spans whose last one says the same: others are
    of another kind, such as the engine's own beside those of a gateway in front of it."""
    for holder in (choice.get("meta_info"), completion.get("metadata")):
        found = holder.get("weight_versions") if isinstance(holder, dict) else None
        if isinstance(found, list) and found:
            last = found[-1].get("version") if isinstance(found[-1], dict) else found[-1]
            return found if version is None or str(version) == str(last) else None
    return None


def read_spans(versions: list[Any], tokens: int) -> list[Span] | None:
    """From spans that follow each other from 0 to `tokens`, or from one version for each token;
    None if they are neither."""
    spans: list[Span] = []
    for item in versions:
        end = spans[-1]["end"] if spans else 0
        whole = isinstance(item, dict)
        span = item if whole else {"version": item, "start": end, "end": end + 1}
        if not is_version(span.get("version")) or not _follows(span, end):
            return None
        if spans and not whole and spans[-1]["version"] == item:
            spans[-1]["end"] += 1
        else:
            spans.append({name: span[name] for name in ("version", "start", "end")})
    return spans if spans and spans[-1]["end"] == tokens else None


def is_version(value: Any) -> bool:
    """A text or a finite number."""
    if isinstance(value, str):
        return 0 < len(value) <= LONGEST_VERSION
    return type(value) in (int, float) and abs(value) < 2**63


def _follows(span: Span, end: int) -> bool:
    start, stop = span.get("start"), span.get("end")
    return type(start) is int and type(stop) is int and start == end < stop
