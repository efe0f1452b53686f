"""One run, from the request to the result."""

from __future__ import annotations

import platform
import time
import traceback
from typing import Any, BinaryIO

from aiopslab_runner import __version__
from aiopslab_runner.agents import Agent, make_agent
from aiopslab_runner.conversation import Conversation
from aiopslab_runner.environment import Environment, Setting, UnreadableSubmission
from aiopslab_runner.environments import make_environment
from aiopslab_runner.failures import ENVIRONMENT_SETUP_FAILED, INTERNAL, RunFailure
from aiopslab_runner.protocol import OutputClosed, Protocol
from aiopslab_runner.request import RunRequest, read_request
from aiopslab_runner.reward import rate
from aiopslab_runner.stopping import RunStopped, StopGate

OUTPUT_CLOSED_STATUS = 141


def run(protocol: Protocol, stdin: BinaryIO | None) -> int:
    """The exit status: 0 after a result or an error, 143 after SIGTERM, 141 if nobody reads."""
    gate = StopGate()
    protocol.uninterrupted = gate.hold
    try:
        gate.install()
        _run_to_its_message(protocol, gate, stdin)
    except RunStopped as stop:
        return stop.exit_status
    except OutputClosed:
        return OUTPUT_CLOSED_STATUS
    return 0


def _run_to_its_message(protocol: Protocol, gate: StopGate, stdin: BinaryIO | None) -> None:
    try:
        python = platform.python_version()
        protocol.send(
            "ready", {"runner": "aiopslab_runner", "version": __version__, "python": python}
        )
        request = read_request(stdin)
        agent, seed = make_agent(request.agent_config, request.model_keys, protocol.log)
        setting = Setting(request.problem_id, request.cluster, seed, protocol.log)
        environment = make_environment(request.environment, setting)
        run = Run(protocol, gate, request, agent, environment)
        run.play_then_clean_up()
        run.report()
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
    """Set up, converse, grade, always clean up; then report."""

    def __init__(
        self,
        protocol: Protocol,
        gate: StopGate,
        request: RunRequest,
        agent: Agent,
        environment: Environment,
    ) -> None:
        self._protocol = protocol
        self._gate = gate
        self._request = request
        self._agent = agent
        self._environment = environment
        self._phases: dict[str, float] = {}
        self._phase_began = 0.0
        self._conversation = Conversation(protocol, agent, environment, request.max_steps)
        self._results: dict[str, Any] = {}
        self._gauges: dict[str, float] = {}

    def play_then_clean_up(self) -> None:
        """A stop may land anywhere, so the gate is closed twice: the second time, none can come."""
        try:
            try:
                self._set_up()
                self._converse()
                self._grade()
            finally:
                self._gate.close()
        finally:
            self._gate.close()
            self._clean_up()
        self._gate.check()

    def _set_up(self) -> None:
        self._begin("setup")
        try:
            briefing = self._environment.set_up()
        except RunFailure:
            raise
        except Exception as reason:
            raise RunFailure(
                ENVIRONMENT_SETUP_FAILED,
                f"the environment could not be set up ({type(reason).__name__}: {reason}); check "
                "the cluster and retry the task",
                {"traceback": traceback.format_exc()[-20000:]},
            ) from reason
        self._protocol.send(
            "session",
            {
                "environment": self._request.environment,
                "problem_id": self._request.problem_id,
                **vars(briefing),
            },
        )
        self._agent.init_context(briefing.description, briefing.instructions, briefing.actions)

    def _converse(self) -> None:
        self._begin("running")
        self._conversation.hold()

    def _grade(self) -> None:
        self._begin("grading")
        self._protocol.log("info", "Grading the run.")
        talk = self._conversation
        if talk.stop_reason != "invalid_submission":
            try:
                self._results = self._environment.grade(talk.seconds, talk.trace)
            except UnreadableSubmission as reason:
                talk.stop_reason = "invalid_submission"
                self._protocol.log("warning", f"The submission cannot be graded: {reason}.")
        self._gauges = self._environment.gauges()

    def _clean_up(self) -> None:
        try:
            self._begin("cleanup")
        except OutputClosed:
            self._environment.recover()
            raise
        try:
            self._environment.recover()
        finally:
            self._end_phase()

    def report(self) -> None:
        talk = self._conversation
        rating = rate(self._results)
        times = {
            key: self._results[key] for key in ("TTD", "TTL", "TTA", "TTM") if key in self._results
        }
        milliseconds = {
            "model_ms_total": round(talk.model_ms_total, 3),
            "environment_ms_total": round(talk.environment_ms_total, 3),
        }
        values = {"steps": talk.turns, **times, **self._gauges, **milliseconds}
        self._protocol.send("metrics", {"values": values})
        self._protocol.send(
            "result",
            {
                "environment": self._request.environment,
                "results": self._results,
                "success": rating.success,
                "reward": rating.reward,
                "reward_components": rating.components,
                "stop_reason": talk.stop_reason,
                "steps": talk.turns,
                "output": self._environment.submission,
                "usage": talk.usage,
                "phases": self._phases,
            },
        )

    def _begin(self, phase: str) -> None:
        self._end_phase()
        self._phases[phase] = 0.0
        self._phase_began = time.monotonic()
        self._protocol.send("phase", {"phase": phase})

    def _end_phase(self) -> None:
        if self._phases:
            last = next(reversed(self._phases))
            self._phases[last] = round(time.monotonic() - self._phase_began, 3)
