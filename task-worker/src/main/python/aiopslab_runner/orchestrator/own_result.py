"""The result JSON that AIOpsLab itself writes of a run, small enough for one message."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Callable

from aiopslab_runner.sendable import STRING_LIMIT_BYTES, sendable

MOST_BYTES = 3 * 1024 * 1024
"""Of the JSON; a line to the worker has 4 MiB."""
MOST_FILE_BYTES = 64 * 1024 * 1024
TEXT_LIMITS = (STRING_LIMIT_BYTES, 64 * 1024, 16 * 1024, 4096, 1024, 256)


def own_result(folder: Path, session_id: str, log: Callable[..., None]) -> dict[str, Any] | None:
    """What AIOpsLab wrote of the session; None if it wrote nothing, or nothing that can be kept.

    What is too large is made to fit: its longest texts are cut. That is said, and what is left out.
    """
    file = next(iter(sorted(folder.glob(f"{session_id}*.json"))), None)
    if file is None:
        return None
    try:
        size = file.stat().st_size
        if size > MOST_FILE_BYTES:
            raise ValueError(f"it has {size} bytes, of which at most {MOST_FILE_BYTES} are read")
        content = json.loads(file.read_text())
        if not isinstance(content, dict):
            raise ValueError("it is no JSON object")
        return _fitting(content, log)
    except (OSError, ValueError, RecursionError) as reason:
        log("warning", f"AIOpsLab's own result JSON was left out: {reason}.")
        return None


def _fitting(content: dict[str, Any], log: Callable[..., None]) -> dict[str, Any]:
    whole = sendable(content, limit=MOST_FILE_BYTES)
    for limit in TEXT_LIMITS:
        shorter: dict[str, Any] = sendable(whole, limit=limit)
        if len(_json(shorter)) <= MOST_BYTES:
            if shorter != whole:
                log(
                    "warning",
                    f"In AIOpsLab's own result JSON ({len(_json(whole))} bytes), texts of more "
                    f"than {limit} bytes were cut; the steps of the trajectory have up to "
                    f"{STRING_LIMIT_BYTES} of each.",
                )
            return shorter
    raise ValueError(f"it has {len(_json(whole))} bytes, and cannot be cut to {MOST_BYTES}")


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
