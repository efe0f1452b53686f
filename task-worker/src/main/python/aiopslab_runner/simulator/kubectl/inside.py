"""`kubectl logs`, `exec` and `top`: what goes on inside the pods."""

from __future__ import annotations

import re

from aiopslab_runner.simulator import container_shell, usage
from aiopslab_runner.simulator.cluster import Cluster
from aiopslab_runner.simulator.kubectl.errors import KubectlError
from aiopslab_runner.simulator.kubectl.kinds import find_kind
from aiopslab_runner.simulator.kubectl.options import CommandLine
from aiopslab_runner.simulator.kubectl.tables import aligned
from aiopslab_runner.simulator.kubectl.targets import one_pod
from aiopslab_runner.simulator.pods import Pod, State
from aiopslab_runner.simulator.simulation import Simulation


def logs(cluster: Cluster, line: CommandLine) -> str:
    if line.has("--follow"):
        raise KubectlError("Error: nothing can be followed here; leave out -f.")
    if line.words:
        pods = [one_pod(cluster, line.namespace, line.words[0])]
    elif "--selector" in line.options:
        wanted = dict(
            pair.split("=", 1) for pair in line.options["--selector"].split(",") if "=" in pair
        )
        pods = list(cluster.pods_selected(line.namespace, wanted))
    else:
        raise KubectlError("error: expected 'logs (POD | TYPE/NAME)'")
    if not pods:
        return f"No resources found in {line.namespace} namespace."
    tail = line.number("--tail", -1)
    wanted_container = line.words[1] if len(line.words) > 1 else line.options.get("--container", "")
    printed = [
        _log(cluster, pod, line, wanted_container, tail if tail is not None else -1) for pod in pods
    ]
    return "\n".join(filter(None, printed))


def _log(cluster: Cluster, pod: Pod, line: CommandLine, container: str, tail: int) -> str:
    if container not in ("", pod.container["name"]):
        raise KubectlError(
            f"error: container {container[:100]} is not valid for pod {pod.name}; it has: "
            f"{pod.container['name']}"
        )
    entries = list(pod.log)
    if line.has("--previous"):
        if pod.previous_log is None:
            raise KubectlError(
                f"Error from server (BadRequest): previous terminated container "
                f'"{pod.container["name"]}" in pod "{pod.name}" not found'
            )
        entries = pod.previous_log
    elif pod.started is None:
        waiting = pod.state.value if pod.why else "ContainerCreating"
        raise KubectlError(
            f'Error from server (BadRequest): container "{pod.container["name"]}" in pod '
            f'"{pod.name}" is waiting to start: {waiting}'
        )
    earliest = _earliest(cluster, line)
    entries = [(at, text) for at, text in entries if at >= earliest]
    kept = entries[-tail:] if tail > 0 else entries if tail < 0 else []
    stamped = line.has("--timestamps")
    return "\n".join(f"{cluster.clock.stamp(at)} {text}" if stamped else text for at, text in kept)


def _earliest(cluster: Cluster, line: CommandLine) -> float:
    """For --since=30s, 5m or 2h, in simulated seconds."""
    text = line.options.get("--since", "")
    if not text:
        return 0.0
    found = re.fullmatch(r"(\d{1,6})([smh])", text, re.ASCII)
    if found is None:
        raise KubectlError(f'error: invalid argument "{text[:50]}" for "--since" flag')
    return cluster.now - int(found.group(1)) * {"s": 1, "m": 60, "h": 3600}[found.group(2)]


def execute(cluster: Cluster, line: CommandLine) -> str:
    """`exec POD -- command`: the few programs that the pod's image holds."""
    words, command = line.words[:1], line.inner or line.words[1:]
    if not words or not command:
        raise KubectlError("error: write kubectl exec <pod> -n <namespace> -- <command>")
    pod = one_pod(cluster, line.namespace, words[0])
    if pod.state is not State.RUNNING:
        raise KubectlError(
            f'error: unable to upgrade connection: container not found ("{pod.container["name"]}")'
        )
    output, status = container_shell.execute(cluster, pod, command)
    if status:
        raise KubectlError(f"{output}\ncommand terminated with exit code {status}".lstrip("\n"))
    return output


def top(simulation: Simulation, line: CommandLine) -> str:
    if not line.words:
        raise KubectlError("error: use kubectl top pods or kubectl top nodes")
    kind, names = find_kind(line.words[0]), line.words[1:]
    if kind.name == "Node":
        return _top_nodes(simulation)
    if kind.name != "Pod":
        raise KubectlError("error: use kubectl top pods or kubectl top nodes")
    everywhere = line.has("--all-namespaces")
    rows = [["NAMESPACE"] if everywhere else []]
    rows[0] += ["NAME", "CPU(cores)", "MEMORY(bytes)"]
    for pod in sorted(simulation.cluster.pods, key=lambda p: (p.namespace, p.name)):
        if pod.ready and (everywhere or pod.namespace == line.namespace):
            if names and pod.name not in names:
                continue
            cpu, memory = usage.now(simulation, pod)
            cells = [pod.name, f"{round(cpu * 1000)}m", f"{memory // 2**20}Mi"]
            rows.append([pod.namespace, *cells] if everywhere else cells)
    return aligned(rows) if len(rows) > 1 else f"No resources found in {line.namespace} namespace."


def _top_nodes(simulation: Simulation) -> str:
    rows = [["NAME", "CPU(cores)", "CPU%", "MEMORY(bytes)", "MEMORY%"]]
    for node in simulation.cluster.nodes:
        pods = [p for p in simulation.cluster.pods if p.ready and p.node == node]
        used = [usage.now(simulation, pod) for pod in pods]
        cpu = 0.1 + sum(cores for cores, _ in used)
        memory = 600 * 2**20 + sum(size for _, size in used)
        cells = [f"{round(cpu * 1000)}m", f"{round(cpu / 8 * 100)}%", f"{memory // 2**20}Mi"]
        rows.append([node, *cells, f"{round(memory / 2**34 * 100)}%"])
    return aligned(rows)
