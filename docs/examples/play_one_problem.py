"""Plays a task's problem with one of AIOpsLab's own agents, as a slot's command (environment: command).

    environment: command
    command: [/opt/AIOpsLab/.venv/bin/python3, /opt/play_one_problem.py]
    aiopslab-home: /opt/AIOpsLab      # with a config.yml that has k8s_host: kind
    kind: {managed: true}

The task names the agent: "agent_config": {"name": "gpt"}. Keys come by pass-environment.
"""

import asyncio
import json
import os
import signal
import sys

from aiopslab.orchestrator import Orchestrator
from clients.registry import AgentRegistry

# AIOpsLab recovers its fault at the exit of the process, which a bare SIGTERM is not.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
name = json.loads(os.environ.get("AIOPSLAB_AGENT_CONFIG", "{}")).get("name", "gpt")
agent = AgentRegistry().get_agent(name)()
orchestrator = Orchestrator()
orchestrator.register_agent(agent, name=name)
agent.init_context(*orchestrator.init_problem(os.environ["AIOPSLAB_PROBLEM_ID"]))
steps = int(os.environ["AIOPSLAB_MAX_STEPS"])
results = asyncio.run(orchestrator.start_problem(max_steps=steps))["results"]
own = orchestrator.session.to_dict()
success = results.get("success", results.get("Detection Accuracy") == "Correct")
with open(os.environ["AIOPSLAB_RESULT_FILE"], "w") as file:
    outcome = {"success": success, "reward": float(success), "results": results}
    if len(json.dumps(own)) < 3_000_000:  # the file may have 4 MiB
        outcome["aiopslab_result"] = own
    json.dump({**outcome, "steps": results["steps"]}, file)
