"""In the servers' own words: contexts that overflowed, and generations that failed."""

from __future__ import annotations

import json
import unittest
from typing import Any

from asked_agent import AskedAgent
from model_server import (
    Answer,
    ModelServer,
    completion,
    delta,
    plain,
    stream,
    usage_chunk,
    whole,
)

from aiopslab_runner.agents.openai.failures import ModelFailure

FINE = plain("fine")
OVERFLOWS = {
    "vLLM, prompt and completion": (
        "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens "
        "(4000 in the messages, 1000 in the completion). Please reduce the length of the messages."
    ),
    "vLLM, prompt alone": (
        "The decoder prompt (length 5000) is longer than the maximum model length of 4096. Make "
        "sure that `max_model_len` is no smaller than the number of text tokens."
    ),
    "vLLM, nothing left for the answer": "max_tokens must be at least 1, got -904.",
    "vLLM, by the other name": "max_completion_tokens must be at least 1, got 0.",
    "SGLang, input": (
        "The input (5000 tokens) is longer than the model's context length (4096 tokens)."
    ),
    "SGLang, allowed length": (
        "Input length (5000 tokens) exceeds the maximum allowed length (4090 tokens). Use a "
        "shorter input or enable --allow-auto-truncate."
    ),
    "SGLang, total": (
        "Requested token count exceeds the model's maximum context length of 4096 tokens. You "
        "requested a total of 5000 tokens."
    ),
    "TGI, total": (
        "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 4000 "
        "`inputs` tokens and 1000 `max_new_tokens`"
    ),
    "TGI, input": "Input validation error: `inputs` must have less than 4095 tokens. Given: 5000",
    "llama.cpp": "the request exceeds the available context size (256 tokens), try increasing it",
    "TensorRT-LLM, sum": (
        "The sum of prompt length (5000.0), query length (0) should not exceed max_num_tokens (96)"
    ),
    "TensorRT-LLM, prompt": "Prompt length (5056) exceeds maximum sequence length (2048)",
    "TensorRT-LLM, nothing left": (
        "`default_max_tokens` (-904) must be greater than 0, `default_max_tokens` (-904) = "
        "max_seq_len (4096) - splited_prompt_len (5000) - query_token_len (0)"
    ),
    "OpenAI": "Your input exceeds the context window of this model. Please adjust your input.",
    "Azure": "Input tokens exceed the configured limit of 272000 tokens.",
    "Anthropic, prompt": "prompt is too long: 208310 tokens > 200000 maximum",
    "Anthropic, sum": (
        "input length and `max_tokens` exceed context limit: 178959 + 64000 > 200000, decrease "
        "input length or `max_tokens` and try again"
    ),
    "Gemini": "The input token count (12002) exceeds the maximum number of tokens allowed (10485).",
    "Mistral": "Prompt contains 33 tokens, too large for model with 32 maximum context length",
    "xAI": "This model's maximum prompt length is 131072 but the request contains 537812 tokens.",
    "Groq": "Please reduce the length of the messages or completion.",
    "Bedrock": "Input is too long for requested model.",
}


def as_error(message: str) -> str:
    return json.dumps({"error": {"message": message, "type": "BadRequestError", "code": 400}})


def ways_to_say(message: str) -> dict[str, Answer]:
    gemini = json.dumps([{"error": {"code": 400, "message": message, "status": "INVALID"}}])
    tgi = json.dumps({"error": message, "error_type": "validation"})
    chunk = {"error": {"message": message, "type": "BadRequestError", "code": 400}}
    half = completion("half a sen", choice={"finish_reason": {"type": "abort", "message": message}})
    return {
        "400": whole(400, as_error(message)),
        "400, a list": whole(400, gemini),
        "404": whole(404, as_error(message)),
        "413": whole(413, message),
        "422": whole(422, tgi),
        "424": whole(424, tgi),
        "429": whole(429, as_error(message)),
        "500": whole(500, as_error(message)),
        "500, a text": whole(500, message),
        "200": whole(200, as_error(message)),
        "in a stream": stream(chunk),
        "in a stream that began": stream(delta("half"), chunk),
        "an aborted generation": whole(200, json.dumps(half)),
    }


