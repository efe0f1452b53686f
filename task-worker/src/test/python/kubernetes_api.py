"""A Kubernetes API server, as far as AIOpsLab asks one: everything is ready, nothing remains."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

READY_POD = {
    "metadata": {"name": "pod-0"},
    "status": {
        "phase": "Running",
        "containerStatuses": [
            {"name": "main", "ready": True, "image": "x", "imageID": "x", "restartCount": 0}
        ],
    },
}


class KubernetesApi:
    """Listens on a free local port until `close`; `requests` are "VERB path" in order."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        api = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                sent = self.rfile.read(length)
                path = self.path.partition("?")[0]
                api.requests.append(f"{self.command} {path}")
                status, body = respond(self.command, path, sent)
                data = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = answer

            def log_message(self, *arguments: object) -> None:
                pass

        return Handler


def respond(verb: str, path: str, sent: bytes) -> tuple[int, dict[str, Any]]:
    if verb == "POST":
        return 201, json.loads(sent)
    if verb == "GET" and path.endswith("/pods"):
        return 200, {"kind": "PodList", "items": [READY_POD]}
    if verb == "GET" and path.endswith("/status"):
        return 200, {"kind": "Job", "metadata": {"name": "job"}, "status": {"ready": 1}}
    if verb == "GET" and "/services/" in path:
        return 200, {"metadata": {"name": "frontend"}, "spec": {"clusterIP": "10.0.0.1"}}
    if verb == "DELETE" and "/configmaps/" not in path:
        return 200, {"kind": "Status", "status": "Success"}
    return 404, {"kind": "Status", "status": "Failure", "reason": "NotFound", "code": 404}
