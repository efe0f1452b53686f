"""Starts the containers of pods, and starts those that failed again, later each time."""

from __future__ import annotations

from aiopslab_runner.simulator import startup
from aiopslab_runner.simulator.cluster import Cluster
from aiopslab_runner.simulator.pods import LastEnd, Pod, State

FIRST_BACKOFF_SECONDS = 10.0
LONGEST_BACKOFF_SECONDS = 300.0
EXIT_REASONS = {State.CRASH_LOOP: "Error", State.CANNOT_EXECUTE: "StartError"}


def start_what_is_due(cluster: Cluster) -> None:
    """Attempts come in the order of their time, so that one pod can wait for another."""
    while True:
        due = [p for p in cluster.pods if not p.ready and p.next_attempt <= cluster.now]
        if not due:
            return
        pod = min(due, key=lambda p: (p.next_attempt, p.name))
        _attempt(cluster, pod, pod.next_attempt)


def kill_container(cluster: Cluster, pod: Pod) -> None:
    """Ends the container as SIGKILL does; it is started again at once, with a new log."""
    pod.last_end = LastEnd("Error", 137, cluster.now)
    _record(cluster, pod, cluster.now, "Killing", f"Stopping container {pod.container['name']}")
    pod.state = State.PENDING
    pod.next_attempt = cluster.now
    start_what_is_due(cluster)


def _attempt(cluster: Cluster, pod: Pod, at: float) -> None:
    if pod.attempts:
        pod.previous_log = list(pod.log) or pod.previous_log
        pod.log.clear()
    outcome = startup.attempt(cluster, pod, at)
    pod.state, pod.why = outcome.state, outcome.why
    if outcome.state is State.PENDING:
        _record(cluster, pod, at, "FailedScheduling", outcome.why, warning=True)
        pod.next_attempt = at + FIRST_BACKOFF_SECONDS
        return
    if not pod.node:
        pod.node = _choose_node(cluster, pod)
        place = f"Successfully assigned {pod.namespace}/{pod.name} to {pod.node}"
        _record(cluster, pod, at, "Scheduled", place)
    pod.attempts += 1
    if outcome.state is State.CANNOT_PULL:
        _record(cluster, pod, at, "Failed", f"Error: ErrImagePull: {outcome.why}", warning=True)
    else:
        _note_start(cluster, pod, at, outcome)
    wait = min(FIRST_BACKOFF_SECONDS * 2 ** (pod.attempts - 1), LONGEST_BACKOFF_SECONDS)
    pod.next_attempt = at + wait


def _note_start(cluster: Cluster, pod: Pod, at: float, outcome: startup.Start) -> None:
    name = pod.container["name"]
    pod.restarts += 1 if pod.started is not None else 0
    pod.started = at
    for line in outcome.lines:
        pod.print(at, line)
    _record(cluster, pod, at, "Pulled", f'Container image "{pod.image}" already present on machine')
    if outcome.state is State.CANNOT_EXECUTE:
        _record(cluster, pod, at, "Failed", f"Error: {outcome.why}", warning=True)
    else:
        _record(cluster, pod, at, "Created", f"Created container: {name}")
        _record(cluster, pod, at, "Started", f"Started container {name}")
    if outcome.state is not State.RUNNING:
        reason = EXIT_REASONS[outcome.state]
        pod.last_end = LastEnd(reason, outcome.exit_code, at, outcome.why)
        back_off = f"Back-off restarting failed container {name} in pod {pod.name}"
        _record(cluster, pod, at, "BackOff", back_off, warning=True)


def _choose_node(cluster: Cluster, pod: Pod) -> str:
    wanted = (pod.spec.get("nodeSelector") or {}).get(startup.HOSTNAME_LABEL)
    return str(wanted or pod.spec.get("nodeName") or cluster.nodes[-1])


def _record(
    cluster: Cluster, pod: Pod, at: float, reason: str, message: str, warning: bool = False
) -> None:
    about = (pod.namespace, "Pod", pod.name)
    cluster.events.record(at, about, reason, message, warning)
