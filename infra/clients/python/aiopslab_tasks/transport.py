"""Calls: JSON there, JSON back, tried again as long as there is hope."""

from __future__ import annotations

import json
import ssl
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, urlencode

from aiopslab_tasks.backoff import Backoff
from aiopslab_tasks.connections import Answer, Connections
from aiopslab_tasks.errors import (
    TaskServiceError,
    UnexpectedAnswerError,
    error_of,
    not_json,
    unexpected,
)
from aiopslab_tasks.records import Record
from aiopslab_tasks.values import header_text, json_body, pairs, path_part

API = "/api/v1"
USER_AGENT = "aiopslab-tasks-python/0.1"
JSON_TYPE = "application/json"
ERROR_BYTES = 1024 * 1024

Query = Mapping[str, Any]


class Transport:
    """`timeout` in seconds is for connecting and for each wait for data, beyond the time that a
    call asks the service to wait; `retries` is how often in a row a call is tried again."""

    def __init__(
        self, base_url: str, timeout: float, retries: int, context: ssl.SSLContext | None
    ) -> None:
        self.timeout = timeout
        self.retries = retries
        self._connections = Connections(base_url, context)
        prefix = self._connections.prefix
        self._root = prefix if prefix.endswith(API) else prefix + API

    def backoff(self, retries: int | None = None) -> Backoff:
        return Backoff(self.retries if retries is None else retries)

    def call(
        self,
        method: str,
        *path: str,
        query: Query | None = None,
        body: Mapping[str, Any] | None = None,
        key: str | None = None,
        wait: float = 0.0,
    ) -> Record:
        """The JSON object that is the answer.

        Only for requests that can be repeated: by their nature, or by `key`, the Idempotency-Key.
        """
        headers = {} if key is None else {"Idempotency-Key": key}
        asked: dict[str, Any] = {"query": query, "body": body, "headers": headers}
        backoff = self.backoff()
        while True:
            try:
                with self.open(method, *path, **asked, wait=wait) as answer:
                    return _json(answer)
            except TaskServiceError as failure:
                if not backoff.may_go_on_after(failure):
                    raise

    @contextmanager
    def open(
        self,
        method: str,
        *path: str,
        query: Query | None = None,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        wait: float = 0.0,
    ) -> Iterator[Answer]:
        """One try; the answer is read by the caller. Raises what an answer of 300 or more means."""
        data = None if body is None else json_body(body)
        sent = {"Accept": JSON_TYPE, "Accept-Encoding": "gzip", "User-Agent": USER_AGENT}
        if data is not None:
            sent["Content-Type"] = JSON_TYPE
        sent.update({name: header_text(name, text) for name, text in (headers or {}).items()})
        parts = [path_part(part, path[0]) for part in path]
        target = self._root + "".join("/" + quote(part, safe="") for part in parts)
        if query:
            target += "?" + urlencode(list(pairs(query)))
        with self._connections.ask(method, target, sent, data, self.timeout + wait) as answer:
            if answer.status >= 300:
                raise _error(answer)
            yield answer

    def close(self) -> None:
        self._connections.close()


def new_key() -> str:
    return str(uuid.uuid4())


def duration(seconds: float) -> str:
    """As the service reads it, such as 500ms; it takes at most a minute."""
    return f"{max(0, min(60_000, round(seconds * 1000)))}ms"


def _error(answer: Answer) -> TaskServiceError:
    """Raises ConnectionFailedError if the answer is cut short: then nobody knows what it says."""
    try:
        body = answer.read(ERROR_BYTES)
    except UnexpectedAnswerError:
        body = b""
    return error_of(
        answer.status, body, answer.header("X-Request-Id"), answer.header("Retry-After")
    )


def _json(answer: Answer) -> Record:
    data = answer.read()
    if not data:
        raise unexpected("with nothing")
    try:
        return Record(json.loads(data))
    except (ValueError, RecursionError):
        raise not_json() from None
