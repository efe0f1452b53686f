"""Connections to the service, kept open for the next call; answers read in bounded pieces."""

from __future__ import annotations

import base64
import http.client
import os
import socket
import ssl
import threading
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import SplitResult, unquote, urlsplit

from aiopslab_tasks.errors import ConnectionFailedError, UnexpectedAnswerError

PIECE_BYTES = 64 * 1024
MOST_BYTES = 256 * 1024 * 1024
MOST_IDLE = 8
# What a connection dies of when the service has closed it while it was idle.
STALE = (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError)
BROKEN = (OSError, http.client.HTTPException, zlib.error)


class Answer:
    """An answer whose body has not been read yet, or not all of it."""

    def __init__(self, response: http.client.HTTPResponse, where: str) -> None:
        self._response = response
        self._where = where
        self._whole = False
        self._process = os.getpid()
        gzipped = response.headers.get("Content-Encoding", "").strip().lower() == "gzip"
        self._decoder = zlib.decompressobj(16 + zlib.MAX_WBITS) if gzipped else None

    @property
    def status(self) -> int:
        return self._response.status

    def header(self, name: str) -> str | None:
        return self._response.headers.get(name)

    @property
    def is_reusable(self) -> bool:
        """Whether its connection can take another request."""
        return self._whole and not self._response.will_close

    def pieces(self) -> Iterator[bytes]:
        """The body as it comes. Raises ConnectionFailedError when it breaks off."""
        try:
            is_empty = True
            while True:
                if os.getpid() != self._process:
                    raise failed(self._where, "it was asked for before this process was forked")
                data = self._response.read1(PIECE_BYTES)
                if not data:
                    break
                is_empty = False
                yield from self._decoded(data)
            self._check_end(is_empty)
        except BROKEN as reason:
            raise failed(self._where, reason) from reason
        self._whole = True

    def _decoded(self, data: bytes) -> Iterator[bytes]:
        if self._decoder is None:
            yield data
            return
        while data:
            yield self._decoder.decompress(data, PIECE_BYTES)
            data = self._decoder.unconsumed_tail

    def _check_end(self, is_empty: bool) -> None:
        """An answer that is cut in its headers looks like an empty one of unknown length."""
        length = 0 if self._response.chunked else self._response.length
        cut_in_headers = length is None and is_empty
        cut_in_body = bool(length) or (self._decoder is not None and not self._decoder.eof)
        if cut_in_headers or cut_in_body:
            raise http.client.IncompleteRead(b"", length)

    def read(self, most: int = MOST_BYTES) -> bytes:
        pieces, size = [], 0
        for piece in self.pieces():
            pieces.append(piece)
            size += len(piece)
            if size > most:
                raise too_large(self._where, most)
        return b"".join(pieces)

    def lines(self, most: int = MOST_BYTES) -> Iterator[str]:
        """Without their ends; an unfinished last one is left out."""
        rest: list[bytes] = []
        size = 0
        for piece in self.pieces():
            *ended, last = piece.split(b"\n")
            for line in ended:
                yield b"".join([*rest, line]).decode("utf-8", "replace").rstrip("\r")
                rest, size = [], 0
            rest.append(last)
            size += len(last)
            if size > most:
                raise too_large(self._where, most)


