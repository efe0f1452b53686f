"""Token ids and log-probabilities, from the shapes in which vLLM and SGLang send them.

vLLM: `prompt_token_ids` and `choices[].token_ids`. SGLang, by version: `choices[].prompt_token_ids`
with `choices[].meta_info.output_token_logprobs` (from 0.5.13) or with `choices[].token_ids`;
`sglext.input_ids` with `sglext.output_ids`, one list for each choice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

HIGHEST_ID = 9_999_999
WIDEST_LOGPROB = 1e6
# A logarithm takes about three times the space of an id; together they fit into one message.
MOST_NUMBERS = 350_000
LOGPROB_WEIGHT = 3

WANTED_WHOLE = {
    "logprobs": True,
    "return_token_ids": True,
    "return_prompt_token_ids": True,
    "return_meta_info": True,
    "return_input_ids_in_sglext": True,
    "return_output_ids_in_sglext": True,
}
# SGLang refuses the others with a stream, and the first of these as well: there, it takes
# extra_body {"return_token_ids": false}.
WANTED_STREAMED = {
    "logprobs": True,
    "return_token_ids": True,
    "return_input_ids_in_sglext": True,
    "return_output_ids_in_sglext": True,
}


@dataclass(frozen=True)
class TokenFacts:
    """None for what was not given. `remarks` are sentences about what had to be left out."""

    prompt_ids: list[int] | None
    response_ids: list[int] | None
    logprobs: list[float] | None
    remarks: tuple[str, ...] = ()

    def tokens(self) -> dict[str, list[int]] | None:
        named = {"prompt_ids": self.prompt_ids, "response_ids": self.response_ids}
        return {name: ids for name, ids in named.items() if ids is not None} or None


def read_token_facts(completion: dict[str, Any], choice: dict[str, Any]) -> TokenFacts:
    extension = _member(completion, "sglext", dict) or {}
    outputs = _member(extension, "output_ids", list) or [None]
    triples = _member(_member(choice, "meta_info", dict) or {}, "output_token_logprobs", list)
    prompt_ids = (
        _ids(choice.get("prompt_token_ids"))
        or _ids(completion.get("prompt_token_ids"))
        or _ids(extension.get("input_ids"))
    )
    response_ids = _ids(choice.get("token_ids")) or _ids(outputs[0]) or _ids(_column(triples, 1))
    logprobs = _logarithms(_given_logprobs(choice)) or _logarithms(_column(triples, 0))
    return _checked(prompt_ids, response_ids, logprobs)


def _checked(
    prompt_ids: list[int] | None, response_ids: list[int] | None, logprobs: list[float] | None
) -> TokenFacts:
    numbers = sum(len(ids) for ids in (prompt_ids, response_ids) if ids is not None)
    if numbers + LOGPROB_WEIGHT * len(logprobs or []) > MOST_NUMBERS:
        remark = "Token ids and log-probabilities are left out: too many for one message."
        return TokenFacts(None, None, None, (remark,))
    if response_ids is None or logprobs is None or len(response_ids) == len(logprobs):
        return TokenFacts(prompt_ids, response_ids, logprobs)
    remark = (
        f"Log-probabilities are left out: the server sent {len(logprobs)} of them for "
        f"{len(response_ids)} tokens."
    )
    return TokenFacts(prompt_ids, response_ids, None, (remark,))


def _given_logprobs(choice: dict[str, Any]) -> list[Any] | None:
    content = _member(_member(choice, "logprobs", dict) or {}, "content", list)
    if content is None:
        return None
    return [item.get("logprob") if isinstance(item, dict) else None for item in content]


def _column(rows: list[Any] | None, index: int) -> list[Any] | None:
    if rows is None:
        return None
    return [row[index] if isinstance(row, list) and len(row) > index else None for row in rows]


def _ids(items: Any) -> list[int] | None:
    if not isinstance(items, list) or not items:
        return None
    fitting = all(type(item) is int and 0 <= item <= HIGHEST_ID for item in items)
    return items if fitting else None


def _logarithms(items: list[Any] | None) -> list[float] | None:
    if not items:
        return None
    fitting = all(type(item) in (int, float) and abs(item) <= WIDEST_LOGPROB for item in items)
    return [float(item) for item in items] if fitting else None


def _member(mapping: dict[str, Any], name: str, kind: type) -> Any:
    value = mapping.get(name)
    return value if isinstance(value, kind) else None
