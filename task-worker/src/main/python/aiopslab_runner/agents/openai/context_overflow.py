"""Whether a server says that the conversation is longer than its model's context.

Servers agree neither on a status nor on a place nor on words; these are theirs, as their sources
and the reports of their users have them (November 2026).
"""

from __future__ import annotations

import re
from typing import Any

OVERFLOW = re.compile(
    "|".join(
        (
            # OpenAI's code (many copy it), llama.cpp's type
            r"context_length_exceeded|exceed_context_size",
            # OpenAI, vLLM, SGLang, llama.cpp, Mistral, Anthropic: «maximum context length», …
            r"context (length|size|window|limit)",
            # vLLM: a prompt too long, and one that leaves nothing for the answer
            r"max_model_len|longer than the maximum model length",
            r"max_(completion_)?tokens must be at least 1\b",
            # SGLang, OpenRouter
            r"exceeds the maximum allowed (input )?length",
            # Hugging Face's TGI
            r"`inputs` tokens \+ `max_new_tokens` must be",
            r"`inputs` must have less than \d+ tokens",
            # TensorRT-LLM
            r"prompt length \([\d.]+\).{0,80}exceed",
            r"default_max_tokens\W{1,3}-?\d+\) must be greater",
            # Anthropic, Bedrock, Gemini, xAI, Groq, Azure, Cohere, Moonshot, Alibaba
            r"prompt is too long",
            r"input is too long for requested model",
            r"input token count .{0,40}exceeds the maximum number of tokens",
            r"maximum prompt length is \d+",
            r"reduce the length of the (messages|input|prompt)",
            r"input tokens exceed the configured limit",
            r"number of tokens in the prompt cannot exceed",
            r"exceeded model token limit",
            r"range of input length should be",
        )
    ),
    re.IGNORECASE,
)
# Where an error speaks of itself. A member such as «input» may repeat the conversation instead.
SPEAKING = ("error", "message", "msg", "detail", "code", "type", "error_type", "status", "reason")
DEEPEST = 4


def says_context_overflow(said: Any, depth: int = 0) -> bool:
    """`said` is an error as JSON, or a text."""
    if isinstance(said, str):
        return OVERFLOW.search(said) is not None
    if depth > DEEPEST:
        return False
    if isinstance(said, list):
        return any(says_context_overflow(item, depth + 1) for item in said)
    if isinstance(said, dict):
        members = [said[name] for name in SPEAKING if name in said]
        return any(says_context_overflow(item, depth + 1) for item in members)
    return False
