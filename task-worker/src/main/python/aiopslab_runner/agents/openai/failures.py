"""Why a model's server gave no answer, in sentences that never contain the key."""

from __future__ import annotations

SERVER_SAID_LIMIT = 500


class ModelFailure(Exception):
    """Final: asking again would not help. Its sentence ends with what to do next."""


class ContextTooLong(ModelFailure):
    """The conversation is longer than the model's context."""


class PassingFailure(Exception):
    """May be over at the next try; `retry_after` is the server's own wish, in seconds."""

    def __init__(self, sentence: str, retry_after: float | None = None) -> None:
        super().__init__(sentence)
        self.retry_after = retry_after


def advice(status: int, key_variable: str | None) -> str:
    """What to do about a final status."""
    if status in (401, 403):
        if key_variable is None:
            return "the server wants a key: name its variable in agent_config.api_key_env"
        return f"put a valid key into the worker's variable {key_variable}"
    if status == 404:
        return "correct agent_config.base_url or agent_config.model"
    if status in (400, 422):
        return "correct the option of agent_config that the server's message is about"
    return "see that agent_config.base_url is that of an OpenAI-compatible server"


def shortened(text: str) -> str:
    """One line of at most 500 characters."""
    line = " ".join(text.split())
    return line if len(line) <= SERVER_SAID_LIMIT else line[: SERVER_SAID_LIMIT - 1] + "…"
