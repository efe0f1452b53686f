"""What a run needs of an environment: a problem set up, acted upon, graded and taken away again."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Callable, Protocol

Log = Callable[..., None]


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
    """What an environment is made from."""

    problem_id: str
    cluster: str
    seed: int
    log: Log = field(repr=False)


class UnreadableSubmission(Exception):
    """The submission has a shape that AIOpsLab's grader cannot read, and stops at."""


class Environment(Protocol):
    """Made (and its problem id checked) before set-up; `recover` runs after whatever happened."""

    def set_up(self) -> Briefing: ...

    def act(self, response: str) -> Observation: ...

    @property
    def submission(self) -> Any:
        """The last thing submitted, also when it was not accepted; None without one."""

    def grade(self, seconds: float, trace: list[tuple[str, str]]) -> dict[str, Any]:
        """AIOpsLab's result keys. `seconds` is the agent's time; `trace` is (role, content)."""

    def gauges(self) -> dict[str, float]:
        """Numbers worth keeping with the run, taken before recovery."""

    def recover(self) -> None: ...
