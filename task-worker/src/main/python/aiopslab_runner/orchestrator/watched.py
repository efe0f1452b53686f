"""A problem of AIOpsLab under watch: how far it came decides what must be taken back."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from aiopslab_runner.environment import Stage
from aiopslab_runner.failures import ENVIRONMENT_SETUP_FAILED, RunFailure
from aiopslab_runner.orchestrator import application_state
from aiopslab_runner.orchestrator.application_state import ApplicationState
from aiopslab_runner.orchestrator.changes import Changes, ChangeWatch
from aiopslab_runner.orchestrator.pulse import ClusterPulse
from aiopslab_runner.protocol import Json
from aiopslab_runner.reward import failed_results

TASK_TYPES = ("detection", "localization", "analysis", "mitigation")
TIME_KEYS = {"detection": "TTD", "localization": "TTL", "analysis": "TTA", "mitigation": "TTM"}
FROM_THE_STATE = (TypeError, ValueError, AttributeError, LookupError)


class WatchedProblem:
    """Wraps the instance that the Orchestrator works with; the Orchestrator does not notice.

    `fault_injected` and `fault_recovered` are true only if every command and call of it was seen to
    succeed, and None where there is nothing to inject or to recover.
    """

    def __init__(
        self,
        problem: Any,
        stage: Stage,
        pulse: ClusterPulse,
        watch: ChangeWatch,
        log: Any,
        status: ModuleType,
    ) -> None:
        self._problem = problem
        self._stage = stage
        self._pulse = pulse
        self._watch = watch
        self._log = log
        self._injection: Changes | None = None
        self._cleanup: Changes | None = None
        self._recoveries = 0
        self.has_fault = type(getattr(problem, "injector", None)).__name__ != "NoopFaultInjector"
        self.fault_injected: bool | None = False
        self.fault_recovered: bool | None = None
        self.recovery_error: str | None = None
        self.application_deleted = False
        self.grading_begun = False
        self.graded = False
        self.unreadable_submission = False
        self.application_whole: bool | None = None
        self._before: ApplicationState | None = None
        self.task_type = task_type_of_class(type(problem))
        self._actions = frozenset(problem.get_available_actions())
        self._invalid_action = status.InvalidActionError
        self._submission_status = status.SubmissionStatus
        self._inject, self._recover = problem.inject_fault, problem.recover_fault
        self._grade, self._delete = problem.eval, problem.app.cleanup
        problem.inject_fault, problem.recover_fault = self._injecting, self.recover
        problem.eval, problem.app.cleanup = self._grading, self.delete_application
        self._perform, problem.perform_action = problem.perform_action, self._performing

    def _injecting(self) -> None:
        """As a whole: what is half injected is seldom recovered.

        Raises RunFailure when it was not seen to succeed: such a run would grade a healthy
        application.
        """
        if self.task_type == "mitigation":
            self._before = application_state.look(self._problem.namespace)
        with self._stage.uninterrupted():
            self.fault_recovered = False
            with self._watch.record() as self._injection:
                self._inject()
            failures = self._injection.failures()
            if not failures and self.has_fault and not self._injection.done():
                failures = ["it changed nothing"]
            if failures:
                raise RunFailure(
                    ENVIRONMENT_SETUP_FAILED,
                    f"AIOpsLab did not inject the fault ({'; '.join(failures[:3])}); the run has "
                    "no grade. Look at its log and at the cluster, and retry the task",
                )
            self.fault_injected = True if self.has_fault else None

    def _grading(self, *submission: Any) -> Json:
        self._stage.begin("grading")
        self.grading_begun = True
        self._log("info", "Grading the run.")
        self._pulse.check("before the grading")
        try:
            results = self._grade(*submission)
        except Exception as reason:
            self._pulse.check("during the grading")
            if not comes_from_the_state(reason):
                raise
            results = self._failed_at(reason, *submission)
        self._look_at_the_application(results)
        self.graded = True
        return results

    def _look_at_the_application(self, results: Json) -> None:
        """After AIOpsLab's grade, which is not kept waiting."""
        if self.task_type != "mitigation":
            return
        mitigated = results.get("success") is True
        self.application_whole = application_state.is_whole(
            self._problem.namespace, self._before, self._stage.settle_seconds if mitigated else 0
        )
        if self.application_whole is False:
            self._log("info", "The application is not whole: not all of it is back as it was.")

    def _failed_at(self, reason: Exception, solution: Any, trace: Any, seconds: float) -> Json:
        """The grader looked at what the agent submitted, or did to the cluster, and tripped."""
        self.unreadable_submission = solution is not None and self.task_type != "mitigation"
        self._log("warning", f"AIOpsLab's grader stopped at what it found ({describe(reason)}).")
        results = self._problem.results
        results.setdefault(TIME_KEYS.get(self.task_type, "TTM"), seconds)
        results.update(failed_results(self.task_type, describe(reason)))
        return results

    def _performing(self, name: str, *arguments: Any, **named: Any) -> Any:
        """Only what the agent was told of: AIOpsLab would call `__init__` and the like too."""
        if name not in self._actions:
            raise self._invalid_action(name)
        answer = self._perform(name, *arguments, **named)
        is_sayable = isinstance(answer, (str, self._submission_status))
        return answer if is_sayable else str(answer)

    def recover(self) -> None:
        """Takes the fault back; a failure is said and attested, and stops nothing.

        Tried once more by a second call, as long as the application is there.
        """
        again = self._recoveries == 1 and not self.application_deleted
        if self._injection is None or self.fault_recovered is not False:
            return
        if self._recoveries and not again:
            return
        self._recoveries += 1
        self._stage.begin("cleanup")
        with self._stage.uninterrupted():
            failures = self._recovering()
            if failures:
                self.recovery_error = "; ".join(failures[:3])
                self._log("error", f"The fault was not recovered ({self.recovery_error}).")
                return
            self.recovery_error = None
            self.fault_recovered = True if self.has_fault else None

    def _recovering(self) -> list[str]:
        with self._watch.record() as changes:
            try:
                self._recover()
            except Exception as reason:
                return [*changes.failures(), describe(reason)]
        failures = changes.failures()
        if failures or not self.has_fault:
            return failures
        if not changes.done():
            return ["it changed nothing"]
        injected = self._injection.executions() if self._injection is not None else 0
        if changes.executions() < injected:
            # What was done inside a database is on the node's disk, and outlives its namespace.
            return [
                f"it ran {changes.executions()} programs in containers where the injection ran "
                f"{injected}: what it needs is not there any more"
            ]
        return []

    def delete_application(self) -> None:
        """What AIOpsLab takes away after it is watched too: see `cleanup_failures`."""
        if not self.application_deleted:
            self._cleanup = self._watch.record_on()
            self._delete()
            self.application_deleted = True

    def cleanup_failures(self) -> list[str]:
        return self._cleanup.failures() if self._cleanup is not None else []


def task_type_of_class(problem: type) -> str:
    """By the AIOpsLab task that it is derived from."""
    names = [base.__name__.lower() for base in problem.__mro__]
    return next((kind for kind in TASK_TYPES if f"{kind}task" in names), "unknown")


def comes_from_the_state(reason: Exception) -> bool:
    """Whether a grader met what it did not expect, a Pending pod, a deleted Service, an odd answer.

    Else it could not do its work: a connection failed, a library has no file.
    """
    if type(reason).__name__ == "ApiException":
        return 400 <= (getattr(reason, "status", None) or 0) < 500
    return isinstance(reason, FROM_THE_STATE) and not isinstance(reason, OSError)


def describe(reason: BaseException) -> str:
    return f"{type(reason).__name__}: {reason}"
