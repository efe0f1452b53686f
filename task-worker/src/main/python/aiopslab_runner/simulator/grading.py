"""Grades a run with AIOpsLab's result keys and rules, read from its problem and task classes.

Two things differ, both on purpose. A mitigation must leave the application whole and answering, so
that deleting the sick deployment does not count as a cure. Token counts are estimates (a token for
every four characters), because AIOpsLab's tokenizer is not in the standard library.
"""

from __future__ import annotations

from typing import Any

from aiopslab_runner.simulator.problems import (
    ANALYSIS,
    DETECTION,
    LOCALIZATION,
    MITIGATION,
    Problem,
)

Results = dict[str, Any]
TIME_KEYS = {DETECTION: "TTD", LOCALIZATION: "TTL", ANALYSIS: "TTA", MITIGATION: "TTM"}
CHARACTERS_PER_TOKEN = 4


class UnreadableSubmission(Exception):
    """The submission has a shape that AIOpsLab's grader cannot read, and stops at."""


def grade(
    problem: Problem,
    submission: Any,
    healthy: bool,
    seconds: float,
    trace: list[tuple[str, str]],
) -> Results:
    """`healthy` is the application's state at the end; only a mitigation is graded by it.

    Raises UnreadableSubmission for a shape at which AIOpsLab's own grader stops with an exception.
    """
    try:
        verdict = _verdict(problem, submission, healthy)
    except (TypeError, AttributeError) as reason:
        raise UnreadableSubmission(f"{reason}") from reason
    return {**verdict, TIME_KEYS[problem.task_type]: round(seconds, 3), **_effort(trace)}


def _verdict(problem: Problem, submission: Any, healthy: bool) -> Results:
    if problem.task_type == DETECTION:
        return _detection("No" if problem.fault is None else "Yes", submission)
    if problem.task_type == LOCALIZATION:
        return _localization(problem.culprits, submission)
    if problem.task_type == ANALYSIS:
        return _analysis(problem, submission)
    return {"success": healthy}


def _detection(expected: str, submission: Any) -> Results:
    if not isinstance(submission, str):
        return {"Detection Accuracy": "Invalid Format"}
    correct = submission.strip().lower() == expected.lower()
    return {"Detection Accuracy": "Correct" if correct else "Incorrect"}


def _localization(culprits: tuple[str, ...], submission: Any) -> Results:
    """One culprit alone is exact; among others it is worth one over their number, in percent."""
    if submission is None:
        return {"Localization Accuracy": 0.0, "success": False, "is_subset": False}
    named = submission if isinstance(submission, list) else [submission]
    exact = any(named == [culprit] for culprit in culprits)
    among = set(submission)
    included = any(culprit in among for culprit in culprits)
    accuracy = 100.0 if exact else 100.0 / len(submission) if included else 0.0
    return {
        "Localization Accuracy": accuracy,
        "success": exact or (included and len(submission) == 1),
        "is_subset": included,
    }


def _analysis(problem: Problem, submission: Any) -> Results:
    if not isinstance(submission, dict):
        level = fault = False
    else:
        level = _same(submission.get("system_level", ""), problem.system_level)
        fault = _same(submission.get("fault_type", ""), problem.fault_type)
    return {
        "system_level_correct": level,
        "fault_type_correct": fault,
        "success": level and fault,
    }


def _same(answer: Any, expected: str) -> bool:
    return answer.strip().lower() == expected.lower()


def _effort(trace: list[tuple[str, str]]) -> Results:
    said = [content for role, content in trace if role == "assistant"]
    heard = [content for role, content in trace if role != "assistant"]
    return {"steps": len(said), "in_tokens": _tokens(heard), "out_tokens": _tokens(said)}


def _tokens(contents: list[str]) -> int:
    return (sum(map(len, contents)) + CHARACTERS_PER_TOKEN - 1) // CHARACTERS_PER_TOKEN
