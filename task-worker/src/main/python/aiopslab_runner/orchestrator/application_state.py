"""Whether an application is whole: AIOpsLab's graders of mitigations look at less.

Some of them grade an empty namespace as mitigated, or nothing done at all (docs/aiopslab.md).
"""

from __future__ import annotations

import json
import subprocess
import time
from dataclasses import dataclass
from typing import Any

KINDS = "deployments,statefulsets,services,endpoints"
LOOK_SECONDS = 15
PAUSE_SECONDS = 1.0


@dataclass(frozen=True)
class ApplicationState:
    """`replicas` and `available` by kind and name; `served` are Services with a ready endpoint."""

    replicas: dict[str, int]
    available: dict[str, int]
    served: frozenset[str]

    def is_whole_again(self, before: ApplicationState) -> bool:
        """Everything of before is there, as available as it was to be, and can be reached."""
        return before.served <= self.served and all(
            self.available.get(name, -1) >= replicas for name, replicas in before.replicas.items()
        )


def look(namespace: str) -> ApplicationState | None:
    """None where the cluster does not tell."""
    command = ["kubectl", "get", KINDS, "-n", namespace, "-o", "json"]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=LOOK_SECONDS,
            check=True,
        )
        return state_of(json.loads(done.stdout)["items"])
    except (OSError, subprocess.SubprocessError, ValueError, LookupError, TypeError):
        return None


def state_of(items: list[dict[str, Any]]) -> ApplicationState:
    replicas: dict[str, int] = {}
    available: dict[str, int] = {}
    served = set()
    for item in items:
        name = f"{item['kind']}/{item['metadata']['name']}"
        if item["kind"] in ("Deployment", "StatefulSet"):
            wanted = item.get("spec", {}).get("replicas")
            replicas[name] = 1 if wanted is None else wanted
            available[name] = item.get("status", {}).get("availableReplicas") or 0
        elif item["kind"] == "Endpoints" and any(
            subset.get("addresses") for subset in item.get("subsets") or ()
        ):
            served.add(item["metadata"]["name"])
    return ApplicationState(replicas, available, frozenset(served))


def is_whole(namespace: str, before: ApplicationState | None, patience: float) -> bool | None:
    """Compared with before, within so many seconds; None where that is not known."""
    if before is None or not before.replicas:
        return None
    deadline = time.monotonic() + patience
    while True:
        now = look(namespace)
        whole = now.is_whole_again(before) if now is not None else None
        if whole or time.monotonic() >= deadline:
            return whole
        time.sleep(PAUSE_SECONDS)
