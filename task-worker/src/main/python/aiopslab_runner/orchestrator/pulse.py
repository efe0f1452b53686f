"""Whether the run's cluster still answers: AIOpsLab itself takes an error for an observation."""

from __future__ import annotations

import subprocess
import time

from aiopslab_runner.failures import ENVIRONMENT_SETUP_FAILED, RunFailure

TRIES = 3
PAUSE_SECONDS = 2.0
PATIENCE_SECONDS = 10


class ClusterPulse:
    """Asks the API server once; three times, two seconds apart, before it is given up."""

    def __init__(self, cluster: str) -> None:
        self._cluster = cluster

    def check(self, when: str) -> None:
        """Raises RunFailure (environment_setup_failed) when the cluster does not answer."""
        for attempt in range(TRIES):
            said = self._ask()
            if said is None:
                return
            if attempt + 1 < TRIES:
                time.sleep(PAUSE_SECONDS)
        raise RunFailure(
            ENVIRONMENT_SETUP_FAILED,
            f"the cluster {self._cluster} stopped answering {when} ({said}); the run has no grade. "
            "Its worker takes no more tasks until the cluster is healthy; retry the task",
        )

    def _ask(self) -> str | None:
        """None when it answers; else what went wrong."""
        command = ["kubectl", "get", "--raw=/readyz", f"--request-timeout={PATIENCE_SECONDS}s"]
        try:
            answer = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=PATIENCE_SECONDS + 5,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as reason:
            return str(reason)
        if answer.returncode == 0:
            return None
        return answer.stderr.decode(errors="replace").strip()[-300:] or "no answer"
