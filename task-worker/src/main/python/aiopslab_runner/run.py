"""One run, from the request to the result."""

from __future__ import annotations

import platform
import time
import traceback

from aiopslab_runner import __version__
from aiopslab_runner.agents import Agent, Surroundings, make_agent
from aiopslab_runner.dialogue import Dialogue
from aiopslab_runner.environment import (
    INVALID_SUBMISSION,
    Environment,
    Outcome,
    Setting,
    Stage,
)
from aiopslab_runner.environments import make_environment
from aiopslab_runner.failures import ENVIRONMENT_SETUP_FAILED, INTERNAL, RunFailure
from aiopslab_runner.inbox import Inbox
from aiopslab_runner.protocol import OutputClosed, Protocol
from aiopslab_runner.request import RunRequest, read_request
from aiopslab_runner.reward import UNGRADED, rate
from aiopslab_runner.run_options import RunOptions
from aiopslab_runner.stopping import RunStopped, StopGate, uninterrupted_processes

OUTPUT_CLOSED_STATUS = 141


def run(protocol: Protocol, inbox: Inbox) -> int:
    """The exit status: 0 after a result or an error, 143 after SIGTERM, 141 if nobody reads."""
    gate = StopGate()
    protocol.uninterrupted = gate.hold
    try:
        gate.install()
        _run_to_its_message(protocol, gate, inbox)
    except RunStopped as stop:
        return stop.exit_status
    except OutputClosed:
        return OUTPUT_CLOSED_STATUS
    return 0


def _run_to_its_message(protocol: Protocol, gate: StopGate, inbox: Inbox) -> None:
    try:
        python = platform.python_version()
        protocol.send(
            "ready", {"runner": "aiopslab_runner", "version": __version__, "python": python}
        )
        request = read_request(inbox)
        surroundings = Surroundings(
            request.model_keys,
            protocol.log,
            request.aiopslab_home,
            request.cluster,
            protocol.send,
            inbox,
            request.passed_variables,
        )
        agent, options = make_agent(request.agent_config, surroundings)
        setting = Setting(
            request.problem_id, request.cluster, options.seed, protocol.log, request.aiopslab_home
        )
        environment = make_environment(request.environment, setting)
        run = Run(protocol, gate, request, agent, environment, options)
        run.report(run.play_then_clean_up())
    except RunFailure as failure:
        gate.check()
        protocol.error(failure.code, failure.message, failure.details)
    except Exception as reason:
        protocol.error(
            INTERNAL,
            f"the runner failed unexpectedly ({type(reason).__name__}: {reason}); this is a defect "
            "of the runner, so report it with the details, and retry the task",
            {"traceback": traceback.format_exc()[-20000:]},
        )


class Run:
    """Set up, play, always clean up and attest; then report."""

    def __init__(
        self,
        protocol: Protocol,
        gate: StopGate,
        request: RunRequest,
        agent: Agent,
        environment: Environment,
        options: RunOptions,
    ) -> None:
        self._protocol = protocol
        self._gate = gate
        self._request = request
        self._environment = environment
        self._options = options
        self._phases: dict[str, float] = {}
        self._phase_began = 0.0
        self._dialogue = Dialogue(protocol, agent)
        self._stage = Stage(
            self._dialogue,
            agent,
            request.max_steps,
            self._begin,
            gate.as_a_whole,
            options.settle_seconds,
        )
        self._gauges: dict[str, float] = {}

    def play_then_clean_up(self) -> Outcome:
        """A stop may land anywhere, so the gate is closed twice: the second time, none can come."""
        try:
            try:
                self._set_up()
                outcome = self._environment.play(self._stage)
                self._gauges = self._environment.gauges()
            finally:
                self._gate.close()
        finally:
            self._gate.close()
            self._clean_up()
        self._gate.check()
        return outcome

    def _set_up(self) -> None:
        self._begin("setup")
        try:
            briefing = self._environment.set_up(self._stage)
        except RunFailure:
            raise
        except Exception as reason:
            raise RunFailure(
                ENVIRONMENT_SETUP_FAILED,
                f"the environment could not be set up ({type(reason).__name__}: {reason}); check "
                "the cluster and retry the task",
                {"traceback": traceback.format_exc()[-20000:]},
            ) from reason
        told = self._dialogue.brief_agent(
            briefing.description, briefing.instructions, briefing.actions
        )
        self._protocol.send(
            "session",
            {
                "environment": self._request.environment,
                "problem_id": self._request.problem_id,
                **vars(briefing),
                **told,
            },
        )

    def _clean_up(self) -> None:
        """What goes wrong here is said and attested; it does not take the result away."""
        try:
            self._begin("cleanup")
        finally:
            try:
                with uninterrupted_processes():
                    self._environment.recover(hurried=self._gate.is_asked_to_stop)
            except Exception as reason:
                self._protocol.log(
                    "error",
                    f"The clean-up failed ({type(reason).__name__}: {reason}); the cluster may "
                    "hold leftovers of this run.",
                )
            self._end_phase()
        self._protocol.send("attestation", {"facts": self._environment.attestation()})

    def report(self, outcome: Outcome) -> None:
        dialogue = self._dialogue
        results = outcome.results
        rating = rate(results, outcome.application_whole, self._options.is_strict)
        if outcome.stop_reason == INVALID_SUBMISSION and self._options.is_ungraded_when_invalid:
            rating = UNGRADED
        names = ("TTD", "TTL", "TTA", "TTM")
        times: dict[str, object] = {key: results[key] for key in names if key in results}
        milliseconds = {
            "model_ms_total": round(dialogue.model_ms_total, 3),
            "environment_ms_total": round(dialogue.environment_ms_total, 3),
        }
        values = {"steps": dialogue.turns, **times, **self._gauges, **milliseconds}
        self._protocol.send("metrics", {"values": values})
        if outcome.aiopslab_result is not None:
            self._protocol.send("aiopslab_result", {"content": outcome.aiopslab_result})
        self._protocol.send(
            "result",
            {
                "environment": self._request.environment,
                "results": results,
                "success": rating.success,
                "reward": rating.reward,
                "reward_components": rating.components,
                "stop_reason": outcome.stop_reason,
                "steps": dialogue.turns,
                "output": outcome.submission,
                "usage": dialogue.usage,
                "phases": self._phases,
            },
        )

    def _begin(self, phase: str) -> None:
        """Enters a phase; to be in it already changes nothing."""
        if self._phases and next(reversed(self._phases)) == phase:
            return
        self._end_phase()
        self._phases[phase] = 0.0
        self._phase_began = time.monotonic()
        self._protocol.send("phase", {"phase": phase})

    def _end_phase(self) -> None:
        if self._phases:
            last = next(reversed(self._phases))
            self._phases[last] = round(time.monotonic() - self._phase_began, 3)
