"""Whole runs of the agent `openai`: a real runner process, a real server of completions."""

from __future__ import annotations

import json
import unittest
from typing import Any

from model_server import (
    ModelServer,
    completion,
    delta,
    error,
    plain,
    stall,
    stream,
    usage_chunk,
    whole,
)
from runner_process import RunnerProcess, run_request, surroundings

LOOK = 'I look.\n```\nexec_shell("kubectl get pods -n test-hotel-reservation")\n```'
SUBMIT = 'It is well.\n```\nsubmit("No")\n```'
KEY = "sk-top-secret-0123456789"
LOGPROBS = {"content": [{"token": "a", "logprob": -0.25}, {"token": "b", "logprob": -1.5}]}


def asking(server: ModelServer, **more: object) -> dict[str, Any]:
    return {"agent": "openai", "model": "policy", "base_url": server.base_url, **more}


class OpenAiRun(unittest.TestCase):
    def play(self, config: object, key: str | None = None, **changes: object) -> RunnerProcess:
        env = {**surroundings(), **({} if key is None else {"POLICY_KEY": key})}
        with RunnerProcess(run_request(agent_config=config, **changes), env=env) as runner:
            self.assertEqual(0, runner.finish())
            said = runner.stderr()
        self.assertEqual("", said)
        self.assertNotIn(KEY.encode(), b"".join(runner.lines))
        return runner

    def test_a_problem_is_solved_by_what_the_model_says(self) -> None:
        ids = {"token_ids": [5, 6], "logprobs": LOGPROBS}
        headers = {"X-Policy-Version": "41"}
        first = plain(LOOK, headers, choice=ids, prompt_token_ids=[1, 2, 3])
        with ModelServer(first, plain(SUBMIT, message={"reasoning_content": "Hm."})) as server:
            config = asking(server, policy_version_header="x-policy-version", temperature=0.5)
            runner = self.play({**config, "token_ids": True})
        result = runner.messages[-1]
        self.assertEqual(("submitted", 1.0), (result["stop_reason"], result["reward"]))
        self.assertEqual(
            {
                "prompt_tokens": 200,
                "completion_tokens": 20,
                "total_tokens": 220,
                "requests": 2,
            },
            result["usage"],
        )
        step, observed, last = runner.of("step")[:3]
        self.assertEqual(LOOK, step["content"])
        self.assertEqual({"prompt_ids": [1, 2, 3], "response_ids": [5, 6]}, step["tokens"])
        self.assertEqual([-0.25, -1.5], step["logprobs"])
        self.assertEqual(
            {
                "name": "policy-7b",
                "finish_reason": "stop",
                "policy_version": "41",
                "response_id": "chatcmpl-1",
                "attempts": 1,
                "usage": {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110},
            },
            step["model"],
        )
        self.assertEqual({"model"}, {"tokens", "logprobs", "model"} & set(last))
        self.assertEqual("Hm.", last["model"]["reasoning"])
        self.assertNotIn("model", observed)
        self.assert_asked_well(server, runner)

    def assert_asked_well(self, server: ModelServer, runner: RunnerProcess) -> None:
        first, second = server.asked
        session, observed = runner.of("session")[0], runner.of("step")[1]["content"]
        self.assertEqual("/v1/chat/completions", first.path)
        self.assertNotIn("authorization", first.headers)
        self.assertEqual(("policy", 0.5), (first.body["model"], first.body["temperature"]))
        for name in ("return_token_ids", "logprobs"):
            self.assertIs(True, first.body[name])
        for name in ("stream", "seed", "max_tokens", "stop", "n"):
            self.assertNotIn(name, first.body)
        roles = [message["role"] for message in second.body["messages"]]
        self.assertEqual(["system", "user", "assistant", "user"], roles)
        system, instructions, said, heard = second.contents()
        self.assertIn(session["description"], system)
        for documentation in session["actions"].values():
            self.assertIn(documentation, system)
        self.assertTrue(instructions.startswith(session["instructions"]))
        self.assertEqual(LOOK, said)
        self.assertTrue(heard.startswith(observed))
        self.assertEqual(first.contents(), second.contents()[:2])

    def test_a_stream_is_put_together(self) -> None:
        ids = {"token_ids": [7], "logprobs": {"content": [{"logprob": -0.5}]}}
        chunks = (
            {**delta(""), "prompt_token_ids": [1, 2]},
            delta(SUBMIT[:10], **ids),
            delta(SUBMIT[10:], **ids),
            delta("", "stop"),
            usage_chunk(metadata={"weight_version": "v3"}),
        )
        with ModelServer(stream(*chunks)) as server:
            field = "metadata.weight_version"
            runner = self.play(asking(server, stream=True, policy_version_field=field))
        step, result = runner.of("step")[0], runner.messages[-1]
        self.assertEqual(SUBMIT, step["content"])
        self.assertEqual({"prompt_ids": [1, 2], "response_ids": [7, 7]}, step["tokens"])
        self.assertEqual([-0.5, -0.5], step["logprobs"])
        self.assertEqual("v3", step["model"]["policy_version"])
        self.assertEqual((110, 1.0), (result["usage"]["total_tokens"], result["reward"]))
        self.assertIs(True, server.asked[0].body["stream"])
        self.assertEqual({"include_usage": True}, server.asked[0].body["stream_options"])

    def test_a_busy_server_is_asked_again(self) -> None:
        busy = error(429, f"slow down, {KEY}", Retry_After="0")
        with ModelServer(busy, plain(SUBMIT)) as server:
            config = asking(server, api_key_env="POLICY_KEY")
            runner = self.play(config, key=KEY, model_keys={"POLICY_KEY": server.address})
        self.assertEqual(f"Bearer {KEY}", server.asked[1].headers["authorization"])
        self.assertEqual(2, runner.of("step")[0]["model"]["attempts"])
        self.assertEqual(2, runner.messages[-1]["usage"]["requests"])
        (warning,) = [log for log in runner.of("log") if log["level"] == "warning"]
        self.assertIn("answered 429 Too Many Requests: slow down, (the key)", warning["message"])

    def test_a_final_error_says_what_to_do_without_the_key(self) -> None:
        with ModelServer(error(401, f"Incorrect key: {KEY}. " + "x" * 9000)) as server:
            config = asking(server, api_key_env="POLICY_KEY")
            runner = self.play(config, key=f"{KEY}\n", model_keys={"POLICY_KEY": server.base_url})
        failure = runner.messages[-1]
        self.assertEqual("agent_error", failure["code"])
        self.assertIn("401 Unauthorized: Incorrect key: (the key)", failure["message"])
        self.assertIn("put a valid key into the worker's variable POLICY_KEY", failure["message"])
        self.assertLess(len(failure["message"]), 1200)
        self.assertEqual(1, len(server.asked))
        self.assertEqual("cleanup", runner.of("phase")[-1]["phase"])

    def test_a_silent_server_ends_the_run_after_the_time_out_and_the_retries(self) -> None:
        with ModelServer(stall()) as server:
            runner = self.play(asking(server, timeout_seconds=1, max_retries=1))
        failure = runner.messages[-1]
        self.assertEqual("agent_error", failure["code"])
        for said in ("2 requests", "no whole answer within 1 s", "agent_config.timeout_seconds"):
            self.assertIn(said, failure["message"])
        self.assertEqual(2, len(server.asked))

    def test_a_stop_interrupts_a_request_at_once(self) -> None:
        for answer in (stall(), stall(after_headers=True)):
            with ModelServer(answer) as server:
                config = asking(server, timeout_seconds=600)
                with RunnerProcess(run_request(agent_config=config)) as runner:
                    server.wait_for_requests(1)
                    runner.stop()
                    self.assertEqual(143, runner.finish())
                    self.assertEqual("", runner.stderr())
            self.assertEqual("cleanup", runner.of("phase")[-1]["phase"])
            self.assertEqual([], runner.of("result") + runner.of("error"))

    def test_a_stop_interrupts_the_wait_for_the_next_request(self) -> None:
        server = ModelServer(error(503, "loading", Retry_After="100"))
        with server, RunnerProcess(run_request(agent_config=asking(server))) as runner:
            warning = runner.wait_for("log", level="warning")
            runner.stop()
            self.assertEqual(143, runner.finish())
        self.assertIn("asked again in 100.0 s", warning["message"])
        self.assertEqual("cleanup", runner.of("phase")[-1]["phase"])

    def test_an_answer_without_a_text_is_one_turn(self) -> None:
        calls = whole(200, json.dumps(completion(None, message={"tool_calls": [{"id": "1"}]})))
        with ModelServer(calls, plain(SUBMIT)) as server:
            runner = self.play(asking(server))
        self.assertEqual("", runner.of("step")[0]["content"])
        self.assertEqual(2, runner.messages[-1]["steps"])
        self.assertTrue(any("tool calls only" in log["message"] for log in runner.of("log")))


class WrongRequest(unittest.TestCase):
    def test_keys_must_be_an_object_of_texts(self) -> None:
        for value in ([], {"A": 1}):
            with RunnerProcess(run_request(model_keys=value)) as runner:
                self.assertEqual(0, runner.finish())
            failure = runner.messages[-1]
            self.assertEqual("runner_protocol_error", failure["code"])
            self.assertEqual("model_keys", failure["details"]["field"])


if __name__ == "__main__":
    unittest.main()
