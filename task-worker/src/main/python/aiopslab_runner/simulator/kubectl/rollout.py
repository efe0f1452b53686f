"""`kubectl rollout status`, `restart`, `undo` and `history`, for deployments."""

from __future__ import annotations

import copy
from typing import Any

from aiopslab_runner.simulator import controllers
from aiopslab_runner.simulator.cluster import Cluster
from aiopslab_runner.simulator.kubectl.errors import KubectlError
from aiopslab_runner.simulator.kubectl.options import CommandLine
from aiopslab_runner.simulator.kubectl.targets import one_deployment
from aiopslab_runner.simulator.simulation import Simulation

Manifest = dict[str, Any]
RESTARTED_AT = "kubectl.kubernetes.io/restartedAt"
LONGEST_WAIT_SECONDS = 60


def rollout(simulation: Simulation, line: CommandLine) -> str:
    verb, words = (line.words or [""])[0], line.words[1:]
    if verb not in ("status", "restart", "undo", "history"):
        raise KubectlError("error: use rollout status, restart, undo or history")
    cluster = simulation.cluster
    manifest = one_deployment(cluster, line.namespace, words)
    if verb == "status":
        return _status(simulation, manifest, line)
    if verb == "restart":
        return _restart(cluster, manifest)
    if verb == "undo":
        return _undo(cluster, manifest, line.number("--to-revision"))
    revisions = [controllers.revision(rs) for rs in controllers.replica_sets(cluster, manifest)]
    return "\n".join(
        [_name(manifest), "REVISION  CHANGE-CAUSE", *(f"{r}         <none>" for r in revisions)]
    )


def _name(manifest: Manifest) -> str:
    return f"deployment.apps/{manifest['metadata']['name']}"


def _status(simulation: Simulation, manifest: Manifest, line: CommandLine) -> str:
    """Waits, in simulated time, until the roll-out is done or at most a minute."""
    text = line.options.get("--timeout", f"{LONGEST_WAIT_SECONDS}s").removesuffix("s")
    limit = min(int(text), LONGEST_WAIT_SECONDS) if text.isdigit() and len(text) < 6 else 60
    name = manifest["metadata"]["name"]
    waited = 0
    simulation.settle()
    while not _rolled_out(simulation.cluster, manifest):
        if waited >= limit:
            said = (
                f'Waiting for deployment "{name}" rollout to finish: new replicas are not ready...'
            )
            raise KubectlError(f"{said}\nerror: timed out waiting for the condition")
        simulation.advance(1.0)
        waited += 1
    return f'deployment "{name}" successfully rolled out'


def _rolled_out(cluster: Cluster, manifest: Manifest) -> bool:
    metadata = manifest["metadata"]
    pods = cluster.pods_of(metadata["namespace"], metadata["name"])
    current = controllers.replica_sets(cluster, manifest)[-1]["metadata"]["name"]
    wanted = int(manifest["spec"].get("replicas", 1))
    return len(pods) == wanted and all(p.ready and p.replica_set == current for p in pods)


def _restart(cluster: Cluster, manifest: Manifest) -> str:
    metadata = manifest["spec"]["template"]["metadata"]
    metadata.setdefault("annotations", {})[RESTARTED_AT] = cluster.clock.stamp(cluster.now)
    return f"{_name(manifest)} restarted"


def _undo(cluster: Cluster, manifest: Manifest, to_revision: int | None) -> str:
    sets = controllers.replica_sets(cluster, manifest)
    if to_revision:
        earlier = [rs for rs in sets if controllers.revision(rs) == to_revision]
    else:
        earlier = sets[-2:-1]
    if not earlier:
        raise KubectlError("error: no rollout history found to go back to")
    manifest["spec"]["template"] = copy.deepcopy(earlier[0]["spec"]["template"])
    return f"{_name(manifest)} rolled back"
