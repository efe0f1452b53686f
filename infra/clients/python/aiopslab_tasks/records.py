"""What the service answers with: the JSON as it came, with names for what is needed most."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict, TypeVar

from aiopslab_tasks.errors import UnexpectedAnswerError, unexpected

Json = dict[str, Any]
ENDS = ("completed", "failed", "cancelled")


class TaskFields(TypedDict, total=False):
    """The body of a submission, beyond `problem_id`; the service's description says more."""

    agent_config: Mapping[str, Any]
    max_steps: int
    timeout_minutes: int
    callback_url: str
    metadata: Mapping[str, Any]
    priority: int
    backend_type: str
    queue: str


class SessionFields(TypedDict, total=False):
    max_steps: int
    timeout_minutes: int
    idle_timeout_seconds: int
    metadata: Mapping[str, Any]
    priority: int
    backend_type: str
    queue: str
    seed: int


class MissingMemberError(UnexpectedAnswerError, KeyError):
    """An answer has no member of this name, though the service sends it always."""


class Record(Json):
    """A JSON object that the service has sent. Raises UnexpectedAnswerError for anything else.

    A member that is not there raises MissingMemberError, which is a KeyError as well.
    """

    def __init__(self, answer: Any = (), **members: Any) -> None:
        if not isinstance(answer, (Mapping, tuple)):
            raise unexpected("not with the JSON object that was asked for")
        super().__init__(answer, **members)

    def __missing__(self, name: str) -> Any:
        how = f"without {name}, which the service sends"
        raise MissingMemberError(str(unexpected(how, "")), code="unexpected_answer")

    def each(self, name: str, kind: type[One]) -> list[One]:
        """The objects of a list."""
        listed = self[name]
        if not isinstance(listed, list):
            raise unexpected(f"not with a list of {name}")
        return [kind(one) for one in listed]


One = TypeVar("One", bound=Record)


class Task(Record):
    """A task; all members of the answer are there by their names as well."""

    @property
    def id(self) -> str:
        return str(self["id"])

    @property
    def status(self) -> str:
        """pending, running, completed, failed or cancelled."""
        return str(self["status"])

    @property
    def is_over(self) -> bool:
        return self.status in ENDS

    @property
    def result(self) -> Json:
        """Empty as long as there is none, and in lists."""
        return self.get("result") or {}

    @property
    def reward(self) -> float | None:
        """None where there is none: a failed task is not one of 0."""
        return self.result.get("reward") if self.status == "completed" else None


class Page(Record):
    """Of a list of tasks."""

    @property
    def tasks(self) -> list[Task]:
        return self.each("tasks", Task)

    @property
    def next_cursor(self) -> str | None:
        return self.get("next_cursor")


class Attempt(Record):
    """At a sample of a group: a task of it."""

    @property
    def task_id(self) -> str:
        return str(self["task_id"])

    @property
    def status(self) -> str:
        return str(self["status"])


class Sample(Attempt):
    """Of a group: its last attempt."""

    @property
    def sample_index(self) -> int:
        return int(self["sample_index"])

    @property
    def reward(self) -> float | None:
        """None where there is none: a failed sample is not one of 0."""
        return self["reward"]  # type: ignore[no-any-return]

    @property
    def earlier_attempts(self) -> list[Attempt]:
        """Those that did not end well and were retried, the first one first."""
        return self.each("earlier_attempts", Attempt)


class GroupState(Record):
    """A group as it was when it was asked for."""

    @property
    def id(self) -> str:
        return str(self["id"])

    @property
    def done(self) -> bool:
        return bool(self["done"])

    @property
    def samples(self) -> list[Sample]:
        """In order of sample_index."""
        return self.each("samples", Sample)

    @property
    def rewards(self) -> list[float]:
        """Those that exist."""
        return [sample.reward for sample in self.samples if sample.reward is not None]

    @property
    def mean(self) -> float | None:
        return self["reward"]["mean"]  # type: ignore[no-any-return]

    @property
    def std(self) -> float | None:
        """Of a sample (n - 1); None for fewer than two rewards."""
        return self["reward"]["std"]  # type: ignore[no-any-return]


class Trajectory(Record):
    """The record of docs/trajectories.md."""

    @property
    def cursor(self) -> str:
        """Its place in the feed: pass it as `after` to go on behind it."""
        return str(self["cursor"])

    @property
    def task_id(self) -> str:
        return str(self["task_id"])

    @property
    def status(self) -> str:
        return str(self["status"])

    @property
    def reward(self) -> float | None:
        """None where there is none: a failed task is not one of 0."""
        return self.get("reward")

    @property
    def messages(self) -> list[Json]:
        return list(self["messages"])

    @property
    def samples(self) -> list[Json]:
        """Token ids and log-probabilities, one entry for each step that has them."""
        return list(self["samples"])


class LogLine(Record):
    @property
    def seq(self) -> int:
        return int(self["seq"])

    @property
    def timestamp(self) -> str:
        """RFC 3339; by the worker's clock."""
        return str(self.get("timestamp") or self.get("ts") or "")

    @property
    def level(self) -> str:
        return str(self["level"])

    @property
    def message(self) -> str:
        return str(self["message"])
