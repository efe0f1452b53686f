"""Stands between a client and the service, and cuts connections as a bad network does."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from urllib.parse import urlsplit

PIECE_BYTES = 65536


class CuttingProxy:
    """Cuts the first connections, each after so many bytes of answers; 0 loses the whole answer."""

    def __init__(self, url: str, *cuts: int) -> None:
        service = urlsplit(url)
        self._service = (service.hostname or "", service.port or 80)
        self._cuts = list(cuts)
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.cut = 0

    def __enter__(self) -> CuttingProxy:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *reason: object) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                service = socket.create_connection(self._service)
                with self._lock:
                    left = self._cuts.pop(0) if self._cuts else None
                for pump, ends in (
                    (self._ask, (client, service)),
                    (self._answer, (service, client, left)),
                ):
                    threading.Thread(target=pump, args=ends, daemon=True).start()

    def _ask(self, client: socket.socket, service: socket.socket) -> None:
        with suppress(OSError):
            while data := client.recv(PIECE_BYTES):
                service.sendall(data)
        close(service)

    def _answer(self, service: socket.socket, client: socket.socket, left: int | None) -> None:
        with suppress(OSError):
            while data := service.recv(PIECE_BYTES):
                if left is not None and len(data) > left:
                    client.sendall(data[:left])
                    self.cut += 1
                    break
                client.sendall(data)
                left = None if left is None else left - len(data)
        close(client)
        close(service)


def close(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
