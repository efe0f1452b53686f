"""Asks again when a failure may pass: exponential backoff with full jitter, and Retry-After."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from typing import Any

from aiopslab_runner.agents.openai.endpoint import Answer, Endpoint
from aiopslab_runner.agents.openai.failures import ModelFailure, PassingFailure
from aiopslab_runner.agents.options import Log


@dataclass(frozen=True)
class Backoff:
    base_seconds: float = 0.5
    cap_seconds: float = 30.0

    def seconds(self, failures: int, retry_after: float | None) -> float:
        """A random share of the base, doubled with each failure; at least what the server asks."""
        most = min(self.cap_seconds, self.base_seconds * 2 ** (failures - 1))
        return max(random.uniform(0, most), retry_after or 0.0)


class PatientModel:
    """`requests` counts what was sent, whatever came of it."""

    def __init__(self, endpoint: Endpoint, max_retries: int, backoff: Backoff, log: Log) -> None:
        self._endpoint = endpoint
        self._most_requests = max_retries + 1
        self._backoff = backoff
        self._log = log
        self.requests = 0

    async def ask(self, body: dict[str, Any]) -> Answer:
        """Raises ModelFailure when the failure is final or the retries are used up."""
        failures = 0
        while True:
            self.requests += 1
            try:
                return self._endpoint.ask(body)
            except PassingFailure as reason:
                failures += 1
                if failures == self._most_requests:
                    raise ModelFailure(self._given_up(failures, reason)) from None
                seconds = self._backoff.seconds(failures, reason.retry_after)
                self._log(
                    "warning",
                    f"The model's server {self._endpoint.url} {reason}; it is asked again in "
                    f"{seconds:.1f} s.",
                    {"request": failures, "most_requests": self._most_requests},
                )
            await asyncio.sleep(seconds)

    def _given_up(self, failures: int, reason: PassingFailure) -> str:
        times = "one request" if failures == 1 else f"{failures} requests"
        return (
            f"{self._endpoint.url} had no usable answer to {times}: the last time, it {reason}; "
            "see that the model's server is up and reachable from the worker, or allow for more "
            "with agent_config.max_retries and agent_config.timeout_seconds"
        )
