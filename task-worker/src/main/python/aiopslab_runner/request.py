"""The run request: the one JSON line that the worker writes on standard input."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from aiopslab_runner.failures import RUNNER_PROTOCOL_ERROR, RunFailure
from aiopslab_runner.inbox import Inbox

LINE_LIMIT_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True)
class RunRequest:
    """What to run. Members it does not know are ignored, so that version 1 can grow."""

    task_id: str
    session_id: str
    problem_id: str
    environment: str
    cluster: str
    agent_config: dict[str, Any]
    max_steps: int
    timeout_seconds: int
    aiopslab_home: str = ""
    model_keys: dict[str, str] = field(default_factory=dict)
    passed_variables: frozenset[str] = frozenset()


def read_request(inbox: Inbox) -> RunRequest:
    """Raises RunFailure (runner_protocol_error), naming the member that is wrong."""
    line = inbox.readline(LINE_LIMIT_BYTES + 1)
    if not line:
        raise _bad("standard input ended before a run request; write one JSON line")
    if len(line) > LINE_LIMIT_BYTES:
        raise _bad(f"the run request is longer than {LINE_LIMIT_BYTES} bytes; send a smaller one")
    try:
        request = json.loads(line.decode("utf-8"))
    except (ValueError, RecursionError) as reason:
        raise _bad(
            f"the run request is not JSON ({reason}); write one JSON object in one line"
        ) from reason
    if not isinstance(request, dict):
        raise _bad("the run request is not a JSON object; write one JSON object in one line")
    return _checked(request)


def _checked(request: dict[str, Any]) -> RunRequest:
    if type(request.get("v")) is not int or request["v"] != 1:
        raise _wrong("v", "must be 1")
    if request.get("type") != "run":
        raise _wrong("type", 'must be "run"')
    return RunRequest(
        task_id=_text(request, "task_id"),
        session_id=_text(request, "session_id"),
        problem_id=_text(request, "problem_id"),
        environment=_text(request, "environment"),
        cluster=_text({"cluster": "", **request}, "cluster", may_be_empty=True),
        agent_config=_object({"agent_config": {}, **request}, "agent_config"),
        max_steps=_integer({"max_steps": 30, **request}, "max_steps", 1, 1000),
        timeout_seconds=_integer({"timeout_seconds": 1800, **request}, "timeout_seconds", 1, 86400),
        aiopslab_home=_text({"aiopslab_home": "", **request}, "aiopslab_home", may_be_empty=True),
        model_keys=_texts({"model_keys": {}, **request}, "model_keys"),
        passed_variables=_names({"passed_variables": [], **request}, "passed_variables"),
    )


def _text(request: dict[str, Any], name: str, may_be_empty: bool = False) -> str:
    value = request.get(name)
    if not isinstance(value, str) or not (value or may_be_empty):
        raise _wrong(name, "must be a text" if may_be_empty else "must be a text that is not empty")
    return value


def _object(request: dict[str, Any], name: str) -> dict[str, Any]:
    value = request.get(name)
    if not isinstance(value, dict):
        raise _wrong(name, "must be a JSON object")
    return value


def _texts(request: dict[str, Any], name: str) -> dict[str, str]:
    value = _object(request, name)
    if not all(isinstance(item, str) for item in value.values()):
        raise _wrong(name, "must be a JSON object whose values are texts")
    return value


def _names(request: dict[str, Any], name: str) -> frozenset[str]:
    value = request.get(name)
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise _wrong(name, "must be a list of texts")
    return frozenset(value)


def _integer(request: dict[str, Any], name: str, least: int, most: int) -> int:
    value = request.get(name)
    if type(value) is not int or not least <= value <= most:
        raise _wrong(name, f"must be a whole number from {least} to {most}")
    return value


def _wrong(name: str, rule: str) -> RunFailure:
    return RunFailure(
        RUNNER_PROTOCOL_ERROR,
        f"the run request's {name} {rule}; correct it and send the request again",
        {"field": name, "rule": rule},
    )


def _bad(sentence: str) -> RunFailure:
    return RunFailure(RUNNER_PROTOCOL_ERROR, sentence)
