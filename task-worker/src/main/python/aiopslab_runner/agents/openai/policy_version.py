"""Which version of a policy in training answered, where its server says so."""

from __future__ import annotations

import re
from typing import Any

from aiopslab_runner.agents.openai.endpoint import Answer
from aiopslab_runner.agents.options import Options, wrong

HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+\Z")
LONGEST = 200


class PolicyVersion:
    """Options: `policy_version_header`, `policy_version_field` (names and list positions, joined
    by dots: `metadata.weight_version`); the header goes first."""

    def __init__(self, options: Options) -> None:
        self._header = options.optional_text("policy_version_header", LONGEST)
        if self._header is not None and not HEADER.match(self._header):
            raise wrong("policy_version_header", "must be the name of a header")
        field = options.optional_text("policy_version_field", LONGEST)
        self._path = field.split(".") if field else []
        if not all(self._path):
            raise wrong("policy_version_field", "must be names with single dots in between")

    def of(self, answer: Answer) -> str | int | float | None:
        header = answer.headers.get(self._header.lower()) if self._header else None
        if header:
            return header[:LONGEST]
        found = value_at(answer.completion, self._path) if self._path else None
        if isinstance(found, str):
            return found[:LONGEST] or None
        return found if type(found) in (int, float) else None

    def by_token(self, answer: Answer) -> list[Any] | None:
        """What is at the field, where that is a list: a version for each token, or spans."""
        found = value_at(answer.completion, self._path) if self._path else None
        return found if isinstance(found, list) else None


def value_at(json: Any, path: list[str]) -> Any:
    for name in path:
        if isinstance(json, dict):
            json = json.get(name)
        elif isinstance(json, list) and name.isdecimal() and len(name) < 10:
            json = json[int(name)] if int(name) < len(json) else None
        else:
            return None
    return json
