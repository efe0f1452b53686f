"""The environment `aiopslab`: one problem, one Orchestrator, one cluster."""

from __future__ import annotations

import asyncio
from typing import Any

from aiopslab_runner.environment import (
    INVALID_SUBMISSION,
    MAX_STEPS,
    SUBMITTED,
    Briefing,
    Outcome,
    Setting,
    Stage,
)
from aiopslab_runner.failures import ENVIRONMENT_SETUP_FAILED, UNKNOWN_PROBLEM, RunFailure
from aiopslab_runner.orchestrator.changes import ChangeWatch
from aiopslab_runner.orchestrator.checkout import kubeconfig, open_checkout
from aiopslab_runner.orchestrator.isolation import isolate
from aiopslab_runner.orchestrator.own_result import own_result
from aiopslab_runner.orchestrator.pulse import ClusterPulse
from aiopslab_runner.orchestrator.reported import reported_orchestrator
from aiopslab_runner.orchestrator.watched import WatchedProblem, describe
from aiopslab_runner.reward import failed_results


class AIOpsLabEnvironment:
    """Made by importing AIOpsLab and looking the problem up; the cluster is not touched yet."""

    def __init__(self, setting: Setting) -> None:
        """Raises RunFailure (unknown_problem, environment_setup_failed)."""
        kubeconfig()
        self._setting = setting
        self._checkout = open_checkout(setting.aiopslab_home, setting.cluster)
        isolate(self._checkout)
        self._check_problem()
        self._pulse = ClusterPulse(setting.cluster)
        self._watch = ChangeWatch()
        self._loop = asyncio.new_event_loop()
        self._orchestrator: Any = None
        self._final: dict[str, Any] = {}
        self._touched = False
        self._finished = False

    def _check_problem(self) -> None:
        registry = self._checkout.load("aiopslab.orchestrator.problems.registry").ProblemRegistry()
        on_kubernetes = [
            name
            for name in registry.get_problem_ids()
            if registry.get_problem_deployment(name) != "docker"
        ]
        if self._setting.problem_id not in on_kubernetes:
            raise RunFailure(
                UNKNOWN_PROBLEM,
                f"this checkout of AIOpsLab has no problem {self._setting.problem_id[:100]!r} that "
                "runs on a Kind cluster; submit one of those listed in details.problems",
                {"problem_id": self._setting.problem_id, "problems": sorted(on_kubernetes)},
            )

    def set_up(self, stage: Stage) -> Briefing:
        self._pulse.check("before the set-up")
        self._touched = True
        self._orchestrator = reported_orchestrator(
            self._checkout, stage, self._pulse, self._watch, self._setting.log
        )
        described = self._loop.run_until_complete(self._init_problem())
        session = self._orchestrator.session
        self._setting.log(
            "info",
            "AIOpsLab has set the problem up.",
            {"aiopslab_session_id": str(session.session_id)},
        )
        return Briefing(self._watched().task_type, *described)

    async def _init_problem(self) -> tuple[str, str, dict[str, str]]:
        """In the loop of the play: a workload may be a task that goes on meanwhile."""
        return self._orchestrator.init_problem(self._setting.problem_id)

    def play(self, stage: Stage) -> Outcome:
        stage.begin("running")
        try:
            self._final = self._loop.run_until_complete(
                self._orchestrator.start_problem(max_steps=stage.max_steps)
            )
            self._finished = True
        except RunFailure:
            raise
        except Exception as reason:
            return self._outcome_of(reason)
        return self._graded()

    def _graded(self) -> Outcome:
        submission = self._orchestrator.session.solution
        results = dict(self._orchestrator.session.results)
        stop_reason = SUBMITTED if self._orchestrator.submitted else MAX_STEPS
        if self._watched().unreadable_submission:
            stop_reason = INVALID_SUBMISSION
        session_id = str(self._orchestrator.session.session_id)
        written = own_result(self._checkout.results(), session_id, self._setting.log)
        whole = self._watched().application_whole
        return Outcome(stop_reason, submission, results, whole, written)

    def _outcome_of(self, reason: Exception) -> Outcome:
        """What an exception of AIOpsLab leaves of a run: a grade, a bad submission, or nothing."""
        watched = self._watched()
        submission = self._orchestrator.session.solution
        if watched.graded:
            self._setting.log("error", f"AIOpsLab's clean-up failed ({describe(reason)}).")
            return self._graded()
        if str(reason) == "Invalid submission!":
            results = failed_results(watched.task_type, str(reason))
            return Outcome(INVALID_SUBMISSION, submission, results)
        doing = "grading" if watched.grading_begun else "the run"
        raise RunFailure(
            ENVIRONMENT_SETUP_FAILED,
            f"AIOpsLab failed during {doing} ({describe(reason)}); the run has no grade. Look at "
            "its log, and retry the task",
        ) from reason

    def _watched(self) -> WatchedProblem:
        return self._orchestrator.watched

    def gauges(self) -> dict[str, float]:
        numbers = {**self._orchestrator.session.results, **self._final}
        names = ("in_tokens", "out_tokens", "framework_overhead")
        return {name: numbers[name] for name in names if name in numbers}

    def recover(self, hurried: bool) -> None:
        """What AIOpsLab has not taken back itself: the fault; with time, the application too."""
        if self._orchestrator is None or self._orchestrator.watched is None:
            return
        try:
            self._watched().recover()
            if not self._finished and not hurried:
                self._watched().delete_application()
        finally:
            self._orchestrator.forget_recovery_at_exit()

    def attestation(self) -> dict[str, Any]:
        session = self._orchestrator.session if self._orchestrator is not None else None
        watched = self._orchestrator.watched if self._orchestrator is not None else None
        facts: dict[str, Any] = {
            "aiopslab_version": self._checkout.version(),
            "aiopslab_session_id": str(session.session_id) if session is not None else None,
            "fault_injected": False,
            "fault_recovered": None,
        }
        if watched is not None:
            facts["fault_injected"] = watched.fault_injected
            facts["fault_recovered"] = watched.fault_recovered
            facts["application_deleted"] = watched.application_deleted
            if watched.task_type == "mitigation" and watched.graded:
                facts["application_whole"] = watched.application_whole
            if watched.recovery_error is not None:
                facts["recovery_error"] = watched.recovery_error
        failures = watched.cleanup_failures() if watched is not None else []
        if failures:
            facts["cleanup_error"] = "; ".join(failures[:3])
        finished = self._finished and not failures
        return {**facts, "cleanup_finished": finished or not self._touched}
