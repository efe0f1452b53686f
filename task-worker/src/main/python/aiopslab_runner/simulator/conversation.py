"""The agent and the simulated environment in turns, as AIOpsLab's Orchestrator holds them."""

from __future__ import annotations

import time
from typing import Callable

from aiopslab_runner.environment import (
    INVALID_SUBMISSION,
    MAX_STEPS,
    SUBMITTED,
    Log,
    Observation,
    Stage,
    Submission,
)

PROMPT = "Answer with your next action."


async def take_turns(stage: Stage, act: Callable[[str], Observation], log: Log) -> str:
    """At most `max_steps` turns; a submission ends it earlier. Returns the stop reason."""
    prompt = PROMPT
    for _ in range(stage.max_steps):
        response = await stage.dialogue.ask_agent(prompt)
        if response is None:
            return MAX_STEPS
        began = time.monotonic()
        observation = act(response)
        text = observation.submission.value if observation.submission else observation.text
        stage.dialogue.hear_environment(text, began)
        if observation.submission is not None:
            valid = observation.submission is Submission.VALID
            return SUBMITTED if valid else INVALID_SUBMISSION
        prompt = f"{text}\n{PROMPT}"
    log("warning", f"No submission after {stage.max_steps} steps.")
    return MAX_STEPS
