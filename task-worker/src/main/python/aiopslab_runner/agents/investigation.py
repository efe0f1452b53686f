"""How the rule-based agent finds a fault: pods, then logs, then traces, then the manifests."""

from __future__ import annotations

import re
from collections.abc import Generator
from dataclasses import dataclass
from typing import TypeVar

from aiopslab_runner.agents import reading
from aiopslab_runner.agents.reading import NAMESPACE, PodRow

T = TypeVar("T")


@dataclass(frozen=True)
class Step:
    """One turn: why, and the call."""

    thought: str
    call: str


Steps = Generator[Step, str, T]


@dataclass(frozen=True)
class Finding:
    """`kind` is one of those that `remedies` knows; `service` is where the fault lies."""

    kind: str
    service: str
    summary: str
    detail: str = ""


NOTHING = Finding("nothing", "", "Every pod is ready and every request is served.")


def shell(command: str) -> str:
    """A space keeps a quote at the end, of which AIOpsLab's parser takes off all there are."""
    space = " " if command.endswith('"') else ""
    return f'exec_shell("{command}{space}")'


def find_out() -> Steps[Finding]:
    """Looks until something explains itself; looking is all it does."""
    listing = yield Step(
        "First I look at the state of the pods.", shell(f"kubectl get pods -n {NAMESPACE}")
    )
    pods = reading.pod_rows(listing)
    sick = [pod for pod in pods if not pod.ready]
    for pod in sick:
        finding = yield from _examine_sick(pod)
        if finding is not None:
            return finding
    if sick:
        return Finding("sick_pod", sick[0].service, f"{sick[0].name} is {sick[0].status}.")
    finding = yield from _examine_requests()
    if finding is not None:
        return finding
    restarted = [pod for pod in pods if pod.restarts]
    if restarted:
        return Finding("restarted", restarted[0].service, f"{restarted[0].name} was restarted.")
    return NOTHING


def _examine_sick(pod: PodRow) -> Steps[Finding | None]:
    described = yield Step(
        f"{pod.name} is {pod.status}, so I look at it more closely.",
        shell(f"kubectl describe pod {pod.name} -n {NAMESPACE}"),
    )
    if "/pause:" in described:
        return Finding("replaced_image", pod.service, f"{pod.service} runs an image that idles.")
    log = yield Step(
        "Its log should say why it does not stay up.",
        f'get_logs("{NAMESPACE}", "{pod.service}")',
    )
    database = reading.last_match(r"connecting to (mongodb-[a-z]+):(\d+)", log)
    if database is None:
        return None
    server, port = database
    if "Authentication failed" in log:
        return Finding("no_user", server, f"{server} does not know the user of {pod.service}.")
    if "not authorized on" in log:
        return Finding("no_role", server, f"{server} refuses {pod.service} its database.")
    if "no reachable servers" in log:
        return (yield from _examine_port(pod.service, server, port))
    return None


def _examine_port(service: str, server: str, port: str) -> Steps[Finding | None]:
    listing = yield Step(
        f"{service} looks for {server} on port {port}; I compare that with what is served.",
        shell(f"kubectl get svc {server} -n {NAMESPACE}"),
    )
    if re.search(rf"\b{port}/TCP", listing):
        return Finding("sick_pod", server, f"{server} does not answer.")
    images = yield Step(
        "The port is wrong. Which image, then, do the other services of its kind run?",
        shell(f"kubectl get deployments -n {NAMESPACE} -o wide"),
    )
    image = reading.usual_image(images, service)
    return Finding("wrong_port", service, f"{service} has a wrong database port built in.", image)


def _examine_requests() -> Steps[Finding | None]:
    said = yield Step(
        "All pods are ready. Are the requests served, and in time?", f'get_traces("{NAMESPACE}", 2)'
    )
    path = reading.last_match(r"(trace_output/\S+\.csv)", said)
    if path is None:
        return None
    table = yield Step("I read the traces.", f'read_traces("{path[0]}")')
    spans = reading.span_rows(table)
    slow = reading.slowest_hop(spans)
    if slow is not None:
        return Finding("slow", slow, f"Calls to {slow} take seconds longer than {slow} works.")
    failing = reading.failing_callee(spans)
    if failing is None:
        return None
    command = yield Step(
        f"Calls to {failing} fail although its pod is ready. What does the pod run?",
        shell(
            f"kubectl get deployment {failing} -n {NAMESPACE} -o "
            "jsonpath='{.spec.template.spec.containers[0].command}'"
        ),
    )
    ran = reading.first_command(command)
    if ran not in ("", failing):
        return Finding("wrong_command", failing, f"The pod of {failing} runs {ran}.")
    return Finding("lossy", failing, f"Calls to {failing} do not come through.")
