"""Finds its way in what servers send: an error's message, and the one choice."""

from __future__ import annotations

import json
from typing import Any


def json_or_text(body: str) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return body


def server_message(said: Any) -> str:
    """From the shapes that servers send: error.message, error, message, detail; else the whole."""
    for name in ("error", "message", "detail"):
        if isinstance(said, dict) and said.get(name):
            said = said[name]
    return said if isinstance(said, str) else json.dumps(said)


def first_choice(completion: Any) -> dict[str, Any] | None:
    """The only choice there should be, if it has a message."""
    choices = completion.get("choices") if isinstance(completion, dict) else None
    choice = choices[0] if isinstance(choices, list) and choices else None
    has_message = isinstance(choice, dict) and isinstance(choice.get("message"), dict)
    return choice if has_message else None
