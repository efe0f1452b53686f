"""A server of chat completions on this machine that answers by a script, well or badly."""

from __future__ import annotations

import json
import ssl
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Callable

PATIENCE_SECONDS = 20.0
DRIP_SECONDS = 0.02


@dataclass(frozen=True)
class Asked:
    """One request; the names of its headers are in lower case."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]

    def contents(self) -> list[str]:
        return [message["content"] for message in self.body["messages"]]


class ModelServer:
    """Gives one answer of the script to each request; the last one again when it is used up.

    With `tls`, it speaks https and is called localhost.
    """

    def __init__(self, *script: Answer, tls: ssl.SSLContext | None = None) -> None:
        self._script = list(script)
        self._changed = threading.Condition()
        self.closing = threading.Event()
        self.asked: list[Asked] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self.port = self._server.server_address[1]
        self.address = f"http://127.0.0.1:{self.port}"
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
            self.address = f"https://localhost:{self.port}"
        self.base_url = f"{self.address}/v1"

    def __enter__(self) -> ModelServer:
        serve = self._server.serve_forever
        threading.Thread(target=serve, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()

    def next_answer(self, asked: Asked) -> Answer:
        with self._changed:
            self.asked.append(asked)
            self._changed.notify_all()
            return self._script[min(len(self.asked), len(self._script)) - 1]

    def wait_for_requests(self, count: int) -> None:
        with self._changed:
            come = self._changed.wait_for(lambda: len(self.asked) >= count, PATIENCE_SECONDS)
        if not come:
            raise AssertionError(f"{len(self.asked)} requests instead of {count}")


class Exchange(BaseHTTPRequestHandler):
    """One request; the answers below write to it."""

    protocol_version = "HTTP/1.1"
    model_server: ModelServer

    def do_POST(self) -> None:
        data = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(self.path, headers, json.loads(data))
        self.close_connection = True
        try:
            self.model_server.next_answer(asked)(self)
        except (BrokenPipeError, ConnectionResetError):
            return

    def begin(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def wait_for_the_end(self, seconds: float | None = None) -> bool:
        return self.model_server.closing.wait(seconds)

    def log_message(self, format: str, *values: object) -> None:
        """Silent."""


Answer = Callable[[Exchange], None]


def _handler_of(server: ModelServer) -> type[Exchange]:
    return type("BoundExchange", (Exchange,), {"model_server": server})


def completion(text: str | None, choice: Any = None, message: Any = None, **more: Any) -> Any:
    """The JSON of a completion; `choice`, `message` and `more` add members on their levels."""
    whole_message = {"role": "assistant", "content": text, **(message or {})}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "model": "policy-7b",
        "choices": [
            {"index": 0, "message": whole_message, "finish_reason": "stop", **(choice or {})}
        ],
        "usage": {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110},
        **more,
    }


def plain(text: str | None, headers: dict[str, str] | None = None, **more: Any) -> Answer:
    return whole(200, json.dumps(completion(text, **more)), headers)


def whole(status: int, text: str, headers: dict[str, str] | None = None) -> Answer:
    def answer(exchange: Exchange) -> None:
        data = text.encode()
        kinds = {"Content-Type": "application/json", "Content-Length": str(len(data))}
        exchange.begin(status, {**kinds, **(headers or {})})
        exchange.wfile.write(data)

    return answer


def error(status: int, message: str, code: str = "bad", **headers: str) -> Answer:
    """`headers` with underscores instead of hyphens."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return whole(status, json.dumps({"error": {"message": message, "code": code}}), named)


def too_long() -> Answer:
    said = "This model's maximum context length is 512 tokens. Please reduce the length."
    return error(400, said, "context_length_exceeded")


def redirect(location: str) -> Answer:
    return whole(307, "", {"Location": location})


def delta(text: str, finish_reason: str | None = None, **more: Any) -> Any:
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish_reason}
    return {"id": "chatcmpl-2", "model": "policy-7b", "choices": [{**choice, **more}]}


def usage_chunk(**more: Any) -> Any:
    counts = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
    return {"id": "chatcmpl-2", "choices": [], "usage": counts, **more}


def stream(*chunks: Any, done: bool = True, framed: bool = True) -> Answer:
    """Server-sent events; without `done`, the connection ends where [DONE] should be. Without
    `framed`, the end of the connection is the proper end of the body."""

    def answer(exchange: Exchange) -> None:
        kinds = {"Content-Type": "text/event-stream; charset=utf-8"}
        exchange.begin(200, {**kinds, **({"Transfer-Encoding": "chunked"} if framed else {})})
        write = exchange.chunk if framed else exchange.wfile.write
        write(b": a comment\r\n\r\n")
        for item in chunks:
            data = b"data: " + json.dumps(item).encode() + b"\n\n"
            write(data[:9])
            write(data[9:])
        if done:
            write(b"data: [DONE]\n\n")
            if framed:
                write(b"")

    return answer


def cut_before_headers() -> Answer:
    return lambda exchange: None


def cut_in_the_body() -> Answer:
    def answer(exchange: Exchange) -> None:
        exchange.begin(200, {"Content-Type": "application/json", "Content-Length": "1000"})
        exchange.wfile.write(b'{"id": "chatcmpl')

    return answer


def stall(after_headers: bool = False) -> Answer:
    def answer(exchange: Exchange) -> None:
        if after_headers:
            exchange.begin(200, {"Content-Type": "application/json", "Content-Length": "1000"})
        exchange.wait_for_the_end()

    return answer


def after(seconds: float, answer: Answer) -> Answer:
    def late(exchange: Exchange) -> None:
        exchange.wait_for_the_end(seconds)
        answer(exchange)

    return late


def drip() -> Answer:
    """White space for ever, a byte at a time."""

    def answer(exchange: Exchange) -> None:
        exchange.begin(200, {"Content-Type": "application/json"})
        while not exchange.wait_for_the_end(DRIP_SECONDS):
            exchange.wfile.write(b" ")

    return answer


def flood(size: int) -> Answer:
    return whole(200, " " * size)
