"""The agents there are, chosen by `agent_config["agent"]`. A new one is one line here.

Only the chosen one is imported: most of a short run's processor time would go into the others.
"""

from __future__ import annotations

import os
import pkgutil
from typing import Any

from aiopslab_runner.agents.contract import Agent, NothingMoreToDo, Reply
from aiopslab_runner.agents.options import NOTHING_AROUND, Options, Surroundings
from aiopslab_runner.run_options import RunOptions, read_run_options

__all__ = ["AGENTS", "Agent", "NothingMoreToDo", "Reply", "Surroundings", "make_agent"]

AGENTS = {
    "aiopslab": "aiopslab_runner.agents.aiopslab:RegisteredAgent",
    "external": "aiopslab_runner.agents.external:ExternalAgent",
    "openai": "aiopslab_runner.agents.openai:OpenAiAgent",
    "rule_based": "aiopslab_runner.agents.rule_based:RuleBasedAgent",
    "scripted": "aiopslab_runner.agents.scripted:ScriptedAgent",
}


def make_agent(
    agent_config: dict[str, Any], surroundings: Surroundings = NOTHING_AROUND
) -> tuple[Agent, RunOptions]:
    """The agent, and what the run itself is to do. Raises RunFailure (invalid_agent_config).

    Takes the variables of `model_keys` out of the environment: no process started later, by the
    environment or by an action, inherits a key. One that the operator passes to every run anyway
    stays: AIOpsLab's own agents read theirs at each turn.
    """
    options = Options(agent_config, surroundings)
    name = options.one_of("agent", sorted(AGENTS), default="rule_based")
    run_options = read_run_options(options)
    agent: Agent = pkgutil.resolve_name(AGENTS[name])(options)
    options.refuse_the_rest(name)
    for variable in set(surroundings.model_keys) - surroundings.passed_variables:
        os.environ.pop(variable, None)
    return agent, run_options
