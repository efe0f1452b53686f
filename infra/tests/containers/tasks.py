"""Tasks over the REST API: what was acknowledged, and what became of it."""

from __future__ import annotations

import http.client
import json
import time
import urllib.error
import urllib.request
import uuid
from typing import Any

from containers.waiting import wait

API = "http://127.0.0.1:8000/api/v1"
PROBLEM = "misconfig_app_hotel_res-detection-1"
ENDED = {"completed", "failed", "cancelled"}


def get(url: str, authorization: str | None = None) -> Any:
    """The parsed answer. Raises OSError for every other answer than 2xx, and for none."""
    headers = {"Authorization": authorization} if authorization else {}
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=20) as answer:
        content = answer.read()
    return json.loads(content) if content[:1] in (b"{", b"[") else content.decode()


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except (OSError, http.client.HTTPException):
        return False


class Tasks:
    """All that were submitted; each has an id that the service has acknowledged."""

    def __init__(self) -> None:
        self.ids: list[str] = []

    def submit(self, number: int, delay_ms: int = 0) -> list[str]:
        """Whatever is down meanwhile: each is sent with its key until it is acknowledged."""
        new = [self._submit_one(delay_ms) for _ in range(number)]
        self.ids += new
        return new

    def end(self, tasks: list[str], within: float = 240) -> dict[str, Any]:
        """Waits until they have ended; what they are then, by id."""
        found: dict[str, Any] = {}

        def all_have_ended() -> bool:
            for task in tasks:
                if task not in found:
                    shown = self.show(task)
                    if shown and shown["status"] in ENDED:
                        found[task] = shown
            return len(found) == len(tasks)

        wait(f"{len(tasks)} tasks have ended", all_have_ended, within)
        return found

    def show(self, task: str) -> Any:
        """None while the service does not answer. A task that it does not know is an error."""
        try:
            return get(f"{API}/tasks/{task}")
        except urllib.error.HTTPError as reason:
            if reason.code < 500:
                raise
        except (OSError, http.client.HTTPException):
            pass
        return None

    def _submit_one(self, delay_ms: int) -> str:
        body = {"problem_id": PROBLEM, "agent_config": {"delay_ms": delay_ms}}
        headers = {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
        request = urllib.request.Request(
            f"{API}/tasks", json.dumps(body).encode(), headers, method="POST"
        )
        until = time.monotonic() + 120
        while True:
            try:
                with urllib.request.urlopen(request, timeout=20) as answer:
                    return str(json.load(answer)["id"])
            except urllib.error.HTTPError as reason:
                if reason.code < 500 or time.monotonic() > until:
                    raise
            except (OSError, http.client.HTTPException):
                if time.monotonic() > until:
                    raise
            time.sleep(0.2)
