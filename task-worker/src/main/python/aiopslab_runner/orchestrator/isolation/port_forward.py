"""Port-forwards on ports that kubectl picks, so that parallel clusters never read each other.

AIOpsLab asks http://localhost:32000 for metrics and http://localhost:16686 for traces whichever
cluster a run is on (orchestrator/actions/base.py, observer/trace_api.py): the second run on a host
would read the first one's telemetry. Here each connection forwards a free local port to its own
cluster and asks that one.
"""

from __future__ import annotations

import re
import subprocess
import threading
from typing import Any

from aiopslab_runner.orchestrator.checkout import Checkout

PATIENCE_SECONDS = 20.0


def forward_on_free_ports(checkout: Checkout) -> None:
    actions = checkout.load("aiopslab.orchestrator.actions.base")
    metrics = checkout.load("aiopslab.observer.metric_api")
    actions.PrometheusAPI = metrics_api_of(metrics.PrometheusAPI, metrics.PrometheusConnect)
    actions.TraceAPI = trace_api_of(checkout.load("aiopslab.observer.trace_api").TraceAPI)


def metrics_api_of(original: Any, connect: Any) -> Any:
    for name in ("find_free_port", "start_port_forward", "stop_port_forward"):
        getattr(original, name)

    class PrometheusAPI(original):
        def __init__(self, url: str, namespace: str) -> None:
            super().__init__(url, namespace)
            self.client = connect(f"http://127.0.0.1:{self.port}", disable_ssl=True)

        def find_free_port(self, start: int = 0, end: int = 0) -> int:
            return 0

        def start_port_forward(self) -> None:
            forward = PortForward("svc/prometheus-server", 80, "observe")
            self.port, self.port_forward_process = forward.port, forward.process

    return PrometheusAPI


def trace_api_of(original: Any) -> Any:
    for name in ("get_nodeport", "start_port_forward", "get_jaeger_pod_name"):
        getattr(original, name)

    class TraceAPI(original):
        base_url: str

        def __init__(self, namespace: str) -> None:
            self.port = 0
            super().__init__(namespace)
            self.base_url = re.sub(
                r"//localhost:\d+", f"//127.0.0.1:{self.port}", self.base_url, count=1
            )

        def get_nodeport(self, service_name: str, namespace: str) -> None:
            """None: a node port on the host belongs to nobody, or to another cluster."""

        def start_port_forward(self) -> None:
            shop = self.namespace == "astronomy-shop"
            target = f"pod/{self.get_jaeger_pod_name()}" if shop else "svc/jaeger"
            forward = PortForward(target, 16686, self.namespace)
            self.port, self.port_forward_process = forward.port, forward.process

    return TraceAPI


class PortForward:
    """`kubectl port-forward` from a free local port. Raises RuntimeError when it fails."""

    def __init__(self, target: str, remote_port: int, namespace: str) -> None:
        command = ["kubectl", "port-forward", "--address", "127.0.0.1"]
        self.process = subprocess.Popen(
            [*command, target, f":{remote_port}", "-n", namespace],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.port = 0
        self._said: list[str] = []
        self._up = threading.Event()
        threading.Thread(target=self._read, daemon=True).start()
        if not self._up.wait(PATIENCE_SECONDS) or not self.port:
            self.process.kill()
            self.process.wait()
            said = " ".join(self._said)[-500:] or "it said nothing"
            raise RuntimeError(f"kubectl port-forward to {target} in {namespace} failed: {said}")

    def _read(self) -> None:
        """To the end, so that kubectl never waits for a reader."""
        try:
            for line in self.process.stdout or ():
                found = re.match(r"Forwarding from 127\.0\.0\.1:(\d+) ->", line)
                if found:
                    self.port = int(found.group(1))
                    self._up.set()
                elif not self._up.is_set():
                    self._said.append(line.strip())
        except ValueError:  # closed by its owner
            pass
        self._up.set()
