"""Client of the AIOpsLab task execution service; `Client` is where to begin."""

from aiopslab_tasks.client import Client
from aiopslab_tasks.errors import (
    ConflictError,
    ConnectionFailedError,
    InternalError,
    InvalidRequestError,
    NotFoundError,
    SessionEndedError,
    TaskServiceError,
    UnavailableError,
    UnexpectedAnswerError,
    WaitTimeoutError,
    WebhookError,
)
from aiopslab_tasks.events import Event
from aiopslab_tasks.feed import Feed
from aiopslab_tasks.group import Group
from aiopslab_tasks.records import Attempt, GroupState, LogLine, Page, Sample, Task, Trajectory
from aiopslab_tasks.session import Briefing, Session
from aiopslab_tasks.webhook import verify_webhook

__all__ = [
    "Attempt",
    "Briefing",
    "Client",
    "ConflictError",
    "ConnectionFailedError",
    "Event",
    "Feed",
    "Group",
    "GroupState",
    "InternalError",
    "InvalidRequestError",
    "LogLine",
    "NotFoundError",
    "Page",
    "Sample",
    "Session",
    "SessionEndedError",
    "Task",
    "TaskServiceError",
    "Trajectory",
    "UnavailableError",
    "UnexpectedAnswerError",
    "WaitTimeoutError",
    "WebhookError",
    "verify_webhook",
]