class Idle:
    """Connections of one process that wait for their next request."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connections: list[http.client.HTTPConnection] = []

    def take(self) -> http.client.HTTPConnection | None:
        with self._lock:
            return self._connections.pop() if self._connections else None

    def give_back(self, connection: http.client.HTTPConnection) -> None:
        with self._lock:
            if len(self._connections) < MOST_IDLE:
                self._connections.append(connection)
                return
        connection.close()

    def close(self) -> None:
        """Takes no lock: in a forked process one that was held when it was forked stays so."""
        while self._connections:
            self._connections.pop().close()

    def __del__(self) -> None:
        """Nobody can close a client that was unpickled for one call."""
        self.close()


class Connections:
    """For any number of threads; each call has a connection of its own as long as it lasts.

    A connection belongs to the process that has opened it: a forked one opens its own, a copy and
    an unpickled one too. Proxies are not used, and redirects are not followed: the service does not
    redirect.
    """

    def __init__(self, base_url: str, context: ssl.SSLContext | None = None) -> None:
        self._base_url = base_url
        self._url = read_base_url(base_url)
        self._authorization = _authorization(self._url)
        self._context = context
        self._idle_by_process: dict[int, Idle] = {}

    def __reduce__(self) -> tuple[type[Connections], tuple[str]]:
        if self._context is not None:
            raise TypeError(
                "an ssl_context cannot be pickled; let the environment variable SSL_CERT_FILE name "
                "your authority instead, or make the client in the process that uses it"
            )
        return Connections, (self._base_url,)

    def __copy__(self) -> Connections:
        return Connections(self._base_url, self._context)

    def __deepcopy__(self, memo: dict[int, object]) -> Connections:
        return self.__copy__()

    @property
    def prefix(self) -> str:
        """The path of the base URL, without a slash at its end."""
        return self._url.path.rstrip("/")

    @contextmanager
    def ask(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str],
        body: bytes | None,
        timeout: float,
    ) -> Iterator[Answer]:
        """Raises ConnectionFailedError. `timeout` in seconds is for each wait for data."""
        address = self._url.netloc.rpartition("@")[2]
        where = f"{self._url.scheme}://{address}{target.partition('?')[0]}"
        try:
            connection, response = self._send(method, target, headers, body, timeout)
        except BROKEN as reason:
            raise failed(where, reason) from reason
        answer = Answer(response, where)
        try:
            yield answer
        finally:
            response.close()
            if answer.is_reusable:
                self._idle().give_back(connection)
            else:
                connection.close()

    def _send(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str],
        body: bytes | None,
        timeout: float,
    ) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
        """A connection that the service has closed meanwhile is replaced without a word, which is
        right because every request of this client can be repeated."""
        while True:
            connection, is_new = self._take(timeout)
            try:
                sent = {**headers, **self._authorization}
                connection.request(method, target, body=body, headers=sent)
                return connection, connection.getresponse()
            except BaseException as reason:
                connection.close()
                if is_new or not isinstance(reason, STALE):
                    raise

    def _take(self, timeout: float) -> tuple[http.client.HTTPConnection, bool]:
        idle = self._idle().take()
        if idle is None:
            return self._connection(timeout), True
        if isinstance(idle.sock, socket.socket):
            idle.sock.settimeout(timeout)
        return idle, False

    def _idle(self) -> Idle:
        process = os.getpid()
        idle = self._idle_by_process.get(process)
        if idle is None:
            self._forget_other_processes(process)
            idle = self._idle_by_process.setdefault(process, Idle())
        return idle

    def _forget_other_processes(self, process: int) -> None:
        """Closes what this process holds of their connections, which does not end them there."""
        for other in [one for one in self._idle_by_process if one != process]:
            inherited = self._idle_by_process.pop(other, None)
            if inherited is not None:
                inherited.close()

    def _connection(self, timeout: float) -> http.client.HTTPConnection:
        host, port = self._url.hostname or "", self._url.port
        if self._url.scheme == "https":
            return http.client.HTTPSConnection(host, port, timeout=timeout, context=self._context)
        return http.client.HTTPConnection(host, port, timeout=timeout)

    def close(self) -> None:
        for idle in list(self._idle_by_process.values()):
            idle.close()


def read_base_url(text: str) -> SplitResult:
    """Raises ValueError that says what is wrong, but nothing of a user or password."""
    url = _split(text)
    if url is None:
        raise ValueError(
            f"the base URL must be like http://localhost:8000, not {_without_secrets(text)}; set "
            "it by base_url or AIOPSLAB_URL"
        )
    return url


def _split(text: str) -> SplitResult | None:
    if not isinstance(text, str) or not text.isprintable() or " " in text:
        return None
    try:
        url = urlsplit(text)
        _ = url.port  # raises ValueError, too
    except ValueError:
        return None
    is_one = url.scheme in ("http", "https") and url.hostname and url.path.isascii()
    return url if is_one and not url.query and not url.fragment else None


def _without_secrets(text: str) -> str:
    if not isinstance(text, str):
        return type(text).__name__
    _, at, rest = text.rpartition("@")
    return repr(f"…@{rest}" if at else text)


def _authorization(url: SplitResult) -> dict[str, str]:
    """Basic, for a proxy that stands before the service; the service itself knows no users."""
    if url.username is None and url.password is None:
        return {}
    both = f"{unquote(url.username or '')}:{unquote(url.password or '')}"
    return {"Authorization": "Basic " + base64.b64encode(both.encode()).decode()}


def failed(where: str, reason: BaseException | str) -> ConnectionFailedError:
    said = reason if isinstance(reason, str) else str(reason) or type(reason).__name__
    return ConnectionFailedError(
        f"No whole answer from {where} ({said}); check that the service is up and that the base "
        "URL is right.",
        code="connection_failed",
    )


def too_large(where: str, most: int) -> UnexpectedAnswerError:
    return UnexpectedAnswerError(
        f"{where} sends more than {most} bytes in one piece, which is not read on; ask for less, "
        "with a smaller limit for instance.",
        code="answer_too_large",
    )
