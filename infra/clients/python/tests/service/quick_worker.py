"""Workers over HTTP that complete what they claim at once: as many ends as a feed can want."""

from __future__ import annotations

import http.client
import json
import threading
import time
import uuid
from typing import Any
from urllib.parse import urlsplit

BEAT_SECONDS = 5.0
PAUSE_SECONDS = 0.02  # until its last end is stored, a worker is given nothing
HEADERS = {"Content-Type": "application/json"}


class QuickWorker:
    """Completes every task of a backend; `close` waits for the one in work."""

    def __init__(self, url: str, backend: str) -> None:
        self._id = f"{backend}-{uuid.uuid4().hex[:8]}"
        self._incarnation = str(uuid.uuid4())
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
        self._ending = threading.Event()
        self._next_beat = 0.0
        self._thread = threading.Thread(target=self._work, daemon=True)
        self.failure: Exception | None = None
        self._call("register", id=self._id, backend_type=backend)
        self._thread.start()

    def close(self) -> None:
        self._ending.set()
        self._thread.join()
        if self.failure is None:
            self._call(f"{self._id}/sign-off")
        self._connection.close()

    def _work(self) -> None:
        try:
            while not self._ending.is_set():
                self._beat()
                claimed = self._call(f"{self._id}/claim", session_id=str(uuid.uuid4()))
                if claimed:
                    self._complete(claimed)
                else:
                    self._ending.wait(PAUSE_SECONDS)
        except Exception as reason:
            self.failure = reason

    def _beat(self) -> None:
        if time.monotonic() >= self._next_beat:
            self._next_beat = time.monotonic() + BEAT_SECONDS
            self._call(f"{self._id}/heartbeat", task_ids=[])

    def _complete(self, claimed: dict[str, Any]) -> None:
        self._call(
            f"{self._id}/tasks/{claimed['task']['id']}/complete",
            session_id=claimed["session_id"],
            result={},
            success=True,
            reward=1.0,
            stop_reason="submitted",
            log_lines=0,
            steps=0,
        )

    def _call(self, path: str, **body: Any) -> Any:
        if not path.endswith("/complete"):
            body["incarnation"] = self._incarnation
        self._connection.request("POST", f"/api/v1/workers/{path}", json.dumps(body), HEADERS)
        answer = self._connection.getresponse()
        said = answer.read()
        if answer.status >= 400:
            raise RuntimeError(f"{path}: {answer.status} {said.decode()}")
        return json.loads(said or "null")
