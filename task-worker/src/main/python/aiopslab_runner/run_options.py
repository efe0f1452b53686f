"""What a task asks of its run, whichever agent plays it."""

from __future__ import annotations

from dataclasses import dataclass

from aiopslab_runner.agents.options import Options

ZERO, NULL = "zero", "null"


@dataclass(frozen=True)
class RunOptions:
    """`invalid_submission_reward`: what a submission that cannot be graded is worth."""

    seed: int = 0
    invalid_submission_reward: str = ZERO

    @property
    def is_ungraded_when_invalid(self) -> bool:
        return self.invalid_submission_reward == NULL


def read_run_options(options: Options) -> RunOptions:
    """Raises RunFailure (invalid_agent_config)."""
    return RunOptions(
        seed=options.integer("seed", -(2**63), 2**63 - 1, default=0),
        invalid_submission_reward=options.one_of(
            "invalid_submission_reward", [NULL, ZERO], default=ZERO
        ),
    )
