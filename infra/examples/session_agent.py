#!/usr/bin/env python3
"""A trainer that is the agent itself: python3 infra/examples/session_agent.py

Opens an interactive session for each problem, reads what it sees, and acts.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "clients" / "python"))

from aiopslab_tasks import Client
from aiopslab_tasks.session import Briefing

PROBLEMS = (
    "misconfig_app_hotel_res-detection-1",
    "revoke_auth_mongodb-localization-1",
    "pod_failure_hotel_res-localization-1",
)
PODS = 'exec_shell("kubectl get pods -n test-hotel-reservation")'
SICK = re.compile(r"^([a-z-]+?)-[a-z0-9]+-[a-z0-9]{5}\s+0/\d", re.MULTILINE)


class Agent:
    """Looks at the pods, then says which of them is not ready."""

    def __init__(self, briefing: Briefing) -> None:
        self._asks_whether = "has_anomaly" in briefing.actions.get("submit", "")
        self._has_looked = False

    def act(self, observation: str) -> str:
        if not self._has_looked:
            self._has_looked = True
            return PODS
        sick = SICK.findall(observation)
        if self._asks_whether:
            return 'submit("Yes")' if sick else 'submit("No")'
        return f"submit({sick[:1]!r})"


def play(client: Client, problem: str) -> float | None:
    """The reward; None where the run was not graded."""
    with client.session(problem, max_steps=10) as env:
        observation = env.reset()
        agent = Agent(observation)
        print(f"{problem} (session {env.id})")
        done, reward = False, None
        while not done:
            action = agent.act(observation)
            observation, reward, done, info = env.step(action)
            first = observation.split("\n")[0][:60]
            print(f"  {action:<60}  {info.get('environment_ms', 0):7.1f} ms  {first!r}")
        print(f"  reward {reward}, {info.get('stop_reason')}")
        return reward


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--url", default=os.environ.get("AIOPSLAB_URL", "http://localhost:8000"))
    parser.add_argument("problem", nargs="*", default=PROBLEMS)
    given = parser.parse_args()
    with Client(given.url) as client:
        rewards = [play(client, problem) for problem in given.problem]
    graded = [reward for reward in rewards if reward is not None]
    print(f"mean reward {sum(graded) / max(1, len(graded)):.3f} over {len(graded)} sessions")
    return 0 if graded else 1


if __name__ == "__main__":
    sys.exit(main())
