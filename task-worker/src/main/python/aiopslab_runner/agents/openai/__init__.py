"""The agent that asks a model behind any endpoint that speaks OpenAI's chat completions."""

from __future__ import annotations

from aiopslab_runner.agents.openai.agent import OpenAiAgent

__all__ = ["OpenAiAgent"]
