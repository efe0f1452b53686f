"""Reads agent_config key by key, before anything is set up, and refuses what is left over."""

from __future__ import annotations

from typing import Any

from aiopslab_runner.failures import INVALID_AGENT_CONFIG, RunFailure


class Options:
    """Every method raises RunFailure (invalid_agent_config) that names the key and the rule."""

    def __init__(self, agent_config: dict[str, Any]) -> None:
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

    def texts(self, key: str, least: int, most: int) -> list[str]:
        value = self._take(key, None)
        rule = f"must be a list of {least} to {most} texts"
        if not isinstance(value, list) or not least <= len(value) <= most:
            raise wrong(key, rule)
        if not all(isinstance(item, str) for item in value):
            raise wrong(key, rule)
        return list(value)

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
