"""What pods use of CPU, memory and network: a base for each program, and a share per request."""

from __future__ import annotations

from collections import defaultdict

from aiopslab_runner.simulator.pods import Pod
from aiopslab_runner.simulator.simulation import Simulation

WINDOW_SECONDS = 15
CPU_SECONDS_PER_SPAN = 0.004
BYTES_PER_SPAN = 1800
BASE_CPU = {"mongod": 0.006, "consul": 0.012, "all-in-one": 0.004, "prometheus": 0.020}
BASE_MEMORY_MIB = {"mongod": 92, "consul": 48, "all-in-one": 130, "prometheus": 310, "coredns": 22}
Spans = dict[tuple[str, int], int]


def spans_per_window(simulation: Simulation) -> Spans:
    """How many spans each service had, by (service, number of the 15-second window)."""
    counted: Spans = defaultdict(int)
    for trace in simulation.traffic.traces:
        for span in trace:
            counted[(span.service, int(span.start // WINDOW_SECONDS))] += 1
    return counted


def cpu_cores(pod: Pod, window: int, spans: Spans) -> float:
    if not _runs(pod, window):
        return 0.0
    work = spans.get((pod.deployment, window), 0) * CPU_SECONDS_PER_SPAN / WINDOW_SECONDS
    return round(BASE_CPU.get(pod.binary, 0.002) + work, 6)


def memory_bytes(pod: Pod, window: int) -> int:
    return BASE_MEMORY_MIB.get(pod.binary, 18) * 2**20 if _runs(pod, window) else 0


def network_bytes_per_second(pod: Pod, window: int, spans: Spans) -> float:
    sent = spans.get((pod.deployment, window), 0) * BYTES_PER_SPAN / WINDOW_SECONDS
    return round(sent * (1 - pod.network.lost_share), 3) if _runs(pod, window) else 0.0


def now(simulation: Simulation, pod: Pod) -> tuple[float, int]:
    """CPU in cores and memory in bytes, over the last whole window."""
    window = int(simulation.cluster.now // WINDOW_SECONDS) - 1
    return cpu_cores(pod, window, spans_per_window(simulation)), memory_bytes(pod, window + 1)


def _runs(pod: Pod, window: int) -> bool:
    started = pod.started
    return pod.ready and started is not None and started < (window + 1) * WINDOW_SECONDS
