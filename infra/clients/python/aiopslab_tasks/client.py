"""All that a trainer asks of the service."""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, List  # noqa: UP035  # a method is called list

from aiopslab_tasks import events as following
from aiopslab_tasks.errors import ConflictError
from aiopslab_tasks.events import Event
from aiopslab_tasks.feed import Feed
from aiopslab_tasks.group import Group
from aiopslab_tasks.levels import is_at_least, level_of
from aiopslab_tasks.operator import Operator, hold
from aiopslab_tasks.polling import poll
from aiopslab_tasks.records import (
    Json,
    LogLine,
    Page,
    Record,
    SessionFields,
    Task,
    TaskFields,
    Trajectory,
)
from aiopslab_tasks.session import Session
from aiopslab_tasks.transport import Transport, duration, new_key

if TYPE_CHECKING:
    from typing_extensions import Unpack

LOG_PAGE = 1000
LIST_PAGE = 100
FEED_RETRIES = 60


class Client:
    """For any number of threads. Every method raises TaskServiceError, of the kind that it is.

    A call whose answer was lost, or that the service has no time for now, is sent again: nothing is
    done twice by that.

    :param base_url: such as http://localhost:8000
    :param timeout: in seconds, for connecting and for each wait for data
    :param retries: how often in a row a call is tried again, within half a minute by default
    :param ssl_context: for https with an authority of your own
    """

    def __init__(
        self,
        base_url: str,
        *,
        timeout: float = 30.0,
        retries: int = 8,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self._transport = Transport(base_url, timeout, retries, ssl_context)

    def submit(
        self,
        problem_id: str,
        *,
        idempotency_key: str | None = None,
        **task: Unpack[TaskFields],
    ) -> Task:
        """The task, pending.

        :param idempotency_key: your own, if a repeat by another process shall be known as one
        :param task: also `queue`: the queues of a backend share its slots in turn
        """
        body = {"problem_id": problem_id, **task}
        key = idempotency_key or new_key()
        return Task(self._transport.call("POST", "tasks", body=body, key=key))

    def submit_many(
        self, tasks: Iterable[Mapping[str, Any]], *, idempotency_key: str | None = None
    ) -> List[Task]:  # noqa: UP006
        """All or none, at most 1,000; each with what `submit` takes, by its name."""
        body = {"tasks": list(tasks)}
        key = idempotency_key or new_key()
        answer = self._transport.call("POST", "tasks", "batch", body=body, key=key)
        return answer.each("tasks", Task)

    def get(self, task_id: str, *, include_logs: bool = False) -> Task:
        query = {"include_logs": True} if include_logs else None
        return Task(self._transport.call("GET", "tasks", task_id, query=query))

    def wait(self, task_id: str, timeout: float | None = None) -> Task:
        """The task when it has ended, completed or not.

        Raises WaitTimeoutError after `timeout` seconds; None waits for ever.
        """

        def look(wait: float) -> Task:
            query = {"wait": duration(wait)}
            return Task(self._transport.call("GET", "tasks", task_id, query=query, wait=wait))

        return poll(look, lambda task: task.is_over, timeout, f"The end of task {task_id}")

    def list(
        self, *, limit: int = 20, cursor: str | None = None, sort: str | None = None, **filters: Any
    ) -> Page:
        """One page, newest first.

        :param filters: status (one or several), problem_id, backend_type, worker_id, group_id,
            created_after, metadata={"run": "7"}, and what else the service takes
        """
        query = {**filters, "limit": limit, "cursor": cursor, "sort": sort}
        return Page(self._transport.call("GET", "tasks", query=query))

    def iterate(self, *, sort: str | None = None, **filters: Any) -> Iterator[Task]:
        """All that `list` would give, page after page."""
        cursor: str | None = None
        while True:
            page = self.list(limit=LIST_PAGE, cursor=cursor, sort=sort, **filters)
            yield from page.tasks
            cursor = page.next_cursor
            if cursor is None:
                return

    def cancel(self, task_id: str, reason: str | None = None) -> Task:
        """A pending task is cancelled at once; a running one soon, as `wait` says.

        Raises ConflictError if it has ended otherwise.
        """
        body = None if reason is None else {"reason": reason}
        try:
            return Task(self._transport.call("POST", "tasks", task_id, "cancel", body=body))
        except ConflictError:
            task = self.get(task_id)
            if task.status != "cancelled":
                raise
            return task

    def cancel_where(self, *, reason: str | None = None, **filters: Any) -> Json:
        """`cancelled` pending tasks, and running ones whose end is `requested`.

        :param filters: as of `list`, also ids; at least one
        """
        body = {name: value for name, value in filters.items() if value is not None}
        if isinstance(body.get("status"), str):
            body["status"] = [body["status"]]
        if reason is not None:
            body["reason"] = reason
        total = {"cancelled": 0, "requested": 0}
        more = True
        while more:
            answer = self._transport.call("POST", "tasks", "cancel", body=body)
            total = {name: count + answer[name] for name, count in total.items()}
            more = bool(answer["more"])
        return total

    def retry(self, task_id: str, *, idempotency_key: str | None = None) -> Task:
        """A new task like one that has ended. Raises ConflictError if it has not."""
        key = idempotency_key or new_key()
        return Task(self._transport.call("POST", "tasks", task_id, "retry", key=key))

    def logs(
        self, task_id: str, *, follow: bool = False, level: str = "debug", after: int = -1
    ) -> Iterator[LogLine]:
        """Lines behind the seq `after`, at least as severe as `level`.

        :param follow: goes on as they are written, until the task has ended
        :param level: debug, info, warning or error; names of Python, syslog and Java as well
        """
        least = level_of(level)
        if follow:
            return self._followed_logs(task_id, least, after)
        return self._stored_logs(task_id, least, after)

    def _stored_logs(self, task_id: str, level: str, after: int) -> Iterator[LogLine]:
        at: int | None = after
        while at is not None:
            query = {"level": level, "after": at, "limit": LOG_PAGE}
            page = self._transport.call("GET", "tasks", task_id, "logs", query=query)
            lines = page.each("logs", LogLine)
            yield from lines
            at = page["next"] if lines else None

    def _followed_logs(self, task_id: str, least: str, after: int) -> Iterator[LogLine]:
        for event in self.events(task_id, types=["log"]):
            if event.type == "log":
                line = LogLine(event.data)
                if line.seq > after and is_at_least(line.level, least):
                    yield line

    def events(
        self, task_id: str, *, types: Sequence[str] | None = None, last_event_id: str = ""
    ) -> Iterator[Event]:
        """What happens to a task, as it happens, until it has ended; resumed by itself.

        :param types: status, log, step, progress, result; None for all
        :param last_event_id: id of an event, to go on behind it
        """
        return following.follow(self._transport, task_id, types, last_event_id)

    def trajectory(self, task_id: str) -> Trajectory:
        """Of an ended task. Raises ConflictError if it has not ended."""
        return Trajectory(self._transport.call("GET", "tasks", task_id, "trajectory"))

    def aiopslab_result(self, task_id: str) -> Json:
        """The result JSON that AIOpsLab itself wrote of a run.

        Raises NotFoundError where it wrote none: on the simulator, without a grade, before the end.
        """
        return self._transport.call("GET", "tasks", task_id, "aiopslab-result")

    def feed(
        self,
        after: str | None = None,
        *,
        follow: bool = True,
        limit: int = 100,
        retries: int = FEED_RETRIES,
        **filters: Any,
    ) -> Feed:
        """Finished trajectories in order of completion, each once.

        :param after: the cursor that was stored; None begins at the beginning
        :param follow: waits for more at the end, for ever; otherwise the iteration ends there
        :param limit: how many one request asks for, up to 1,000
        :param retries: failures in a row, some seconds each, after which it gives up
        :param filters: status, problem_id, backend_type, group_id, min_policy_version,
            metadata={"run": "7"}
        """
        backoff = self._transport.backoff(retries)
        return Feed(self._transport, after, follow, limit, backoff, filters)

    def group(
        self,
        problem_id: str,
        *,
        samples: int,
        early_stop: int | None = None,
        idempotency_key: str | None = None,
        **task: Unpack[TaskFields],
    ) -> Group:
        """Submits one task several times.

        :param early_stop: how many completed samples with a reward are enough; others are cancelled
        """
        body: Json = {"task": {"problem_id": problem_id, **task}, "samples": samples}
        if early_stop is not None:
            body["early_stop"] = early_stop
        key = idempotency_key or new_key()
        answer = self._transport.call("POST", "groups", body=body, key=key)
        return Group(self._transport, str(answer["id"]))

    def group_of(self, group_id: str) -> Group:
        """A group that was submitted before."""
        return Group(self._transport, group_id)

    def session(
        self,
        problem_id: str,
        *,
        open_timeout: float | None = None,
        **fields: Unpack[SessionFields],
    ) -> Session:
        """An environment to be stepped: `with client.session(problem) as env: env.reset()`.

        :param open_timeout: how long to wait for a free cluster, in seconds; None for ever
        :param fields: also `seed`, of the world: the same observations for the same actions, where
            the environment can do that
        """
        return Session(self._transport, {"problem_id": problem_id, **fields}, open_timeout)

    def backends(self) -> List[Json]:  # noqa: UP006
        return [*self._transport.call("GET", "backends").each("backends", Record)]

    def capacity(self, backend_type: str = "default") -> Json:
        """Free and busy workers, what waits, and how long runs take, by problem."""
        return self._transport.call("GET", "backends", backend_type, "capacity")

    def pause_backend(self, backend_type: str = "default", reason: str | None = None) -> Json:
        """What runs goes on, nothing new starts."""
        return hold(self._transport, "backends", backend_type, "pause", reason)

    def resume_backend(self, backend_type: str = "default") -> Json:
        return hold(self._transport, "backends", backend_type, "resume")

    @property
    def operator(self) -> Operator:
        """What operators do to workers and dead letters."""
        return Operator(self._transport)

    def close(self) -> None:
        self._transport.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
