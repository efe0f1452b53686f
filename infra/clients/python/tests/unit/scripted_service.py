"""A service on this machine that answers by a script, well or badly."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Callable

import client_path  # noqa: F401

from aiopslab_tasks import Client


@dataclass(frozen=True)
class Asked:
    """One request; the names of its headers are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any


class ScriptedService:
    """Gives one answer of the script to each request; the last one again when it is used up."""

    def __init__(self, *script: Answer) -> None:
        self._script = list(script)
        self._lock = threading.Lock()
        self.asked: list[Asked] = []
        self.connections = 0
        handler = type("BoundExchange", (Exchange,), {"service": self})
        self._server = Server(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> ScriptedService:
        serve = self._server.serve_forever
        threading.Thread(target=serve, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *reason: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def next_answer(self, asked: Asked) -> Answer:
        with self._lock:
            self.asked.append(asked)
            return self._script[min(len(self.asked), len(self._script)) - 1]


class Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Silent: that a client goes away is what some tests are about."""


class Exchange(BaseHTTPRequestHandler):
    """One connection; the answers below write to it."""

    protocol_version = "HTTP/1.1"
    service: ScriptedService

    def setup(self) -> None:
        super().setup()
        self.service.connections += 1

    def do_GET(self) -> None:
        data = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(self.command, self.path, headers, json.loads(data) if data else None)
        self.service.next_answer(asked)(self)

    do_POST = do_DELETE = do_GET

    def begin(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def log_message(self, format: str, *values: object) -> None:
        """Silent."""


Answer = Callable[[Exchange], None]


@contextmanager
def serving(*script: Answer) -> Iterator[tuple[ScriptedService, Client]]:
    """With a client that tries nothing twice."""
    with ScriptedService(*script) as service, Client(service.url, timeout=5, retries=0) as client:
        yield service, client


def whole(value: Any, status: int = 200, zipped: bool = False, **headers: str) -> Answer:
    """`headers` with underscores instead of hyphens."""

    def answer(exchange: Exchange) -> None:
        data = value if isinstance(value, bytes) else json.dumps(value).encode()
        sent = {name.replace("_", "-"): text for name, text in headers.items()}
        if zipped:
            data = gzip.compress(data)
            sent["Content-Encoding"] = "gzip"
        exchange.begin(status, {**sent, "Content-Length": str(len(data))})
        exchange.wfile.write(data)

    return answer


def problem(status: int, code: str, **headers: str) -> Answer:
    body = {
        "status": status,
        "error": "Do something else.",
        "code": code,
        "details": [{"field": "max_steps", "rule": "range", "message": "must be at least 1"}],
        "request_id": "r-1",
    }
    return whole(body, status, **headers)


def streamed(*lines: str, broken: bool = False) -> Answer:
    """Lines in chunks that end anywhere; a broken one ends in its last line."""

    def answer(exchange: Exchange) -> None:
        kind = exchange.headers.get("Accept", "")
        exchange.begin(200, {"Transfer-Encoding": "chunked", "Content-Type": kind})
        text = ("\n".join(lines) + ("" if broken else "\n")).encode()
        for at in range(0, len(text), 7):
            exchange.chunk(text[at : at + 7])
        if broken:
            exchange.close_connection = True
        else:
            exchange.chunk(b"")

    return answer


def lost() -> Answer:
    """What was asked for is done, and nobody hears of it."""

    def answer(exchange: Exchange) -> None:
        exchange.close_connection = True

    return answer


def cut(value: Any) -> Answer:
    def answer(exchange: Exchange) -> None:
        data = json.dumps(value).encode()
        exchange.begin(200, {"Content-Length": str(len(data) + 1)})
        exchange.wfile.write(data)
        exchange.close_connection = True

    return answer


def cut_in_headers(begun: bytes) -> Answer:
    def answer(exchange: Exchange) -> None:
        exchange.wfile.write(begun)
        exchange.close_connection = True

    return answer


def then_closed(first: Answer) -> Answer:
    """An answer after which the connection is closed, although it was to be kept."""

    def answer(exchange: Exchange) -> None:
        first(exchange)
        exchange.close_connection = True

    return answer
