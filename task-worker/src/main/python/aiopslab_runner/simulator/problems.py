"""The problems the simulator knows: AIOpsLab's own ids for hotel-reservation, with its answers.

Sources: AIOpsLab's problem registry (ids, targets) and its problem classes (accepted services,
system level and fault type). `faults` says what each fault does to the cluster.
"""

from __future__ import annotations

from dataclasses import dataclass

from aiopslab_runner.failures import UNKNOWN_PROBLEM, RunFailure

DETECTION = "detection"
LOCALIZATION = "localization"
ANALYSIS = "analysis"
MITIGATION = "mitigation"


@dataclass(frozen=True)
class Problem:
    """`culprits` are the services AIOpsLab accepts, each alone, as the place of the fault."""

    id: str
    task_type: str
    fault: str | None
    target: str = ""
    culprits: tuple[str, ...] = ()
    system_level: str = ""
    fault_type: str = ""


@dataclass(frozen=True)
class Family:
    """Problems that share one fault, one for each task type."""

    id_pattern: str
    task_types: tuple[str, ...]
    fault: str
    target: str
    culprits: tuple[str, ...]
    system_level: str = ""
    fault_type: str = ""


ALL_FOUR = (DETECTION, LOCALIZATION, ANALYSIS, MITIGATION)
FIRST_TWO = (DETECTION, LOCALIZATION)
NOTHING_WRONG = Problem("noop_detection_hotel_reservation-1", DETECTION, fault=None)

# fmt: off
FAMILIES = (
    Family("revoke_auth_mongodb-{}-1", ALL_FOUR, "revoke_auth", "mongodb-geo",
           ("mongodb-geo", "geo"), "Application", "Authentication Issue"),
    Family("revoke_auth_mongodb-{}-2", ALL_FOUR, "revoke_auth", "mongodb-rate",
           ("mongodb-rate", "rate"), "Application", "Authentication Issue"),
    Family("user_unregistered_mongodb-{}-1", ALL_FOUR, "user_unregistered", "mongodb-geo",
           ("mongodb-geo", "geo"), "Application", "Network/Storage Issue"),
    Family("user_unregistered_mongodb-{}-2", ALL_FOUR, "user_unregistered", "mongodb-rate",
           ("mongodb-rate", "rate"), "Application", "Network/Storage Issue"),
    Family("misconfig_app_hotel_res-{}-1", ALL_FOUR, "misconfig_app", "geo",
           ("geo",), "Application", "Misconfiguration"),
    Family("wrong_bin_usage-{}-1", ALL_FOUR, "wrong_bin_usage", "profile",
           ("profile",), "Application", "Network/Storage Issue"),
    Family("pod_failure_hotel_res-{}-1", FIRST_TWO, "pod_failure", "user", ("user",)),
    Family("pod_kill_hotel_res-{}-1", FIRST_TWO, "pod_kill", "user", ("user",)),
    Family("container_kill-{}", FIRST_TWO, "container_kill", "geo", ("geo",)),
    Family("network_delay_hotel_res-{}-1", FIRST_TWO, "network_delay", "user", ("user",)),
    Family("network_loss_hotel_res-{}-1", FIRST_TWO, "network_loss", "user", ("user",)),
)
# fmt: on

PROBLEMS: dict[str, Problem] = {NOTHING_WRONG.id: NOTHING_WRONG}
for family in FAMILIES:
    for task_type in family.task_types:
        identifier = family.id_pattern.format(task_type)
        PROBLEMS[identifier] = Problem(
            identifier,
            task_type,
            family.fault,
            family.target,
            family.culprits,
            family.system_level,
            family.fault_type,
        )


def find_problem(problem_id: str) -> Problem:
    """Raises RunFailure (unknown_problem) that lists the ids there are."""
    if problem_id not in PROBLEMS:
        known = sorted(PROBLEMS)
        raise RunFailure(
            UNKNOWN_PROBLEM,
            f"the simulator has no problem {problem_id[:200]!r}; submit the task with one of: "
            + ", ".join(known),
            {"problem_id": problem_id[:200], "problems": known},
        )
    return PROBLEMS[problem_id]
