"""The trainer is the agent: an environment that is stepped over HTTP."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from aiopslab_tasks.errors import (
    NotFoundError,
    SessionEndedError,
    TaskServiceError,
    WaitTimeoutError,
)
from aiopslab_tasks.polling import Deadline, pause_after, poll
from aiopslab_tasks.records import Json, Record
from aiopslab_tasks.transport import Transport, duration, new_key

NOT_OPEN_YET = ("pending", "setup")
ENDED = ("completed", "failed", "cancelled")


class Briefing(str):
    """The first observation: a text for a prompt, whose parts are known by their names.

    `actions` maps the name of each action to its documentation.
    """

    description: str
    instructions: str
    actions: dict[str, str]
    task_type: str

    @classmethod
    def of(cls, observation: Mapping[str, Any]) -> Briefing:
        description = str(observation.get("description", ""))
        instructions = str(observation.get("instructions", ""))
        actions = {str(n): str(doc) for n, doc in (observation.get("actions") or {}).items()}
        parts = [description, *actions.values(), instructions]
        briefing = cls("\n\n".join(part for part in parts if part))
        briefing.description, briefing.instructions = description, instructions
        briefing.actions, briefing.task_type = actions, str(observation.get("task_type", ""))
        return briefing


class Session:
    """An environment; made by `Client.session`, and left at the end of its `with`.

    Each `reset` begins an episode on any free cluster, each `step` acts in it. A step whose answer
    was lost is sent again, and done once.
    """

    def __init__(
        self, transport: Transport, body: Mapping[str, Any], open_timeout: float | None
    ) -> None:
        self._transport = transport
        self._body = dict(body)
        self._open_timeout = open_timeout
        self._id: str | None = None
        # Of the opening that the service may know of, though its answer has not come.
        self._opening_key: str | None = None
        self._index = 0
        self._is_over = True

    @property
    def id(self) -> str:
        """Also the id of the task that the episode is."""
        if self._id is None:
            raise RuntimeError("the session is not open; call reset() first")
        return self._id

    def reset(self) -> Briefing:
        """Ends the episode before, if it still runs, and begins a new one, in any case.

        Raises SessionEndedError if it cannot be set up, WaitTimeoutError if no cluster was free in
        `open_timeout` seconds; call it again for another try.
        """
        self.close()
        self._id, self._opening_key = None, new_key()

        def look(wait: float) -> Json:
            return self._open(wait) if self._id is None else self._look(wait)

        try:
            session = poll(
                look, lambda s: s["state"] not in NOT_OPEN_YET, self._open_timeout, "A free cluster"
            )
        except WaitTimeoutError:
            self.close()
            raise
        if session["state"] in ENDED or session["observation"] is None:
            self._is_over = True
            raise _over(session)
        return Briefing.of(Record(session["observation"]))

    def _open(self, wait: float) -> Json:
        body = {**self._body, "wait": duration(wait)}
        try:
            session: Json = self._transport.call(
                "POST", "sessions", body=body, key=self._opening_key, wait=wait
            )
        except TaskServiceError as failure:
            if failure.status is not None and 400 <= failure.status < 500:
                self._opening_key = None
            raise
        self._id, self._opening_key = str(session["id"]), None
        self._index, self._is_over = 0, False
        return session

    def step(
        self, action: str, timeout: float | None = None
    ) -> tuple[str, float | None, bool, Json]:
        """Acts, and answers with observation, reward, whether it was the last step, and info.

        The reward comes with the last step, and is None before it and where there was no grade;
        `info` has also `reward_components` and `truncated`. After a WaitTimeoutError give
        the same action again: it is not done twice.

        :param action: what an agent would answer, or a bare call such as `submit("Yes")`
        :param timeout: in seconds; None waits until the session's own end
        """
        session_id = self.id
        if self._is_over:
            raise RuntimeError("the episode is over; call reset() for the next one")
        try:
            answer = self._act(session_id, action, Deadline(timeout))
        except SessionEndedError:
            self._is_over = True
            raise
        info = {
            **Record(answer["info"]),
            "reward_components": answer["reward_components"],
            "truncated": answer["truncated"],
        }
        told = (answer["observation"] or "", answer["reward"], bool(answer["done"]), info)
        self._index += 1
        self._is_over = told[2]
        return told

    def _act(self, session_id: str, action: str, deadline: Deadline) -> Json:
        path = ("sessions", session_id, "steps")
        wait = deadline.left()
        body = {"index": self._index, "action": action, "timeout": duration(wait)}
        answer: Json = self._transport.call("POST", *path, body=body, wait=wait)
        while not answer["answered"]:
            if deadline.is_over():
                raise WaitTimeoutError(
                    f"Step {self._index} of session {session_id} has no answer yet, and goes on; "
                    "give the same action again to wait for it.",
                    code="wait_timeout",
                )
            began, wait = time.monotonic(), deadline.left()
            query = {"wait": duration(wait)}
            answer = self._transport.call("GET", *path, str(self._index), query=query, wait=wait)
            if not answer["answered"]:
                pause_after(began)
        return answer

    def look(self) -> Json:
        """State and history, as the service has them."""
        return self._look(0.0)

    def _look(self, wait: float) -> Json:
        query = {"wait": duration(wait)} if wait else None
        session: Json = self._transport.call("GET", "sessions", self.id, query=query, wait=wait)
        return session

    def close(self) -> None:
        """Ends the episode, if it still runs: the fault is taken back and the cluster freed."""
        if self._opening_key is not None:
            self._open(0.0)
        if self._id is None or self._is_over:
            return
        with contextlib.suppress(NotFoundError):
            self._transport.call("DELETE", "sessions", self._id)
        self._is_over = True

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """A session that cannot be ended now ends by its idle_timeout_seconds."""
        try:
            self.close()
        except TaskServiceError:
            if kind is None:
                raise


def _over(session: Json) -> SessionEndedError:
    why = session.get("error_details") or "It was ended before it was open."
    return SessionEndedError(
        f"Session {session['id']} is {session['state']}: {why}",
        code=str(session.get("failure_code") or "session_cancelled"),
    )
