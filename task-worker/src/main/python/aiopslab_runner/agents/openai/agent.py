"""The agent that asks a model, turn by turn."""

from __future__ import annotations

import asyncio
from typing import Any

from aiopslab_runner.agents.contract import Reply
from aiopslab_runner.agents.openai.endpoint import Answer, Endpoint
from aiopslab_runner.agents.openai.failures import ContextTooLong
from aiopslab_runner.agents.openai.history import History, alternating
from aiopslab_runner.agents.openai.keys import read_destination
from aiopslab_runner.agents.openai.patience import Backoff, PatientModel
from aiopslab_runner.agents.openai.policy_version import PolicyVersion
from aiopslab_runner.agents.openai.prompts import AIOPSLAB, OWN, aiopslab_prompt, system_prompt
from aiopslab_runner.agents.openai.reading import ReadReply, read_reply
from aiopslab_runner.agents.openai.reasoning import MODES
from aiopslab_runner.agents.openai.sampling import read_request_body
from aiopslab_runner.agents.options import Options, wrong

TEMPLATES = "clients.utils.templates"
MOST_SHRINKS = 4
MOST_HISTORY_TOKENS = 10_000_000


class OpenAiAgent:
    """Its options are the table in docs/runner-protocol.md; all are read before set-up."""

    def __init__(self, options: Options, backoff: Backoff | None = None) -> None:
        self._log = options.surroundings.log
        self._body = read_request_body(options)
        self._policy_version = PolicyVersion(options)
        self._history = History(options.integer("history_limit_tokens", 0, MOST_HISTORY_TOKENS, 0))
        self._preface = options.optional_text("system_prompt", 100_000)
        self._template = read_template(options)
        self._delay_seconds = options.integer("delay_ms", 0, 60000, default=0) / 1000
        self._reasoning_mode = options.one_of("reasoning", sorted(MODES), default="auto")
        self._sends_reasoning = options.flag("send_reasoning")
        self._wants_tokens = options.flag("token_ids")
        self._wants_logprobs = self._body.get("logprobs") is True
        timeout_seconds = options.number("timeout_seconds", 1, 3600, default=120)
        max_retries = options.integer("max_retries", 0, 20, default=5)
        endpoint = Endpoint(read_destination(options), timeout_seconds)
        self._model = PatientModel(
            endpoint, max_retries, backoff or Backoff(), options.surroundings.log
        )
        self._said: set[str] = set()

    def init_context(self, description: str, instructions: str, actions: dict[str, str]) -> None:
        if self._template is None:
            prompt = system_prompt(self._preface, description, actions)
        else:
            told = aiopslab_prompt(self._template, description, actions)
            prompt = f"{self._preface}\n\n{told}" if self._preface else told
        self._told = (prompt, instructions)
        self._history.begin(prompt, instructions)

    def told(self) -> tuple[str, str]:
        return self._told

    async def get_action(self, observation: str) -> Reply:
        """Raises ModelFailure, whose sentence says what to do next."""
        if self._delay_seconds:
            await asyncio.sleep(self._delay_seconds)
        self._history.hear(observation)
        if self._history.left_out():
            self._say_once("From here on the oldest turns are left out of the conversation.")
        requests_before = self._model.requests
        answer = await self._ask()
        read = read_reply(
            answer.completion,
            self._body["model"],
            self._policy_version.of(answer),
            self._policy_version.by_token(answer),
            self._model.requests - requests_before,
            self._reasoning_mode,
        )
        self._history.say(read.with_reasoning if self._sends_reasoning else {"content": read.reply})
        self._remark(read)
        return read.reply

    async def _ask(self) -> Answer:
        """Leaves out more of the history when the server says that it is too long."""
        for _ in range(MOST_SHRINKS):
            try:
                return await self._model.ask(self._request())
            except ContextTooLong:
                if not self._history.shrink():
                    raise
                self._log(
                    "warning",
                    "The conversation is too long for the model; from here on it is cut to about "
                    f"{self._history.limit_tokens} tokens.",
                )
        return await self._model.ask(self._request())

    def _request(self) -> dict[str, Any]:
        return {**self._body, "messages": alternating(self._history.messages())}

    def _remark(self, read: ReadReply) -> None:
        for remark in read.remarks:
            self._log("warning", remark)
        if self._wants_tokens and not read.facts.sent_ids:
            self._say_once("token_ids is set, but the server sends no token ids.")
        if self._wants_logprobs and not read.facts.sent_logprobs:
            self._say_once("The server is asked for log-probabilities, but sends none.")

    def _say_once(self, sentence: str) -> None:
        if sentence not in self._said:
            self._said.add(sentence)
            self._log("warning", sentence)


def read_template(options: Options) -> str | None:
    """AIOpsLab's own prompt, from its checkout, where `prompt` asks for it."""
    if options.one_of("prompt", [AIOPSLAB, OWN], default=OWN) == OWN:
        return None
    place = options.surroundings
    if not place.aiopslab_home:
        raise wrong("prompt", "aiopslab needs a cluster whose environment is aiopslab")
    from aiopslab_runner.orchestrator.checkout import open_checkout

    checkout = open_checkout(place.aiopslab_home, place.cluster)
    return str(checkout.load(TEMPLATES).DOCS_SHELL_ONLY)
