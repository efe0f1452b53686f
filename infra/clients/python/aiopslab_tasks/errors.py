"""What a call can come to instead of an answer: one class for each kind."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from aiopslab_tasks.backoff import read_retry_after


class TaskServiceError(Exception):
    """`sentence` says what to do next; `code` is stable, for programs.

    `details` has an entry with `field`, `rule` and `message` for each field that is at fault, and
    `request_id` is what the operator finds in the service's log. `status` is None where the service
    has not answered at all; `retry_after` is in seconds.
    """

    retriable = False

    def __init__(
        self,
        sentence: str,
        *,
        status: int | None = None,
        code: str = "",
        details: Sequence[Mapping[str, Any]] = (),
        request_id: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.status = status
        self.code = code
        self.details = [dict(detail) for detail in details]
        self.request_id = request_id
        self.retry_after = retry_after

    def __str__(self) -> str:
        places = [f"  {detail.get('field')}: {detail.get('message')}" for detail in self.details]
        known = [f"code {self.code}" if self.code else "", f"request {self.request_id}"]
        signature = ", ".join(known if self.request_id else known[:1])
        end = f" ({signature})" if signature else ""
        return "\n".join([self.sentence + end, *places])


class InvalidRequestError(TaskServiceError):
    """The request has to be corrected first: 400 and its relatives."""


class NotFoundError(TaskServiceError):
    """There is no such task, group, session, worker or backend."""


class ConflictError(TaskServiceError):
    """Not in this state: it has ended already, or has not ended yet, or the key was used."""


class SessionEndedError(TaskServiceError):
    """The session was over before it could answer; `code` is its failure code."""


class UnavailableError(TaskServiceError):
    """The service, or something behind it, is overloaded or down, also after all the retries."""

    retriable = True


class InternalError(TaskServiceError):
    """A defect of the service."""


class ConnectionFailedError(TaskServiceError):
    """No answer, or only the beginning of one, also after all the retries."""

    retriable = True


class UnexpectedAnswerError(TaskServiceError):
    """Something answers at this address that is not the service, or too much of it."""


class WaitTimeoutError(TaskServiceError):
    """The time that the caller was ready to wait is over; what was waited for goes on."""


class WebhookError(TaskServiceError):
    """A webhook that must not be believed."""


def unexpected(how: str, code: str = "unexpected_answer") -> UnexpectedAnswerError:
    return UnexpectedAnswerError(
        f"The address answers, but {how}; check the base URL, and what is in between.", code=code
    )


def not_json() -> UnexpectedAnswerError:
    return unexpected("not with JSON as the service does", "not_json")


_UNAVAILABLE = (429, 502, 503, 504)


def error_of(
    status: int, body: bytes, request_id: str | None, retry_after: str | None
) -> TaskServiceError:
    """What an answer of 300 or more means; the last two are its headers."""
    problem = _problem(body)
    kind = _kind(status, problem)
    sentence = problem.get("error") or problem.get("detail")
    if status == 401:
        sentence = (
            "The address wants to know who you are; give user and password in the base URL, as in "
            "https://user:password@host, by the environment rather than on the command line."
        )
    elif not isinstance(sentence, str):
        sentence = (
            f"The address answers with status {status}, and not as the task service does; check "
            "the base URL, and what is in between."
        )
    details = problem.get("details")
    return kind(
        sentence,
        status=status,
        code=str(problem.get("code") or ""),
        details=[d for d in details if isinstance(d, dict)] if isinstance(details, list) else [],
        request_id=problem.get("request_id") or request_id,
        retry_after=read_retry_after(retry_after),
    )


def _problem(body: bytes) -> dict[str, Any]:
    try:
        problem = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return problem if isinstance(problem, dict) else {}


def _kind(status: int, problem: Mapping[str, Any]) -> type[TaskServiceError]:
    if status in _UNAVAILABLE:
        return UnavailableError
    if "code" not in problem:
        return UnexpectedAnswerError
    exact = {404: NotFoundError, 409: ConflictError, 410: SessionEndedError}
    return exact.get(status, InternalError if status >= 500 else InvalidRequestError)
