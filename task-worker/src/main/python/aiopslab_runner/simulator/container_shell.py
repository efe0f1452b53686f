"""What the programs in a pod's image do: `mongo`, and in its image also `bash`, `ls` and `cat`.

A script is read, never run: each of its lines is given to the same few programs.
"""

from __future__ import annotations

import shlex

from aiopslab_runner.simulator import mongo_shell
from aiopslab_runner.simulator.cluster import Cluster
from aiopslab_runner.simulator.images import find_image
from aiopslab_runner.simulator.pods import Pod

SHELLS = ("bash", "sh")
NOT_FOUND = 127
DEPTH_LIMIT = 4


def execute(cluster: Cluster, pod: Pod, command: list[str], depth: int = 0) -> tuple[str, int]:
    """Output and exit status."""
    program = command[0].rpartition("/")[2]
    image = find_image(pod.image)
    present = {*(image.binaries if image else ()), "echo", "env", "hostname"}
    if "bash" in present:
        present.add("sh")
    if program not in present or depth > DEPTH_LIMIT:
        return f'exec: "{command[0][:100]}": executable file not found in $PATH', NOT_FOUND
    if program == "mongo":
        return mongo_shell.execute(cluster.mongo_servers.get(pod.deployment), command[1:])
    if program in SHELLS:
        return _shell(cluster, pod, command[1:], depth)
    if program == "ls":
        return _list(cluster, pod, command[1:])
    if program == "cat":
        return _cat(cluster, pod, command[1:])
    if program == "echo":
        return " ".join(command[1:]), 0
    if program == "hostname":
        return pod.name, 0
    if program == "env":
        return f"HOSTNAME={pod.name}", 0
    return f"{program}: already running as process 1 of this container", 1


def files(cluster: Cluster, pod: Pod) -> dict[str, str]:
    """The config maps mounted into the pod, by path."""
    mounts = {m.get("name"): m.get("mountPath") for m in _dicts(pod.container.get("volumeMounts"))}
    found = {}
    for volume in _dicts(pod.spec.get("volumes")):
        path = mounts.get(volume.get("name"))
        projected = volume.get("projected")
        if not isinstance(path, str) or not isinstance(projected, dict):
            continue
        for source in _dicts(projected.get("sources")):
            reference = source.get("configMap")
            name = reference.get("name") if isinstance(reference, dict) else None
            config_map = cluster.find("ConfigMap", pod.namespace, str(name))
            for key, text in ((config_map or {}).get("data") or {}).items():
                found[f"{path.rstrip('/')}/{key}"] = text
    return found


def _dicts(value: object) -> list[dict]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _shell(cluster: Cluster, pod: Pod, arguments: list[str], depth: int) -> tuple[str, int]:
    if arguments[:1] in (["-c"], ["-lc"]) and len(arguments) > 1:
        lines = arguments[1].split("\n")
    elif arguments and not arguments[0].startswith("-"):
        text = files(cluster, pod).get(arguments[0])
        if text is None:
            return f"bash: {arguments[0][:200]}: No such file or directory", NOT_FOUND
        lines = text.split("\n")
    else:
        return "bash: an interactive shell is not available; use bash -c '<command>'", 2
    said: list[str] = []
    status = 0
    for line in lines:
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            words = shlex.split(line)
        except ValueError as reason:
            return "\n".join([*said, f"bash: syntax error: {reason}"]), 2
        output, status = execute(cluster, pod, words, depth + 1) if words else ("", 0)
        said += [output] if output else []
    return "\n".join(said), status


def _list(cluster: Cluster, pod: Pod, arguments: list[str]) -> tuple[str, int]:
    path = next((a for a in arguments if not a.startswith("-")), "/").rstrip("/") + "/"
    below = sorted(
        {p[len(path) :].partition("/")[0] for p in files(cluster, pod) if p.startswith(path)}
    )
    if not below and path != "/":
        return f"ls: cannot access '{path[:200]}': No such file or directory", 2
    return "\n".join(below), 0


def _cat(cluster: Cluster, pod: Pod, arguments: list[str]) -> tuple[str, int]:
    present = files(cluster, pod)
    missing = [path for path in arguments if path not in present]
    if missing:
        return f"cat: {missing[0][:200]}: No such file or directory", 1
    return "\n".join(present[path].rstrip("\n") for path in arguments), 0
