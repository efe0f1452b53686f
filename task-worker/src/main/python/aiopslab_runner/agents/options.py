"""Reads agent_config key by key, before anything is set up, and refuses what is left over."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable

from aiopslab_runner.failures import INVALID_AGENT_CONFIG, RunFailure
from aiopslab_runner.inbox import Inbox

Log = Callable[..., None]


def say_nothing(level: str, message: str, context: dict[str, Any] | None = None) -> None:
    """The log of an agent that nobody listens to."""


def send_nothing(kind: str, fields: dict[str, Any]) -> None:
    """Likewise, its messages."""


@dataclass(frozen=True)
class Surroundings:
    """What the worker gives an agent, as opposed to what the task asks for.

    `model_keys` maps the variables whose keys an agent may use to the base URL that each is for;
    `log` takes a level, a message and optionally a context, as Protocol.log does; `aiopslab_home`
    is a checkout of AIOpsLab, or empty; `say` sends a message to the worker, whose own come through
    the `inbox`; `passed_variables` are those that the operator passes to every run.
    """

    model_keys: dict[str, str] = field(default_factory=dict)
    log: Log = say_nothing
    aiopslab_home: str = ""
    cluster: str = ""
    say: Callable[[str, dict[str, Any]], None] = send_nothing
    inbox: Inbox | None = None
    passed_variables: frozenset[str] = frozenset()


NOTHING_AROUND = Surroundings()


class Options:
    """Every method raises RunFailure (invalid_agent_config) that names the key and the rule."""

    def __init__(
        self, agent_config: dict[str, Any], surroundings: Surroundings = NOTHING_AROUND
    ) -> None:
        self.surroundings = surroundings
        self._values = agent_config
        self._known: set[str] = set()

    def one_of(self, key: str, choices: list[str], default: str) -> str:
        value = self._take(key, default)
        if not isinstance(value, str) or value not in choices:
            raise wrong(key, f"must be one of: {', '.join(choices)}")
        return value

    def integer(self, key: str, least: int, most: int, default: int) -> int:
        value = self._take(key, default)
        if type(value) is not int or not least <= value <= most:
            raise wrong(key, f"must be a whole number from {least} to {most}")
        return value

    def number(self, key: str, least: float, most: float, default: float) -> float:
        value = self._take(key, default)
        if type(value) not in (int, float) or not least <= value <= most:
            raise wrong(key, f"must be a number from {least:g} to {most:g}")
        return value

    def flag(self, key: str, default: bool = False) -> bool:
        value = self._take(key, default)
        if not isinstance(value, bool):
            raise wrong(key, "must be true or false")
        return value

    def text(self, key: str, most: int) -> str:
        """A text of 1 to `most` characters that is more than white space."""
        value = self._take(key, None)
        if not isinstance(value, str) or not value.strip() or len(value) > most:
            raise wrong(key, f"must be a text of 1 to {most} characters")
        return value

    def optional_text(self, key: str, most: int) -> str | None:
        return self.text(key, most) if self.given(key) else None

    def texts(self, key: str, least: int, most: int) -> list[str]:
        value = self._take(key, None)
        rule = f"must be a list of {least} to {most} texts"
        if not isinstance(value, list) or not least <= len(value) <= most:
            raise wrong(key, rule)
        if not all(isinstance(item, str) for item in value):
            raise wrong(key, rule)
        return list(value)

    def mapping(self, key: str) -> dict[str, Any]:
        """A JSON object, empty when it is not given."""
        value = self._take(key, {})
        if not isinstance(value, dict):
            raise wrong(key, "must be a JSON object")
        return dict(value)

    def given(self, key: str) -> bool:
        self._known.add(key)
        return key in self._values

    def refuse_the_rest(self, agent: str) -> None:
        for key in self._values:
            if key not in self._known:
                known = ", ".join(sorted(self._known))
                raise wrong(key[:100], f"is not known to the agent {agent}, which takes: {known}")

    def _take(self, key: str, default: Any) -> Any:
        self._known.add(key)
        return self._values.get(key, default)


def wrong(key: str, rule: str) -> RunFailure:
    return RunFailure(
        INVALID_AGENT_CONFIG,
        f"agent_config.{key} {rule}; correct it and submit the task again",
        {"field": f"agent_config.{key}", "rule": rule},
    )
