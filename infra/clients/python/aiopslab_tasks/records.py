"""What the service answers with: the JSON as it came, with names for what is needed most."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping

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


class SessionFields(TypedDict, total=False):
    max_steps: int
    timeout_minutes: int
    idle_timeout_seconds: int
    metadata: Mapping[str, Any]
    priority: int
    backend_type: str


class Task(Json):
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


class Page(Json):
    """Of a list of tasks."""

    @property
    def tasks(self) -> list[Task]:
        return [Task(task) for task in self["tasks"]]

    @property
    def next_cursor(self) -> str | None:
        return self.get("next_cursor")


class GroupState(Json):
    """A group as it was when it was asked for."""

    @property
    def id(self) -> str:
        return str(self["id"])

    @property
    def done(self) -> bool:
        return bool(self["done"])

    @property
    def samples(self) -> list[Json]:
        """Each with task_id, sample_index, status and reward."""
        return list(self["samples"])

    @property
    def rewards(self) -> list[float]:
        """Those that exist."""
        return [s["reward"] for s in self.samples if s["reward"] is not None]

    @property
    def mean(self) -> float | None:
        return self["reward"]["mean"]  # type: ignore[no-any-return]

    @property
    def std(self) -> float | None:
        """Of a sample (n - 1); None for fewer than two rewards."""
        return self["reward"]["std"]  # type: ignore[no-any-return]


class Trajectory(Json):
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


class LogLine(Json):
    @property
    def seq(self) -> int:
        return int(self["seq"])

    @property
    def level(self) -> str:
        return str(self["level"])

    @property
    def message(self) -> str:
        return str(self["message"])
