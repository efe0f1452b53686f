"""What a model thinks, told from what it does, as vLLM's parsers of reasoning do it.

They take what stands before `</think>` for the thought, with or without an opening tag, because
some chat templates put that into the prompt; for a model that always thinks, an answer without
`</think>` is a thought that was cut off (vllm/reasoning: basic_parsers.py and
qwen3_reasoning_parser.py).
"""

from __future__ import annotations

OPENING = "<think>"
CLOSING = "</think>"
MODES = ["auto", "always", "never"]
# Where a server puts a thought that it has taken out itself.
FIELDS = ("reasoning_content", "reasoning")


def thought_and_action(text: str, mode: str) -> tuple[str, str]:
    """Of a text as the model wrote it. `auto` goes by the tags, `always` is for models that think
    in every answer, `never` leaves the text alone."""
    if mode == "never":
        return "", text
    thought, closed, action = text.partition(CLOSING)
    opened = thought.lstrip().startswith(OPENING)
    if opened:
        thought = thought.lstrip()[len(OPENING) :]
    return (thought, action) if closed or opened or mode == "always" else ("", text)
