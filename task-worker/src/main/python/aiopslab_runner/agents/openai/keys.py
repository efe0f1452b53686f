"""Where an agent may speak to, and with which key: a key only goes where the operator says."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import Any

from aiopslab_runner.agents.openai.addresses import is_refused
from aiopslab_runner.agents.openai.base_url import BadUrl, BaseUrl, read_base_url
from aiopslab_runner.agents.options import Options, wrong

SETTING = "aiopslab.worker.model-keys"
KEY = re.compile(r"[!-~]{8,4096}\Z")
HIDDEN = "(the key)"


class Key:
    """A secret that its own text representation does not show."""

    def __init__(self, variable: str, value: str) -> None:
        self.variable = variable
        self._value = value

    def authorization(self) -> str:
        return f"Bearer {self._value}"

    def taken_out_of(self, said: Any) -> Any:
        """JSON that a server sent, without the key, should it repeat it."""
        if isinstance(said, str):
            return said.replace(self._value, HIDDEN)
        if isinstance(said, list):
            return [self.taken_out_of(item) for item in said]
        if isinstance(said, dict):
            return {self.taken_out_of(name): self.taken_out_of(said[name]) for name in said}
        return said

    def __repr__(self) -> str:
        return f"Key({self.variable})"


@dataclass(frozen=True)
class Destination:
    base_url: BaseUrl
    key: Key | None


def read_destination(options: Options) -> Destination:
    """From `base_url` and `api_key_env`. Raises RunFailure (invalid_agent_config)."""
    variable = options.optional_text("api_key_env", 200)
    asked = options.optional_text("base_url", 2000)
    base_url = None if asked is None else _read("base_url", asked)
    if variable is None:
        if base_url is None:
            raise wrong("base_url", "is required where no api_key_env says which one is meant")
        return Destination(base_url, None)
    allowed = _allowed(options, variable)
    if base_url is not None and not base_url.is_below(allowed):
        raise wrong("base_url", f"must be {allowed} or below, where the key {variable} may go")
    return Destination(base_url or allowed, _read_key(variable))


def _allowed(options: Options, variable: str) -> BaseUrl:
    if variable not in options.surroundings.model_keys:
        raise wrong(
            "api_key_env",
            f"names a variable that agents may not use; the operator has to add it to {SETTING}",
        )
    return _read(
        "api_key_env",
        options.surroundings.model_keys[variable],
        f"stands in {SETTING} for a URL that",
    )


def _read(key: str, text: str, of_what: str = "") -> BaseUrl:
    try:
        base_url = read_base_url(text)
    except BadUrl as reason:
        raise wrong(key, f"{of_what} {reason}".strip()) from reason
    try:
        if is_refused(base_url.host):
            raise wrong(key, f"{of_what} must not be link-local, multicast or a metadata service")
    except ValueError:
        return base_url  # a name, whose address is checked when it is known
    return base_url


def _read_key(variable: str) -> Key:
    value = os.environ.get(variable, "").strip()
    if not value:
        raise wrong(
            "api_key_env",
            f"names {variable}, and the worker does not have it; the operator has to set it in "
            "the worker's environment",
        )
    if not KEY.match(value):
        raise wrong(
            "api_key_env",
            f"names {variable}, whose value is no key: 8 to 4096 printable characters",
        )
    return Key(variable, value)
