"""What becomes of every way in which a model's server can answer, or not answer."""

from __future__ import annotations

import os
import socket
import time
import unittest
from unittest import mock

from asked_agent import AskedAgent
from model_server import (
    Answer,
    ModelServer,
    after,
    completion,
    cut_before_headers,
    cut_in_the_body,
    delta,
    drip,
    error,
    flood,
    plain,
    redirect,
    stall,
    stream,
    too_long,
    usage_chunk,
    whole,
)

from aiopslab_runner.agents.openai.base_url import read_base_url
from aiopslab_runner.agents.openai.endpoint import Endpoint
from aiopslab_runner.agents.openai.failures import ModelFailure
from aiopslab_runner.agents.openai.keys import Destination
from aiopslab_runner.agents.openai.patience import Backoff
from aiopslab_runner.agents.openai.wire import LONGEST_WAIT_SECONDS

FINE = plain("fine")


class PassingTrouble(unittest.TestCase):
    def test_is_over_at_the_second_request(self) -> None:
        troubles: dict[str, Answer] = {
            "answered 408 Request Timeout: busy": error(408, "busy"),
            "answered 409": error(409, "busy"),
            "answered 425": error(425, "busy"),
            "answered 429": error(429, "busy", Retry_After="0"),
            "answered 500": error(500, "busy"),
            "answered 503 Service Unavailable: loading": whole(503, "loading"),
            "answered 529": error(529, "busy", Retry_After="Wed, 21 Oct 2015 07:28:00 GMT"),
            "RemoteDisconnected": cut_before_headers(),
            "IncompleteRead": cut_in_the_body(),
            "IncompleteRead(0 bytes": stream(delta("half"), done=False),
            "IncompleteRead(0": stream(delta("half"), done=False, framed=False),
            "not JSON": whole(200, "{"),
            "nested too deeply": whole(200, "[" * 100_000),
            "JSON that is nested too deeply": whole(500, "[" * 30_000),
            "without a choice: []": whole(200, "[]"),
            "without a choice: overloaded": error(200, "overloaded"),
            "its stream off with an error: no memory": stream({"error": {"message": "no memory"}}),
            "without a choice": stream(usage_chunk()),
        }
        for said, trouble in troubles.items():
            with self.subTest(said=said), ModelServer(trouble, FINE) as server:
                asked = AskedAgent(server.base_url)
                reply = asked.ask()
                self.assertEqual(("fine", 2), (reply, reply.model["attempts"]))
                self.assertEqual(2, reply.usage["requests"])
                self.assertIn(said, asked.logs[0])

    def test_that_lasts_ends_with_what_to_do(self) -> None:
        with ModelServer(error(500, "out of order")) as server:
            with self.assertRaises(ModelFailure) as caught:
                AskedAgent(server.base_url, max_retries=3).ask()
            self.assertEqual(4, len(server.asked))
        for said in (server.base_url, "4 requests", "out of order", "agent_config.max_retries"):
            self.assertIn(said, str(caught.exception))

    def test_a_port_nobody_listens_at(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{free.getsockname()[1]}"
            with self.assertRaises(ModelFailure) as caught:
                AskedAgent(url, max_retries=1).ask()
        self.assertIn("ConnectionRefusedError", str(caught.exception))

    def test_a_server_that_drips_or_stalls_ends_at_the_time_out(self) -> None:
        for trouble in (drip(), stall(), stall(after_headers=True)):
            with ModelServer(trouble) as server:
                destination = Destination(read_base_url(server.base_url), None)
                began = time.monotonic()
                with self.assertRaisesRegex(Exception, r"no whole answer within 0\.2 s"):
                    Endpoint(destination, timeout_seconds=0.2).ask({"messages": []})
                self.assertLess(time.monotonic() - began, 5)

    def test_a_slow_server_is_waited_for(self) -> None:
        with ModelServer(after(LONGEST_WAIT_SECONDS + 0.1, FINE)) as server:
            asked = AskedAgent(server.base_url)
            self.assertEqual(("fine", []), (asked.ask(), asked.logs))


class Waiting(unittest.TestCase):
    def test_doubles_up_to_the_cap_at_random(self) -> None:
        backoff = Backoff(base_seconds=0.5, cap_seconds=30)
        for failures, most in ((1, 0.5), (2, 1), (5, 8), (7, 30), (20, 30)):
            waits = [backoff.seconds(failures, None) for _ in range(200)]
            self.assertLessEqual(max(waits), most)
            self.assertGreater(max(waits), most / 2)
            self.assertLess(min(waits), most / 2)
        self.assertGreaterEqual(backoff.seconds(1, 77.0), 77.0)


class FinalTrouble(unittest.TestCase):
    def failure_of(self, answer: Answer, **more: object) -> str:
        with ModelServer(answer) as server, self.assertRaises(ModelFailure) as caught:
            AskedAgent(server.base_url, **more).ask()
        self.assertEqual(1, len(server.asked))
        return str(caught.exception)

    def test_says_what_to_do(self) -> None:
        for answer, said in (
            (error(400, "top_k is bad"), "400 Bad Request: top_k is bad; correct the option"),
            (error(401, "who?"), "agent_config.api_key_env"),
            (error(403, "no"), "agent_config.api_key_env"),
            (error(404, "no such model"), "agent_config.base_url or agent_config.model"),
            (whole(422, '{"detail": [{"loc": "n"}]}'), ': [{"loc": "n"}]; correct the option'),
            (whole(405, ""), "405 Method Not Allowed; see that agent_config.base_url"),
            (whole(404, '{"object": "error", "message": "gone"}'), "gone"),
            (
                redirect("http://169.254.169.254/v1?token=x"),
                "redirect to http://169.254.169.254/v1",
            ),
            (redirect("http://[/"), "redirects are not followed"),
        ):
            with self.subTest(said=said):
                self.assertIn(said, self.failure_of(answer))

    def test_quotes_at_most_500_characters_of_the_server(self) -> None:
        self.assertLess(len(self.failure_of(error(400, "word " * 5000))), 800)

    def test_a_body_without_end_is_refused(self) -> None:
        with ModelServer(flood(3_000_000)) as server:
            destination = Destination(read_base_url(server.base_url), None)
            endpoint = Endpoint(destination, timeout_seconds=5, body_limit_bytes=1_000_000)
            with self.assertRaisesRegex(ModelFailure, "longer than 1000000 bytes"):
                endpoint.ask({"messages": []})


class LongConversation(unittest.TestCase):
    def test_is_cut_when_the_server_says_that_it_is_too_long(self) -> None:
        with ModelServer(FINE, FINE, too_long(), too_long(), FINE) as server:
            asked = AskedAgent(server.base_url)
            for observation in ("a" * 4000, "b" * 4000, "c" * 4000):
                reply = asked.ask(observation)
        self.assertEqual(("fine", 3), (reply, reply.model["attempts"]))
        sizes = [sum(map(len, request.contents())) for request in server.asked[2:]]
        self.assertGreater(sizes[0], sizes[1])
        self.assertGreater(sizes[1], sizes[2])
        for request in server.asked:
            self.assertIn("The problem.", request.contents()[0])
            self.assertTrue(request.contents()[1].startswith("The rules.\n\n"))
        self.assertIn("\n\nccc", server.asked[-1].contents()[-1])
        self.assertIn("too long for the model", asked.logs[0])

    def test_that_is_always_too_long_is_an_error(self) -> None:
        with ModelServer(too_long()) as server, self.assertRaises(ModelFailure) as caught:
            AskedAgent(server.base_url).ask("a" * 100_000)
        self.assertEqual(5, len(server.asked))
        self.assertIn("history_limit_tokens", str(caught.exception))

    def test_that_cannot_be_cut_is_an_error_at_once(self) -> None:
        with ModelServer(too_long()) as server, self.assertRaises(ModelFailure):
            AskedAgent(server.base_url).ask("short")
        self.assertEqual(1, len(server.asked))


class Requests(unittest.TestCase):
    def body_of(self, **more: object) -> dict:
        with ModelServer(FINE) as server:
            AskedAgent(server.base_url, **more).ask()
        body = server.asked[0].body
        del body["messages"]
        return body

    def test_have_only_what_was_asked_for(self) -> None:
        self.assertEqual({"model": "policy"}, self.body_of())
        given = {"top_p": 0.9, "top_k": 20, "min_p": 0.1, "stop": ["\n\n"], "seed": 7}
        self.assertEqual({"model": "policy", **given}, self.body_of(**given))

    def test_name_the_limit_as_the_server_wants_it(self) -> None:
        self.assertEqual(9, self.body_of(max_tokens=9)["max_tokens"])
        body = self.body_of(max_tokens=9, max_tokens_field="max_completion_tokens")
        self.assertEqual({"model": "policy", "max_completion_tokens": 9}, body)

    def test_ask_for_token_ids_in_every_dialect(self) -> None:
        body = self.body_of(token_ids=True, extra_body={"return_meta_info": False, "x": {"y": 1}})
        self.assertEqual((True, False), (body["return_token_ids"], body["return_meta_info"]))
        self.assertEqual({"y": 1}, body["x"])
        self.assertNotIn("return_meta_info", self.body_of(token_ids=True, stream=True))

    def test_go_to_the_path_below_the_base_url(self) -> None:
        with ModelServer(FINE) as server:
            AskedAgent(f"{server.address}/a/v1/").ask()
        self.assertEqual("/a/v1/chat/completions", server.asked[0].path)
        self.assertEqual(server.address, f"http://{server.asked[0].headers['host']}")

    def test_continue_the_trace_of_the_run(self) -> None:
        trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        for variable, sent in ((trace, trace), ("", None), (trace + "\r\nX-Forged: 1", None)):
            with (
                ModelServer(FINE) as server,
                mock.patch.dict(os.environ, {"TRACEPARENT": variable}),
            ):
                AskedAgent(server.base_url).ask()
            self.assertEqual(sent, server.asked[0].headers.get("traceparent"))

    def test_go_past_the_proxies_of_the_environment(self) -> None:
        proxies = {"http_proxy": "http://127.0.0.1:1", "ALL_PROXY": "http://127.0.0.1:1"}
        with ModelServer(FINE) as server, mock.patch.dict(os.environ, proxies):
            self.assertEqual("fine", AskedAgent(server.base_url).ask())

    def test_are_sendable_whatever_an_observation_has_in_it(self) -> None:
        with ModelServer(FINE) as server:
            AskedAgent(server.base_url).ask("\ud800\0é")
        self.assertEqual("The rules.\n\n\ufffd\ufffdé", server.asked[0].contents()[-1])


class Answers(unittest.TestCase):
    def reply_to(self, answer: Answer, **more: object) -> AskedAgent:
        with ModelServer(answer) as server:
            asked = AskedAgent(server.base_url, **more)
            self.reply = asked.ask()
        return asked

    def test_without_a_text_are_empty_and_explained(self) -> None:
        for message, said in (
            ({"tool_calls": [{}]}, "tool calls only"),
            ({"reasoning": "Hm."}, "reasoning only"),
            ({"refusal": "No."}, "it refused"),
            ({}, "without a text."),
        ):
            asked = self.reply_to(plain(None, message=message))
            self.assertEqual("", self.reply)
            self.assertIn(said, asked.logs[0])

    def test_in_parts_are_joined(self) -> None:
        self.reply_to(
            plain(None, message={"content": [{"text": "a"}, {"type": "x"}, {"text": "b"}]})
        )
        self.assertEqual("ab", self.reply)

    def test_cut_by_length_stay_as_they_are(self) -> None:
        self.reply_to(plain("half a", choice={"finish_reason": "length"}))
        self.assertEqual(("half a", "length"), (self.reply, self.reply.model["finish_reason"]))

    def test_streams_that_end_without_the_last_word_count_when_finished(self) -> None:
        self.reply_to(stream(delta("all"), delta("", "stop"), done=False, framed=False))
        self.assertEqual("all", self.reply)

    def test_a_server_that_does_not_stream_may_answer_in_one_piece(self) -> None:
        self.reply_to(plain("whole"), stream=True)
        self.assertEqual("whole", self.reply)

    def test_odd_members_are_left_out(self) -> None:
        odd = {"id": 5, "model": None, "usage": {"prompt_tokens": "many", "completion_tokens": 3}}
        self.reply_to(plain("x", **odd, choice={"finish_reason": []}))
        usage = {"completion_tokens": 3, "total_tokens": 3}
        self.assertEqual({"name": "policy", "attempts": 1, "usage": usage}, self.reply.model)
        self.assertEqual({**usage, "requests": 1}, self.reply.usage)

    def test_missing_token_facts_are_said_once(self) -> None:
        with ModelServer(FINE) as server:
            asked = AskedAgent(server.base_url, token_ids=True, logprobs=True)
            asked.ask()
            asked.ask()
        self.assertEqual(2, len(asked.logs))

    def test_a_bad_token_fact_is_not_said_to_be_missing(self) -> None:
        for choice in (
            {"token_ids": [1, 2], "logprobs": {"content": [{"logprob": -1}]}},
            {"token_ids": [1], "logprobs": {"content": [{"logprob": 0.5}]}},
            {"token_ids": [-1], "logprobs": {"content": [{"logprob": -1}]}},
        ):
            asked = self.reply_to(plain("x", choice=choice), token_ids=True, logprobs=True)
            (log,) = asked.logs
            self.assertIn("are left out", log)

    def test_fewer_log_probabilities_than_ids_in_a_stream_are_named(self) -> None:
        chunks = (
            delta("a", token_ids=[1, 2], logprobs={"content": [{"logprob": -1}]}),
            delta("", "stop", token_ids=[3], logprobs=None),
        )
        self.reply_to(stream(*chunks), token_ids=True, stream=True)
        self.assertEqual(
            {
                "response_ids": [1, 2, 3],
                "left_out": "there are 1 log-probabilities for 3 response_ids",
            },
            self.reply.tokens,
        )

    def test_the_versions_of_the_tokens_are_found(self) -> None:
        spans = [{"version": 4, "start": 0, "end": 1}, {"version": 5, "start": 1, "end": 2}]
        for more, options in (
            ({"metadata": {"weight_version": 5, "weight_versions": spans}}, {}),
            (
                {"metadata": {"weight_version": 5, "weight_versions": spans}},
                {"policy_version_field": "metadata.weight_version"},
            ),
            ({"mine": [4, 5]}, {"policy_version_field": "mine"}),
            ({"mine": spans}, {"policy_version_field": "mine"}),
        ):
            with self.subTest(more=more, options=options):
                self.reply_to(plain("x", choice={"token_ids": [8, 9]}, **more), **options)
                self.assertEqual(spans, self.reply.tokens["versions"])
                self.assertEqual(4, self.reply.model["policy_version"])
                self.assertEqual(5, self.reply.model["policy_version_end"])

    def test_versions_of_another_kind_do_not_replace_what_was_asked_for(self) -> None:
        spans = [{"version": "default", "start": 0, "end": 2}]
        more = {"metadata": {"weight_version": "default", "weight_versions": spans}}
        for options, version, found in (
            ({"policy_version_header": "x-step"}, "41", None),
            ({"policy_version_field": "metadata.weight_version"}, "default", spans),
            ({}, "default", spans),
        ):
            with self.subTest(options=options):
                answer = plain("x", {"X-Step": "41"}, choice={"token_ids": [8, 9]}, **more)
                self.reply_to(answer, **options)
                self.assertEqual(version, self.reply.model["policy_version"])
                self.assertEqual(found, self.reply.tokens.get("versions"))

    def test_the_policy_version_is_found(self) -> None:
        spans = completion("x", metadata={"weight_versions": [{"version": 12}], "flag": True})
        answer = plain("x", {"X-Step": "7"}, metadata=spans["metadata"])
        for options, version in (
            ({"policy_version_header": "x-step"}, "7"),
            ({"policy_version_field": "metadata.weight_versions.0.version"}, 12),
            ({"policy_version_field": "metadata.weight_versions.1.version"}, None),
            ({"policy_version_field": "metadata.flag"}, None),
            ({"policy_version_field": "id.x"}, None),
            ({"policy_version_header": "x-other", "policy_version_field": "model"}, "policy-7b"),
        ):
            with self.subTest(options=options):
                self.reply_to(answer, **options)
                self.assertEqual(version, self.reply.model.get("policy_version"))


if __name__ == "__main__":
    unittest.main()