class Overflows(unittest.TestCase):
    def test_cut_the_history_whatever_the_words_and_wherever_they_stand(self) -> None:
        for name, message in OVERFLOWS.items():
            for where, answer in ways_to_say(message).items():
                with self.subTest(server=name, where=where):
                    self.assert_is_cut(answer)

    def test_by_their_code_or_type_alone(self) -> None:
        for members in (
            {"code": "context_length_exceeded"},
            {"type": "exceed_context_size_error", "n_ctx": 4096},
        ):
            said = json.dumps({"error": {"message": "no", **members}})
            for status in (400, 500):
                with self.subTest(members=members, status=status):
                    self.assert_is_cut(whole(status, said))

    def test_a_body_too_large_for_the_server_is_one(self) -> None:
        self.assert_is_cut(whole(413, "<html>Request Entity Too Large</html>"))

    def test_are_not_seen_in_what_a_server_repeats_of_the_conversation(self) -> None:
        said = {"detail": [{"msg": "bad top_k", "input": "maximum context length is 5 tokens"}]}
        for status in (400, 422):
            answer = whole(status, json.dumps(said))
            with ModelServer(answer) as server, self.assertRaisesRegex(ModelFailure, "correct the"):
                AskedAgent(server.base_url).ask("a" * 40_000)
            self.assertEqual(1, len(server.asked))

    def assert_is_cut(self, answer: Answer) -> None:
        with ModelServer(answer, FINE) as server:
            asked = AskedAgent(server.base_url, max_retries=0)
            self.assertEqual("fine", asked.ask("a" * 40_000))
        first, second = [sum(map(len, request.contents())) for request in server.asked]
        self.assertLess(second, 0.7 * first)
        self.assertIn("too long for the model", asked.logs[0])


class FailedGenerations(unittest.TestCase):
    REASONS: tuple[Any, ...] = (
        "abort",
        "error",
        "cancelled",
        "timeout",
        "network_error",
        "insufficient_system_resource",
        {"type": "abort", "message": "Abort by the weight update"},
    )

    def answers(self, reason: Any, text: str | None) -> list[Answer]:
        ids = {"token_ids": [5, 6]}
        return [
            plain(text, choice={"finish_reason": reason, **ids}),
            stream(delta(text or ""), delta("", reason, **ids), usage_chunk()),
        ]

    def test_are_asked_for_again(self) -> None:
        for reason in self.REASONS:
            for text in (None, "", 'half a sentence ```\nsubmit("No'):
                for answer in self.answers(reason, text):
                    with self.subTest(reason=reason, text=text):
                        with ModelServer(answer, FINE) as server:
                            asked = AskedAgent(server.base_url)
                            reply = asked.ask()
                            asked.ask()
                        self.assertEqual(("fine", 2), (reply, reply.model["attempts"]))
                        self.assertIsNone(reply.tokens)
                        self.assertIn("generation that failed", asked.logs[0])
                        sent = json.dumps([request.body for request in server.asked])
                        self.assertNotIn("half a sentence", sent)

    def test_are_quoted_in_short(self) -> None:
        reason = {"type": "abort", "message": "word " * 5000}
        with ModelServer(plain("x", choice={"finish_reason": reason}), FINE) as server:
            asked = AskedAgent(server.base_url)
            asked.ask()
        self.assertLess(len(asked.logs[0]), 800)

    def test_that_go_on_fail_the_run(self) -> None:
        for answer in self.answers("abort", "half a sentence"):
            with ModelServer(answer) as server, self.assertRaises(ModelFailure) as caught:
                AskedAgent(server.base_url, max_retries=2).ask()
            self.assertEqual(3, len(server.asked))
            self.assertIn("finish_reason abort", str(caught.exception))

    def test_other_ends_are_the_policys_own(self) -> None:
        for reason in ("stop", "length", "content_filter", "eos_token", "tool_calls", None):
            with ModelServer(plain("text", choice={"finish_reason": reason})) as server:
                self.assertEqual("text", AskedAgent(server.base_url).ask())


if __name__ == "__main__":
    unittest.main()
