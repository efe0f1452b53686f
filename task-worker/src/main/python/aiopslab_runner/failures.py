"""Why a run could not be done. A failure is never a reward of 0: it is an `error` message."""

from __future__ import annotations

from typing import Any

UNKNOWN_PROBLEM = "unknown_problem"
INVALID_AGENT_CONFIG = "invalid_agent_config"
ENVIRONMENT_SETUP_FAILED = "environment_setup_failed"
AGENT_ERROR = "agent_error"
RUNNER_PROTOCOL_ERROR = "runner_protocol_error"
INTERNAL = "internal"


class RunFailure(Exception):
    """Ends the run with an `error` message; the message says what to do next."""

    def __init__(self, code: str, message: str, details: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details
