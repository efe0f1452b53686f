#!/usr/bin/env python3
"""Online RL against the service, small enough to read: python3 infra/examples/online_rl.py

The policy is a softmax over a few strategies for finding the service at fault. It is served as a
chat completions endpoint, as vLLM or SGLang would serve it, and the runs' agent `openai` asks it;
token ids, log-probabilities and the version of the weights come back in the trajectories. Each
round submits a group of samples for each problem, reads the round's trajectories from the feed, and
makes one step of policy gradient with the group's mean as the baseline (GRPO).
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import re
import sys
import threading
import time
import uuid
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "clients" / "python"))

from aiopslab_tasks import Client, Trajectory

PROBLEMS = (
    "misconfig_app_hotel_res-localization-1",
    "revoke_auth_mongodb-localization-1",
    "pod_failure_hotel_res-localization-1",
)
LOOK = 'exec_shell("kubectl get pods -n test-hotel-reservation")'
SICK = re.compile(r"^([a-z-]+?)-[a-z0-9]+-[a-z0-9]{5}\s+0/\d", re.MULTILINE)
# What each strategy does: answers that are made up, or a look before the answer.
STRATEGIES = {
    "blame the frontend": 'submit(["frontend"])',
    "blame nobody": "submit([])",
    "blame everybody": 'submit(["frontend", "geo", "profile", "rate", "search", "user"])',
    "toss a coin": 'submit(["geo", "rate"])',
    "look first": LOOK,
}
NAMES = tuple(STRATEGIES)


class Policy:
    """One number for each strategy; its index is the one token that the policy ever writes."""

    def __init__(self, seed: int) -> None:
        self.version = 0
        self._logits = [0.0] * len(NAMES)
        self._seed = seed
        self._streams: dict[str, random.Random] = {}
        self._lock = threading.Lock()

    def probabilities(self) -> list[float]:
        with self._lock:
            weights = [math.exp(logit - max(self._logits)) for logit in self._logits]
        return [weight / sum(weights) for weight in weights]

    def sample(self, problem: str) -> tuple[int, float]:
        """A strategy, and the logarithm of its probability.

        Each problem has its own random numbers, so that the same seed gives the same training in
        whatever order the runs come.
        """
        chances = self.probabilities()
        with self._lock:
            stream = self._streams.setdefault(problem, random.Random(f"{self._seed} {problem}"))
            token = stream.choices(range(len(NAMES)), chances)[0]
        return token, math.log(chances[token])

    def update(self, judged: list[tuple[int, float]], rate: float) -> None:
        """A step along the mean of advantage x gradient of log probability, token by token."""
        chances = self.probabilities()
        with self._lock:
            for token, advantage in judged:
                for other, chance in enumerate(chances):
                    slope = (other == token) - chance
                    self._logits[other] += rate * advantage * slope / len(judged)
            self.version += 1


class PolicyServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, host: str, port: int, policy: Policy) -> None:
        super().__init__((host, port), Completions)
        self.policy = policy


class Completions(BaseHTTPRequestHandler):
    """POST /v1/chat/completions, with what vLLM adds for trainers."""

    protocol_version = "HTTP/1.1"
    server: PolicyServer

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        data = json.dumps(self._answer(asked["messages"], asked["user"])).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _answer(self, messages: list[dict[str, str]], problem: str) -> dict[str, Any]:
        version = self.server.policy.version
        if any(message["role"] == "assistant" for message in messages):
            choice = said(conclusion(messages[-1]["content"]))
        else:
            token, logprob = self.server.policy.sample(problem)
            choice = said(f"I {NAMES[token]}.\n```\n{STRATEGIES[NAMES[token]]}\n```")
            choice["token_ids"] = [token]
            choice["logprobs"] = {"content": [{"token": NAMES[token], "logprob": logprob}]}
        return {
            "id": f"chatcmpl-{uuid.uuid4().hex}",
            "model": "strategies",
            "choices": [choice],
            "metadata": {"weight_version": version},
        }

    def log_message(self, format: str, *values: object) -> None:
        """Silent."""


def said(text: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": text}
    return {"index": 0, "message": message, "finish_reason": "stop"}


def conclusion(listing: str) -> str:
    """What follows from the list of pods: the service whose pod is not ready."""
    sick = SICK.findall(listing)
    return f"```\nsubmit({json.dumps(sick[:1])})\n```"


@dataclass(frozen=True)
class Settings:
    rounds: int
    samples: int
    rate: float


def train(client: Client, policy: Policy, base_url: str, settings: Settings) -> list[float]:
    """The mean reward of each round."""
    experiment = uuid.uuid4().hex
    agent = {
        "agent": "openai",
        "base_url": base_url,
        "model": "strategies",
        "token_ids": True,
        "policy_version_field": "metadata.weight_version",
    }
    feed = client.feed(end_of_feed(client), metadata={"experiment": experiment})
    means = []
    for number in range(settings.rounds):
        began = time.monotonic()
        groups = [
            client.group(
                problem,
                samples=settings.samples,
                agent_config={**agent, "extra_body": {"user": problem}},
                max_steps=4,
                metadata={"experiment": experiment, "round": number},
            )
            for problem in PROBLEMS
        ]
        members: dict[str, list[Trajectory]] = {group.id: [] for group in groups}
        for _ in range(len(groups) * settings.samples):
            trajectory = next(feed)
            members[trajectory["group_id"]].append(trajectory)
        usable = [t.reward for ts in members.values() for t in ts if t.reward is not None]
        policy.update([pair for ts in members.values() for pair in judged(ts)], settings.rate)
        means.append(sum(usable) / max(1, len(usable)))
        show(number, means[-1], policy, len(usable), time.monotonic() - began)
    feed.close()
    return means


def end_of_feed(client: Client) -> str | None:
    """Where the feed ends now: what is older is of no use."""
    nothing = client.feed(follow=False, limit=1000, metadata={"experiment": "none at all"})
    for _ in nothing:
        pass
    return nothing.cursor


def judged(group: list[Trajectory]) -> list[tuple[int, float]]:
    """Each token with its advantage; a sample without a reward says nothing."""
    rewards = [t.reward for t in group if t.reward is not None]
    if len(rewards) < 2:
        return []
    mean = sum(rewards) / len(rewards)
    std = math.sqrt(sum((reward - mean) ** 2 for reward in rewards) / (len(rewards) - 1))
    return [
        (token, (t.reward - mean) / (std + 1e-6))
        for t in group
        if t.reward is not None
        for sample in t.samples
        for token in sample["response_ids"]
    ]


def show(number: int, mean: float, policy: Policy, usable: int, seconds: float) -> None:
    chances = policy.probabilities()
    best = max(range(len(NAMES)), key=chances.__getitem__)
    bar = "#" * round(mean * 40)
    print(
        f"round {number + 1:>2}  mean reward {mean:.3f}  {bar:<40}  {usable} samples in "
        f"{seconds:.1f} s  most likely: {NAMES[best]} ({chances[best]:.2f})",
        flush=True,
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--url", default=os.environ.get("AIOPSLAB_URL", "http://localhost:8000"))
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--samples", type=int, default=8, help="of each problem, each round")
    parser.add_argument("--rate", type=float, default=2.0, help="of learning")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--listen", default="127.0.0.1", help="where workers find the policy")
    given = parser.parse_args()

    policy = Policy(given.seed)
    server = PolicyServer(given.listen, 0, policy)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"seed {given.seed}; the policy begins without any preference", flush=True)
    settings = Settings(given.rounds, given.samples, given.rate)
    try:
        with Client(given.url) as client:
            base_url = f"http://{given.listen}:{server.server_address[1]}/v1"
            means = train(client, policy, base_url, settings)
    finally:
        server.shutdown()
        server.server_close()
    third = max(1, len(means) // 3)
    first, last = sum(means[:third]) / third, sum(means[-third:]) / third
    print(f"mean reward: {first:.3f} in the first {third} rounds, {last:.3f} in the last {third}")
    return 0 if last > first else 1


if __name__ == "__main__":
    sys.exit(main())
