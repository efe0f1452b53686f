"""`get_metrics` and `get_traces`: the model's numbers and spans, saved as CSV files."""

from __future__ import annotations

import csv
import io
from typing import Any

from aiopslab_runner.simulator import usage
from aiopslab_runner.simulator.kubectl.tables import aligned
from aiopslab_runner.simulator.simulation import Simulation
from aiopslab_runner.simulator.workspace import Workspace

TRACE_COLUMNS = [
    "trace_id",
    "span_id",
    "parent_span",
    "service_name",
    "operation_name",
    "start_time",
    "duration",
    "has_error",
    "response",
]


def save_metrics(
    simulation: Simulation, workspace: Workspace, namespace: str, minutes: int
) -> list[str]:
    """One file per metric, a row per pod and 15 seconds; the paths of the files."""
    cluster = simulation.cluster
    spans = usage.spans_per_window(simulation)
    last = int(cluster.now // usage.WINDOW_SECONDS)
    first = max(0, last - minutes * 60 // usage.WINDOW_SECONDS)
    pods = sorted((p for p in cluster.pods if p.namespace == namespace), key=lambda p: p.name)
    metrics: dict[str, Any] = {
        "container_cpu_usage_cores": lambda pod, at: usage.cpu_cores(pod, at, spans),
        "container_memory_working_set_bytes": usage.memory_bytes,
        "container_network_transmit_bytes_per_second": lambda pod, at: (
            usage.network_bytes_per_second(pod, at, spans)
        ),
        "kube_pod_container_status_restarts_total": lambda pod, at: pod.restarts,
        "kube_pod_status_ready": lambda pod, at: int(pod.ready),
    }
    folder = f"metrics_output/metric_{cluster.clock.epoch(cluster.now)}"
    paths = []
    for name, value in metrics.items():
        at_end_only = name.startswith("kube_")
        windows = range(last, last + 1) if at_end_only else range(first, last)
        rows = [
            [cluster.clock.epoch(at * usage.WINDOW_SECONDS), pod.name, value(pod, at)]
            for pod in pods
            for at in windows
        ]
        paths.append(f"{folder}/{name}.csv")
        workspace.save(paths[-1], _csv(["timestamp", "pod", "value"], rows))
    return paths


def save_traces(simulation: Simulation, workspace: Workspace, minutes: int) -> str:
    """The spans of the last minutes, one row each, times in microseconds; the path of the file."""
    cluster = simulation.cluster
    earliest = cluster.now - minutes * 60
    rows = [
        [
            span.trace_id,
            span.span_id,
            span.parent or "ROOT",
            span.service,
            span.operation,
            round(cluster.clock.at(span.start).timestamp() * 1e6),
            round(span.seconds * 1e6),
            span.error,
            span.response,
        ]
        for trace in simulation.traffic.traces
        for span in trace
        if span.start >= earliest
    ]
    path = f"trace_output/traces_{cluster.clock.epoch(cluster.now)}.csv"
    workspace.save(path, _csv(TRACE_COLUMNS, rows))
    return path


def as_table(text: str) -> str:
    return aligned([row for row in csv.reader(io.StringIO(text)) if row])


def _csv(header: list[str], rows: list[list[Any]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    return text.getvalue()
