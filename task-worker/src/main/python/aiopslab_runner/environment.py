"""What a run needs of an environment: a problem set up, played, and taken away again."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Callable, Protocol

from aiopslab_runner.agents import Agent
from aiopslab_runner.dialogue import Dialogue

Log = Callable[..., None]

SUBMITTED = "submitted"
MAX_STEPS = "max_steps"
INVALID_SUBMISSION = "invalid_submission"


class Submission(Enum):
    """What came of a submission; AIOpsLab's SubmissionStatus has the same two members."""

    VALID = "VALID_SUBMISSION"
    INVALID = "INVALID_SUBMISSION"


@dataclass(frozen=True)
class Briefing:
    """What the agent is told before its first turn."""

    task_type: str
    description: str
    instructions: str
    actions: dict[str, str]


@dataclass(frozen=True)
class Observation:
    """The environment's answer to one response of the agent."""

    text: str
    submission: Submission | None = None


@dataclass(frozen=True)
class Setting:
    """What an environment is made from; `aiopslab_home` is a checkout of AIOpsLab, or empty."""

    problem_id: str
    cluster: str
    seed: int
    log: Log = field(repr=False)
    aiopslab_home: str = ""


@dataclass(frozen=True)
class Stage:
    """What a run gives an environment to play on.

    `begin` enters a phase; within `uninterrupted`, a stop of the run waits, and leaves alone what
    is started there. `settle_seconds` is what an application has to come up after a mitigation.
    """

    dialogue: Dialogue
    agent: Agent
    max_steps: int
    begin: Callable[[str], None]
    uninterrupted: Callable[[], AbstractContextManager[None]]
    settle_seconds: int = 30


@dataclass(frozen=True)
class Outcome:
    """How the play ended: why, what was submitted, and AIOpsLab's result keys ({}: no grade).

    `stop_reason` is INVALID_SUBMISSION where the grader could not read what was submitted;
    `application_whole` is what was seen after a mitigation, None where nobody looked;
    `aiopslab_result` is the JSON that AIOpsLab itself wrote, None where it did not.
    """

    stop_reason: str
    submission: Any
    results: dict[str, Any]
    application_whole: bool | None = None
    aiopslab_result: dict[str, Any] | None = None


class Environment(Protocol):
    """Made (and its problem id checked) before set-up; `recover` runs after whatever happened."""

    def set_up(self, stage: Stage) -> Briefing:
        """Brings the problem up. Any exception but RunFailure is `environment_setup_failed`."""

    def play(self, stage: Stage) -> Outcome:
        """The conversation and the grading, each in its phase."""

    def gauges(self) -> dict[str, float]:
        """Numbers worth keeping with the run, taken before recovery."""

    def recover(self, hurried: bool) -> None:
        """Takes the fault back; `hurried` means that the process is about to be killed."""

    def attestation(self) -> dict[str, Any]:
        """What can be proved about the run; asked last."""
