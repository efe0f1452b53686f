"""Finds its way in what servers send: an error's message, the one choice, and how it ended."""

from __future__ import annotations

import json
from typing import Any

from aiopslab_runner.agents.openai.failures import shortened

# Ends that are not the policy's: vLLM's and SGLang's abort (what was under way when the weights
# were updated) and error, TensorRT-LLM's cancelled and timeout, OpenRouter's error, DeepSeek's
# insufficient_system_resource, Zhipu's network_error.
FAILED = frozenset(
    {
        "abort",
        "aborted",
        "cancelled",
        "canceled",
        "error",
        "insufficient_system_resource",
        "network_error",
        "timeout",
    }
)


def json_or_text(body: str) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return body


def server_message(said: Any) -> str:
    """From the shapes that servers send: error.message, error, message, detail; else the whole.
    Gemini sends a list with one of them."""
    if isinstance(said, list) and len(said) == 1:
        said = said[0]
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


def failed_generation(choice: dict[str, Any]) -> str | None:
    """How the generation failed, in the server's words; None if it came to an end of its own.

    SGLang's own shape of a finish_reason is an object with `type` and `message`.
    """
    reason = choice.get("finish_reason")
    more = ""
    if isinstance(reason, dict):
        said = reason.get("message")
        more = f": {shortened(said)}" if isinstance(said, str) else ""
        reason = reason.get("type")
    failed = isinstance(reason, str) and reason.lower() in FAILED
    return f"finish_reason {reason}{more}" if failed else None
