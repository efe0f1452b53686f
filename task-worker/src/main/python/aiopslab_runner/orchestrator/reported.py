"""AIOpsLab's Orchestrator, whose every message is reported as it happens."""

from __future__ import annotations

import time
from typing import Any, Callable

from aiopslab_runner.environment import Stage
from aiopslab_runner.orchestrator.changes import ChangeWatch
from aiopslab_runner.orchestrator.checkout import Checkout
from aiopslab_runner.orchestrator.pulse import ClusterPulse
from aiopslab_runner.orchestrator.watched import WatchedProblem


def reported_orchestrator(
    checkout: Checkout,
    stage: Stage,
    pulse: ClusterPulse,
    watch: ChangeWatch,
    log: Callable[..., None],
) -> Any:
    """Ready for `init_problem`; afterwards `watched` is the problem, or None if it came to none."""
    module = checkout.load("aiopslab.orchestrator.orchestrator")
    original: Any = module.Orchestrator
    statuses = checkout.load("aiopslab.utils.status")
    status = statuses.SubmissionStatus

    class ReportedOrchestrator(original):
        use_wandb: bool

        def __init__(self) -> None:
            super().__init__(results_dir=checkout.results())
            if self.use_wandb:
                log("info", "USE_WANDB is set and not used: the service keeps the run itself.")
            self.use_wandb = False  # it would end a run between its grade and its recovery
            self.watched: WatchedProblem | None = None
            self.submitted = False
            self._nothing_more = False
            find = self.probs.get_problem_instance
            self.probs.get_problem_instance = lambda problem_id: self._watch(find(problem_id))
            self.register_agent(AskedAgent(self), name=type(stage.agent).__name__)

        def _watch(self, problem: Any) -> Any:
            self.watched = WatchedProblem(problem, stage, pulse, watch, log, statuses)
            return problem

        async def ask_env(self, action: str) -> Any:
            if self._nothing_more:
                return status.VALID_SUBMISSION  # ends the turns without a submission
            began = time.monotonic()
            answer = await super().ask_env(action)
            self.submitted = answer == status.VALID_SUBMISSION
            text = answer.name if isinstance(answer, status) else str(answer)
            stage.dialogue.hear_environment(text, began)
            pulse.check(f"in turn {stage.dialogue.turns - 1}")
            return answer

        def forget_recovery_at_exit(self) -> None:
            """AIOpsLab's hook; the run has recovered the fault itself."""
            module.atexit.unregister(module.exit_cleanup_fault)

    class AskedAgent:
        """What the Orchestrator takes for the agent."""

        def __init__(self, orchestrator: ReportedOrchestrator) -> None:
            self._orchestrator = orchestrator

        async def get_action(self, prompt: str) -> str:
            response = await stage.dialogue.ask_agent(prompt)
            self._orchestrator._nothing_more = response is None
            return response or ""

    return ReportedOrchestrator()
