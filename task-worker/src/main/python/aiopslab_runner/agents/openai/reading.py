"""A completion as a reply: its text, and what else the server said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aiopslab_runner.agents.contract import Reply
from aiopslab_runner.agents.openai.reasoning import FIELDS, thought_and_action
from aiopslab_runner.agents.openai.server_words import first_choice
from aiopslab_runner.agents.openai.token_facts import TokenFacts, read_token_facts

LONGEST_NAME = 200
USAGE = ("prompt_tokens", "completion_tokens", "total_tokens")
MOST_COUNTED = 2**53


@dataclass(frozen=True)
class ReadReply:
    """`remarks` are sentences about what people should know of this answer; `with_reasoning` is the
    answer as a message of the conversation that keeps the thought where the server had put it."""

    reply: Reply
    facts: TokenFacts
    with_reasoning: dict[str, str]
    remarks: list[str]


def read_reply(
    completion: dict[str, Any],
    model: str,
    version: str | float | None,
    token_versions: list[Any] | None,
    requests: int,
    reasoning_mode: str,
) -> ReadReply:
    """`requests` is how many it took; a text that is missing is an empty one. What is said of
    single tokens goes before what is said of the whole answer."""
    choice = first_choice(completion) or {"message": {}}
    message = choice["message"]
    written = text_of(message.get("content"))
    apart = {name: text_of(message.get(name)) for name in FIELDS if text_of(message.get(name))}
    if apart:
        reasoning, text = next(iter(apart.values())), written
    else:
        reasoning, text = thought_and_action(written, reasoning_mode)
    facts = read_token_facts(completion, choice, token_versions, version)
    first, last = facts.first_version, facts.last_version
    usage = read_usage(completion.get("usage"))
    said = {
        "name": name_of(completion.get("model")) or model,
        "finish_reason": name_of(choice.get("finish_reason")),
        "policy_version": version if first is None else first,
        "policy_version_end": last if last != first else None,
        "response_id": name_of(completion.get("id")),
        "attempts": requests,
        "usage": usage or None,
        "reasoning": reasoning or None,
    }
    reply = Reply(
        text,
        tokens=facts.tokens(),
        logprobs=facts.logprobs,
        model={name: item for name, item in said.items() if item is not None},
        usage={**usage, "requests": requests},
    )
    remarks = list(facts.remarks)
    if not text.strip():
        remarks.append(f"The model answered without a text{instead_of_text(message, reasoning)}.")
    return ReadReply(reply, facts, {"content": written, **apart}, remarks)


def text_of(content: Any) -> str:
    """A text, or the texts of a list of parts; anything else is none."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    texts = [part.get("text") for part in parts if isinstance(part, dict)]
    return "".join(text for text in texts if isinstance(text, str))


def instead_of_text(message: dict[str, Any], reasoning: str) -> str:
    if message.get("tool_calls"):
        return ", with tool calls only, which this agent does not offer"
    if message.get("refusal"):
        return ", it refused"
    return ", with reasoning only; max_tokens may be too small" if reasoning else ""


def name_of(value: Any) -> str | None:
    return value[:LONGEST_NAME] if isinstance(value, str) and value else None


def read_usage(usage: Any) -> dict[str, int]:
    """The counts given; the total is added up where it is missing."""
    given = usage if isinstance(usage, dict) else {}
    counts = {name: given[name] for name in USAGE if is_count(given.get(name))}
    if counts and "total_tokens" not in counts:
        counts["total_tokens"] = sum(counts.values())
    return counts


def is_count(value: Any) -> bool:
    return type(value) is int and 0 <= value <= MOST_COUNTED
