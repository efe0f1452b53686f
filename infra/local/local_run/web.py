"""Calls of the services and of RabbitMQ's management API."""

from __future__ import annotations

import base64
import http.client
import json
from dataclasses import dataclass
from typing import Any

NO_ANSWER = 0


@dataclass(frozen=True)
class Answer:
    """`status` is NO_ANSWER where nobody answered; `body` is the parsed JSON, if it was some."""

    status: int
    body: Any


def call(
    address: str,
    port: int,
    path: str,
    method: str = "GET",
    body: str | None = None,
    user: tuple[str, str] | None = None,
    timeout: float = 5,
) -> Answer:
    headers = {"Content-Type": "application/json"}
    if user:
        token = base64.b64encode(":".join(user).encode()).decode()
        headers["Authorization"] = f"Basic {token}"
    connection = http.client.HTTPConnection(address, port, timeout=timeout)
    try:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return Answer(response.status, _parsed(response.read()))
    except (OSError, http.client.HTTPException):
        return Answer(NO_ANSWER, None)
    finally:
        connection.close()


def _parsed(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return content.decode(errors="replace")
