"""What a task asks of its run, whichever agent plays it."""

from __future__ import annotations

from dataclasses import dataclass

from aiopslab_runner.agents.options import Options

LEAST_SEED, MOST_SEED = -(2**63), 2**63 - 1
ZERO, NULL = "zero", "null"
AIOPSLAB, STRICT = "aiopslab", "strict"


@dataclass(frozen=True)
class RunOptions:
    """`seed`: of the run's world; `environment_seed`, and where it is left out `seed`, with which a
    model samples.

    `invalid_submission_reward`: what a submission that cannot be graded is worth.

    `reward_rule`: whether a mitigation must also leave the application whole; it has
    `settle_seconds` after its grade to come up.
    """

    seed: int = 0
    invalid_submission_reward: str = ZERO
    reward_rule: str = AIOPSLAB
    settle_seconds: int = 30

    @property
    def is_ungraded_when_invalid(self) -> bool:
        return self.invalid_submission_reward == NULL

    @property
    def is_strict(self) -> bool:
        return self.reward_rule == STRICT


def read_run_options(options: Options) -> RunOptions:
    """Raises RunFailure (invalid_agent_config)."""
    sampling = options.integer("seed", LEAST_SEED, MOST_SEED, default=0)
    return RunOptions(
        seed=options.integer("environment_seed", LEAST_SEED, MOST_SEED, default=sampling),
        invalid_submission_reward=options.one_of(
            "invalid_submission_reward", [NULL, ZERO], default=ZERO
        ),
        settle_seconds=options.integer("settle_seconds", 0, 600, default=30),
        reward_rule=options.one_of("reward_rule", [AIOPSLAB, STRICT], default=AIOPSLAB),
    )
