"""From results to a reward: the one mapping, the same for every environment.

| task         | success                          | reward                                        |
|--------------|----------------------------------|-----------------------------------------------|
| detection    | `Detection Accuracy` = "Correct" | 1 or 0                                        |
| localization | `success`                        | `Localization Accuracy` / 100: one over the   |
|              |                                  | number of services named, if one is right     |
| analysis     | `success`                        | half for the level, half for the fault type   |
| mitigation   | `success`                        | 1 or 0                                        |

A run that was not submitted (`max_steps`) is graded, its results are kept, and its reward is 0: also
for a mitigation that works, because the agent did not say that it was done. An invalid submission
is rewarded with 0 and has no results, as AIOpsLab grades none. Without a grade there is no reward.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Rating:
    """`reward` is 0 to 1, or None when the run could not be graded."""

    success: bool
    reward: float | None
    components: dict[str, float]


def rate(results: dict[str, Any], stop_reason: str) -> Rating:
    if stop_reason == "invalid_submission":
        return Rating(False, 0.0, {"submitted": 0.0})
    parts = _parts(results)
    if not parts:
        return Rating(False, None, {})
    submitted = stop_reason == "submitted"
    reward = sum(parts.values()) / len(parts) if submitted else 0.0
    return Rating(
        success=submitted and _success(results),
        reward=round(min(max(reward, 0.0), 1.0), 6),
        components={"submitted": float(submitted), **parts},
    )


def _parts(results: dict[str, Any]) -> dict[str, float]:
    """The graded parts, each 0 to 1; the reward is their mean."""
    if "Detection Accuracy" in results:
        return {"detection": float(results["Detection Accuracy"] == "Correct")}
    if "Localization Accuracy" in results:
        return {"localization": float(results["Localization Accuracy"]) / 100.0}
    if "system_level_correct" in results:
        return {
            "system_level": float(results["system_level_correct"]),
            "fault_type": float(results["fault_type_correct"]),
        }
    if "success" in results:
        return {"mitigation": float(results["success"])}
    return {}


def _success(results: dict[str, Any]) -> bool:
    if "Detection Accuracy" in results:
        return results["Detection Accuracy"] == "Correct"
    return results.get("success") is True
