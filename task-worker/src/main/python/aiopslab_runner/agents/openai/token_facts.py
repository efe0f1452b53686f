"""Token ids and log-probabilities, from the shapes in which vLLM and SGLang send them.

vLLM: `prompt_token_ids` and `choices[].token_ids`, or, with `return_tokens_as_token_ids`, tokens of
the log-probabilities that are called `token_id:7`. SGLang, by version: `choices[].prompt_token_ids`
with `choices[].meta_info.output_token_logprobs` (from 0.5.13) or with `choices[].token_ids`;
`sglext.input_ids` with `sglext.output_ids`, one list for each choice.

What cannot be used is named, by the rules for samples in docs/trajectories.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aiopslab_runner.agents.openai.token_versions import Span, read_spans, reported_versions

HIGHEST_ID = 9_999_999
NAMED_BY_ID = "token_id:"
# What vLLM puts for a logarithm that is lower, and for one that it does not have
# (vllm/entrypoints/openai: ChatCompletionLogProb).
LOWEST_LOGPROB = -9999.0
ROUNDING = 1e-4
# A logarithm takes about three times the space of an id; together they fit into one message.
MOST_NUMBERS = 350_000
LOGPROB_WEIGHT = 3
SPAN_WEIGHT = 12

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
    """None for what was not given, or cannot be sent.

    `left_out` is why the tokens make no sample, None if they can or if there are none; `remarks`
    are sentences about what people should know. `sent_ids` and `sent_logprobs`: whether the server
    sent any for its answer, good or bad.
    """

    prompt_ids: list[int] | None = None
    response_ids: list[int] | None = None
    logprobs: list[float] | None = None
    versions: list[Span] | None = None
    left_out: str | None = None
    remarks: tuple[str, ...] = ()
    sent_ids: bool = False
    sent_logprobs: bool = False

    def tokens(self) -> dict[str, Any] | None:
        named = {
            "prompt_ids": self.prompt_ids,
            "response_ids": self.response_ids,
            "versions": self.versions,
            "left_out": self.left_out,
        }
        return {name: ids for name, ids in named.items() if ids is not None} or None

    @property
    def first_version(self) -> str | float | None:
        return self.versions[0]["version"] if self.versions else None

    @property
    def last_version(self) -> str | float | None:
        return self.versions[-1]["version"] if self.versions else None


def read_token_facts(
    completion: dict[str, Any],
    choice: dict[str, Any],
    versions: list[Any] | None = None,
    version: str | float | None = None,
) -> TokenFacts:
    """`versions` of the tokens, where they are not in one of the engines' own places; `version` of
    the whole answer."""
    extension = _member(completion, "sglext", dict) or {}
    outputs = _member(extension, "output_ids", list) or [None]
    triples = _member(_member(choice, "meta_info", dict) or {}, "output_token_logprobs", list)
    content = _member(_member(choice, "logprobs", dict) or {}, "content", list)
    prompt_ids = _first_given(
        choice.get("prompt_token_ids"),
        completion.get("prompt_token_ids"),
        extension.get("input_ids"),
    )
    response_ids = _first_given(
        choice.get("token_ids"), outputs[0], _column(triples, 1), _ids_in_names(content)
    )
    logprobs = _first_given(
        None if content is None else [_named(item, "logprob") for item in content],
        _column(triples, 0),
    )
    spans = versions
    if spans is None:
        spans = reported_versions(completion, choice, version)
    return _checked(prompt_ids, response_ids, logprobs or None, spans)


def _checked(prompt_ids: Any, response_ids: Any, logprobs: Any, versions: Any) -> TokenFacts:
    unusable = (
        _unusable_ids("prompt_ids", prompt_ids)
        or _unusable_ids("response_ids", response_ids)
        or _unusable_logprobs(logprobs)
    )
    fitting = _fitting_ids(response_ids)
    raised = None if _unusable_logprobs(logprobs) else _raised(logprobs)
    spans = read_spans(versions, len(fitting)) if fitting and versions is not None else None
    if unusable is None and response_ids == []:
        unusable = "response_ids is empty"
    if unusable is None and fitting and raised is not None and len(fitting) != len(raised):
        unusable = f"there are {len(raised)} log-probabilities for {len(fitting)} response_ids"
    if unusable is None and fitting and versions is not None and spans is None:
        unusable = f"the versions do not fit the {len(fitting)} response_ids"
    facts = TokenFacts(
        _fitting_ids(prompt_ids) or None,
        fitting,
        raised,
        spans,
        unusable,
        (*_remark_on_left_out(unusable), *_remark_on_raised(logprobs, raised)),
        sent_ids=response_ids is not None,
        sent_logprobs=logprobs is not None,
    )
    return _bounded(facts)


def _bounded(facts: TokenFacts) -> TokenFacts:
    """What is too long for a message is left out of it."""
    ids = len(facts.prompt_ids or []) + len(facts.response_ids or [])
    logprobs, spans = len(facts.logprobs or []), len(facts.versions or [])
    if ids + LOGPROB_WEIGHT * logprobs + SPAN_WEIGHT * spans <= MOST_NUMBERS:
        return facts
    sentence = (
        f"there are {ids} token ids and {logprobs} log-probabilities, and a step holds "
        f"{MOST_NUMBERS} ids, or a third as many log-probabilities"
    )
    return TokenFacts(
        left_out=sentence,
        remarks=_remark_on_left_out(sentence),
        sent_ids=facts.sent_ids,
        sent_logprobs=facts.sent_logprobs,
    )


def _unusable_ids(name: str, items: Any) -> str | None:
    fits = items is None or _fitting_ids(items) is not None
    return None if fits else f"{name} is no list of token ids"


def _fitting_ids(items: Any) -> list[int] | None:
    if not isinstance(items, list):
        return None
    fitting = all(type(item) is int and 0 <= item <= HIGHEST_ID for item in items)
    return items if fitting else None


def _unusable_logprobs(items: Any) -> str | None:
    for item in items or []:
        if item is not None and (type(item) not in (int, float) or item != item):
            return "the log-probabilities are no list of numbers"
        if item is not None and item > ROUNDING:
            return f"a log-probability is above 0: {str(item)[:20]}"
    return None


def _raised(logprobs: list[Any] | None) -> list[float] | None:
    if logprobs is None:
        return None
    return [
        LOWEST_LOGPROB if item is None or item < LOWEST_LOGPROB else min(float(item), 0.0)
        for item in logprobs
    ]


def _remark_on_left_out(sentence: str | None) -> tuple[str, ...]:
    return () if sentence is None else (f"The tokens of this answer are left out: {sentence}.",)


def _remark_on_raised(logprobs: Any, raised: list[float] | None) -> tuple[str, ...]:
    changed = (
        0 if raised is None else sum(item is None or item < LOWEST_LOGPROB for item in logprobs)
    )
    if not changed:
        return ()
    return (
        f"{changed} of {len(logprobs)} log-probabilities of this answer are missing or lower than "
        f"{LOWEST_LOGPROB:g}; they are given as {LOWEST_LOGPROB:g}, as vLLM does it.",
    )


def _first_given(*candidates: Any) -> Any:
    """The first that says something, else an empty one, else None. Not every server has them all,
    and some send empty lists for what they do not have."""
    given = [candidate for candidate in candidates if candidate is not None]
    return next((candidate for candidate in given if candidate != []), given[0] if given else None)


def _ids_in_names(content: list[Any] | None) -> list[Any] | None:
    """None if no token is called by its id."""
    names = [_named(item, "token") for item in content or []]
    if not any(isinstance(name, str) and name.startswith(NAMED_BY_ID) for name in names):
        return None
    return [_id_in_name(name) for name in names]


def _id_in_name(name: Any) -> int | None:
    digits = name[len(NAMED_BY_ID) :] if isinstance(name, str) else ""
    named = isinstance(name, str) and name.startswith(NAMED_BY_ID) and digits.isascii()
    return int(digits) if named and digits.isdigit() and len(digits) < 10 else None


def _named(item: Any, name: str) -> Any:
    return item.get(name) if isinstance(item, dict) else None


def _column(rows: list[Any] | None, index: int) -> list[Any] | None:
    if rows is None:
        return None
    return [row[index] if isinstance(row, list) and len(row) > index else None for row in rows]


def _member(mapping: dict[str, Any], name: str, kind: type) -> Any:
    value = mapping.get(name)
    return value if isinstance(value, kind) else None
