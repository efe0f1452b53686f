"""The actions of an agent, by AIOpsLab's names, and the answers they get."""

from __future__ import annotations

import re
from typing import Any, Callable

from aiopslab_runner.environment import Observation, Submission
from aiopslab_runner.simulator.application import LABEL, NAMESPACE, NAMESPACES
from aiopslab_runner.simulator.call_parser import Call, UnreadableCall, read_call
from aiopslab_runner.simulator.problems import MITIGATION, Problem
from aiopslab_runner.simulator.shell import Shell
from aiopslab_runner.simulator.simulation import Simulation
from aiopslab_runner.simulator.telemetry import as_table, save_metrics, save_traces
from aiopslab_runner.simulator.workspace import Workspace

SECONDS_PER_ACTION = 5.0
LONGEST_MINUTES = 60
FOLLOWING = re.compile(r"\b(?:kubectl|docker)\s+logs\s+-f\b")


class BadArguments(Exception):
    """Its text tells the agent how to call the action."""


class Actions:
    """Each action lets a little simulated time pass before it is answered."""

    def __init__(self, problem: Problem, simulation: Simulation, workspace: Workspace) -> None:
        self._problem = problem
        self._simulation = simulation
        self._workspace = workspace
        self._shell = Shell(simulation, workspace)
        self.submitted: Any = None
        self.counts = {"actions": 0, "invalid_actions": 0}
        self._by_name: dict[str, Callable[[Call], str]] = {
            "exec_shell": self._exec_shell,
            "get_logs": self._get_logs,
            "get_metrics": self._get_metrics,
            "read_metrics": lambda call: self._read(call, "metrics_output", "Metrics"),
            "get_traces": self._get_traces,
            "read_traces": lambda call: self._read(call, "trace_output", "Traces"),
        }

    def perform(self, response: str) -> Observation:
        self._simulation.advance(SECONDS_PER_ACTION)
        self.counts["actions"] += 1
        try:
            call = read_call(response)
            if call.name == "submit":
                return self._submit(call)
            action = self._by_name.get(call.name)
            if action is None:
                known = ", ".join([*self._by_name, "submit"])
                raise BadArguments(f"Invalid action: {call.name[:100]} (available: {known})")
            return Observation(action(call))
        except (UnreadableCall, BadArguments) as reason:
            self.counts["invalid_actions"] += 1
            return Observation(str(reason))

    def _submit(self, call: Call) -> Observation:
        """Any value is a valid submission, as in AIOpsLab; what it is worth, its grading says."""
        self.submitted = call.args[0] if len(call.args) == 1 else call.args
        given = [*call.args, *call.kwargs.values()]
        wanted = 0 if self._problem.task_type == MITIGATION else 1
        if len(given) != wanted:
            plural = "argument" if wanted == 1 else "arguments"
            raise BadArguments(f"submit() takes {wanted} {plural} here, not {len(given)}")
        if call.kwargs:
            self.submitted = given[0]
        return Observation("", Submission.VALID)

    def _exec_shell(self, call: Call) -> str:
        command = _argument(call, 0, "command", str)
        if FOLLOWING.search(command):
            return "Error: `logs -f` never ends here. Use `kubectl logs` without -f."
        return self._shell.run(command)

    def _get_logs(self, call: Call) -> str:
        namespace, service = (
            _argument(call, 0, "namespace", str),
            _argument(call, 1, "service", str),
        )
        cluster = self._simulation.cluster
        pods = list(cluster.pods_selected(namespace, {LABEL: service}))
        if not pods:
            return (
                f"Error: no pod in namespace {namespace[:100]} has the label "
                f"{LABEL}={service[:100]}. List what there is with kubectl get pods -A."
            )
        return "\n".join(text for _, text in pods[0].log)

    def _get_metrics(self, call: Call) -> str:
        namespace, minutes = self._namespace(call), _minutes(call)
        paths = save_metrics(self._simulation, self._workspace, namespace, minutes)
        return "\n".join(["Saved; read a file with read_metrics:", *paths])

    def _get_traces(self, call: Call) -> str:
        self._namespace(call)
        path = save_traces(self._simulation, self._workspace, _minutes(call))
        return f"Saved; read it with read_traces: {path}"

    def _read(self, call: Call, folder: str, what: str) -> str:
        path = _argument(call, 0, "file_path", str)
        text = self._workspace.read(path)
        if text is None:
            return f"Error: there is no {what.lower()} file {path[:200]!r} below {folder}/."
        return as_table(text)

    def _namespace(self, call: Call) -> str:
        namespace = _argument(call, 0, "namespace", str)
        if namespace not in NAMESPACES:
            raise BadArguments(f"there is no namespace {namespace[:100]!r}; try {NAMESPACE}")
        return namespace


def _argument(call: Call, place: int, name: str, kind: type, default: Any = None) -> Any:
    value = call.args[place] if place < len(call.args) else call.kwargs.get(name, default)
    if not isinstance(value, kind):
        raise BadArguments(f"{call.name}: {name} must be a {kind.__name__}; see the documentation")
    return value


def _minutes(call: Call) -> int:
    minutes = _argument(call, 1, "duration", int, default=5)
    if not 1 <= minutes <= LONGEST_MINUTES:
        raise BadArguments(f"{call.name}: duration must be 1 to {LONGEST_MINUTES} minutes")
    return int(minutes)
