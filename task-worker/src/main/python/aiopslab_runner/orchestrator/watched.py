"""A problem of AIOpsLab under watch: how far it came decides what must be taken back."""

from __future__ import annotations

from typing import Any

from aiopslab_runner.environment import Stage
from aiopslab_runner.orchestrator.pulse import ClusterPulse
from aiopslab_runner.protocol import Json


class WatchedProblem:
    """Wraps the instance that the Orchestrator works with; the Orchestrator does not notice."""

    def __init__(self, problem: Any, stage: Stage, pulse: ClusterPulse, log: Any) -> None:
        self._problem = problem
        self._stage = stage
        self._pulse = pulse
        self._log = log
        self.injection_begun = False
        self.fault_injected = False
        self.fault_recovered = False
        self.application_deleted = False
        self.graded = False
        self.grading_error: Exception | None = None
        self._inject, self._recover = problem.inject_fault, problem.recover_fault
        self._grade, self._delete = problem.eval, problem.app.cleanup
        problem.inject_fault, problem.recover_fault = self._injecting, self.recover
        problem.eval, problem.app.cleanup = self._grading, self.delete_application

    def _injecting(self) -> None:
        """As a whole: what is half injected is seldom recovered."""
        self.injection_begun = True
        with self._stage.uninterrupted():
            self._inject()
            self.fault_injected = True

    def _grading(self, *submission: Any) -> Json:
        self._stage.begin("grading")
        self._log("info", "Grading the run.")
        self._pulse.check("before the grading")
        try:
            results = self._grade(*submission)
        except Exception as reason:
            self.grading_error = reason
            raise
        self.graded = True
        return results

    def recover(self) -> None:
        """Takes the fault back, once; a failure is said and attested, and stops nothing."""
        if self.fault_recovered or not self.injection_begun:
            return
        self._stage.begin("cleanup")
        with self._stage.uninterrupted():
            try:
                self._recover()
                self.fault_recovered = True
            except Exception as reason:
                self._log("error", f"The fault was not recovered ({describe(reason)}).")

    def delete_application(self) -> None:
        if not self.application_deleted:
            self._delete()
            self.application_deleted = True


def describe(reason: BaseException) -> str:
    return f"{type(reason).__name__}: {reason}"
