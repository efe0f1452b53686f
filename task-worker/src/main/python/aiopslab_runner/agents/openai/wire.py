"""A connection that ends at its deadline, however little a server sends, and however slowly."""

from __future__ import annotations

import io
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiopslab_runner.agents.openai.addresses import usable_addresses
from aiopslab_runner.agents.openai.base_url import BaseUrl

PIECE_BYTES = 65536
# A signal that lands just before a wait begins is only noticed when the wait is over.
LONGEST_WAIT_SECONDS = 0.5


class Deadline:
    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def remaining(self) -> float:
        """Seconds, more than 0. Raises TimeoutError after the end."""
        seconds = self._end - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        return seconds


class Wire:
    """As much of a socket as http.client uses; it is closed by whoever opened it."""

    def __init__(self, connection: socket.socket, deadline: Deadline) -> None:
        self._connection = connection
        self._deadline = deadline

    def sendall(self, data: bytes) -> None:
        left = memoryview(data)
        while left:
            self._connection.settimeout(self._deadline.remaining())
            left = left[self._connection.send(left[:PIECE_BYTES]) :]

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Incoming(self._connection, self._deadline), PIECE_BYTES)

    def close(self) -> None:
        """http.client closes after the headers, when the body is still to be read."""


class _Incoming(io.RawIOBase):
    def __init__(self, connection: socket.socket, deadline: Deadline) -> None:
        self._connection = connection
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while True:
            self._connection.settimeout(min(self._deadline.remaining(), LONGEST_WAIT_SECONDS))
            try:
                return self._connection.recv_into(buffer)
            except socket.timeout:
                continue


@contextmanager
def open_wire(url: BaseUrl, deadline: Deadline) -> Iterator[Wire]:
    """Connects to the very address that was checked; for https, the host's name is verified."""
    addresses = usable_addresses(url.host, url.port, deadline.remaining())
    connection = _connect(addresses, deadline)
    try:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if url.scheme == "https":
            connection.settimeout(deadline.remaining())
            context = ssl.create_default_context()
            connection = context.wrap_socket(connection, server_hostname=url.host)
        yield Wire(connection, deadline)
    finally:
        connection.close()


def _connect(addresses: list[tuple[int, Any]], deadline: Deadline) -> socket.socket:
    """The first that answers; each gets its share of the time, so that the last gets a chance."""
    refusal: OSError | None = None
    for position, (family, address) in enumerate(addresses):
        connection = socket.socket(family, socket.SOCK_STREAM)
        try:
            connection.settimeout(deadline.remaining() / (len(addresses) - position))
            connection.connect(address)
            return connection
        except OSError as reason:
            connection.close()
            refusal = reason
        except BaseException:
            connection.close()
            raise
    raise refusal or OSError("the name has no address")
