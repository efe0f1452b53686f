"""Takes callbacks."""

from __future__ import annotations

import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from system_test import HOST


class _Take(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


def take_callbacks(test: unittest.TestCase) -> str:
    """The address of a receiver that answers until the test has ended."""
    server = ThreadingHTTPServer((HOST, 0), _Take)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    test.addCleanup(thread.join)
    test.addCleanup(server.server_close)
    test.addCleanup(server.shutdown)
    return f"http://{HOST}:{server.server_port}/"
