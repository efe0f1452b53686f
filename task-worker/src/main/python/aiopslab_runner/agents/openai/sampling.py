"""The part of a request that is the same in every turn."""

from __future__ import annotations

from typing import Any

from aiopslab_runner.agents.openai.token_facts import WANTED_STREAMED, WANTED_WHOLE
from aiopslab_runner.agents.options import Options, wrong

NUMBERS = {
    "temperature": (0, 2),
    "top_p": (0, 1),
    "presence_penalty": (-2, 2),
    "frequency_penalty": (-2, 2),
    "min_p": (0, 1),
    "repetition_penalty": (0, 10),
}
INTEGERS = {"top_k": (-1, 1_000_000), "seed": (-(2**63), 2**63 - 1)}
MOST_TOKENS = 1_000_000
FIXED = ("messages", "model", "stream", "n")
# Groups give each sample a seed of its own, and know of no other place for it.
SEED_RULE = "must not have seed; give it as agent_config.seed"


def read_request_body(options: Options) -> dict[str, Any]:
    """All but `messages`; only what was asked for is sent. Raises RunFailure."""
    body: dict[str, Any] = {"model": options.text("model", 500)}
    for key, (least, most) in NUMBERS.items():
        if options.given(key):
            body[key] = options.number(key, least, most, default=0)
    for key, (least, most) in INTEGERS.items():
        if options.given(key):
            body[key] = options.integer(key, least, most, default=0)
    if options.given("stop"):
        body["stop"] = options.texts("stop", 1, 16)
    names = ["max_tokens", "max_completion_tokens"]
    name = options.one_of("max_tokens_field", names, default="max_tokens")
    if options.given("max_tokens"):
        body[name] = options.integer("max_tokens", 1, MOST_TOKENS, default=1)
    stream = options.flag("stream")
    if stream:
        body.update(stream=True, stream_options={"include_usage": True})
    if options.flag("logprobs"):
        body["logprobs"] = True
    if options.flag("token_ids"):
        body.update(WANTED_STREAMED if stream else WANTED_WHOLE)
    extra = options.mapping("extra_body")
    for key in FIXED:
        if key in extra:
            raise wrong("extra_body", f"must not have {key}, which the agent sets itself")
    if "seed" in extra:
        raise wrong("extra_body", SEED_RULE)
    return {**body, **extra}
