"""From results to a reward: the one mapping, the same for every environment.

| task         | success                          | reward                                        |
|--------------|----------------------------------|-----------------------------------------------|
| detection    | `Detection Accuracy` = "Correct" | 1 or 0                                        |
| localization | `success`                        | `Localization Accuracy` / 100: one over the   |
|              |                                  | number of services named, if one is right     |
| analysis     | `success`                        | half for the level, half for the fault type   |
| mitigation   | `success`                        | 1 or 0                                        |

Only the results decide, not the way in which the run ended: a run that was not submitted is graded
as AIOpsLab grades it, so that a mitigation that works counts also when nobody said that it is done,
and everything else is wrong. A grader that stops at an exception, because of what was submitted or
of the state in which the agent left the cluster, has failed the agent: `failed_results`. Without
results there is no success and no reward: both are null.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Rating:
    """`reward` is 0 to 1, the mean of the graded `components`; None when the run was not graded.

    The component `application_whole` is beside them: it counts only by the rule `strict`.
    """

    success: bool | None
    reward: float | None
    components: dict[str, float]


UNGRADED = Rating(None, None, {})

FAILED: dict[str, dict[str, Any]] = {
    "detection": {"Detection Accuracy": "Incorrect"},
    "localization": {"Localization Accuracy": 0.0, "success": False},
    "analysis": {"system_level_correct": False, "fault_type_correct": False, "success": False},
    "mitigation": {"success": False},
}


def failed_results(task_type: str, grader_error: str) -> dict[str, Any]:
    """The results of a run at which the grader stopped with an exception, which is kept."""
    return {**FAILED.get(task_type, {"success": False}), "grader_error": grader_error}


def rate(
    results: dict[str, Any], application_whole: bool | None = None, strict: bool = False
) -> Rating:
    """`strict` multiplies a mitigation's reward by whether the application is whole.

    Where that is not known, there is no reward by this rule.
    """
    parts = _parts(results)
    if not parts:
        return UNGRADED
    reward = round(min(max(sum(parts.values()) / len(parts), 0.0), 1.0), 6)
    success = _success(results)
    if "mitigation" not in parts:
        return Rating(success, reward, parts)
    if application_whole is not None:
        parts = {**parts, "application_whole": float(application_whole)}
    if not strict or not reward:
        return Rating(success, reward, parts)
    if application_whole is None:
        return Rating(None, None, parts)
    return Rating(success and application_whole, reward * application_whole, parts)


def _parts(results: dict[str, Any]) -> dict[str, float]:
    """The graded parts, each 0 to 1; the reward is their mean."""
    if "Detection Accuracy" in results:
        return {"detection": float(results["Detection Accuracy"] == "Correct")}
    if "Localization Accuracy" in results:
        return {"localization": float(results["Localization Accuracy"]) / 100.0}
    if "system_level_correct" in results:
        return {
            "system_level": float(results["system_level_correct"]),
            "fault_type": float(results.get("fault_type_correct", False)),
        }
    if "success" in results:
        return {"mitigation": float(results["success"])}
    return {}


def _success(results: dict[str, Any]) -> bool:
    if "Detection Accuracy" in results:
        return results["Detection Accuracy"] == "Correct"
    return results.get("success") is True
