"""The users of the application: requests that go through it, and the traces and logs they leave.

Which service calls which is read from the application; a service finds another through Consul,
that is, by the binary that registered itself, and not through the Kubernetes service.
"""

from __future__ import annotations

import math
import random
from collections import deque
from dataclasses import dataclass

from aiopslab_runner.simulator.application import NAMESPACE
from aiopslab_runner.simulator.cluster import Cluster
from aiopslab_runner.simulator.pods import Pod
from aiopslab_runner.simulator.startup import entry

SECONDS_BETWEEN_REQUESTS = 5.0
DEADLINE_SECONDS = 5.0
TRACES_KEPT = 1000


@dataclass(frozen=True)
class Call:
    service: str
    operation: str
    calls: tuple[Call, ...] = ()


CHECK_USER = Call("user", "/user.User/CheckUser")
GET_PROFILES = Call("profile", "/profile.Profile/GetProfiles")
NEARBY = Call(
    "search",
    "/search.Search/Nearby",
    (Call("geo", "/geo.Geo/Nearby"), Call("rate", "/rate.Rate/GetRates")),
)
ROUTES: dict[str, tuple[Call, ...]] = {
    "/hotels": (
        NEARBY,
        Call("reservation", "/reservation.Reservation/CheckAvailability"),
        GET_PROFILES,
    ),
    "/recommendations": (
        Call("recommendation", "/recommendation.Recommendation/GetRecommendations"),
        GET_PROFILES,
    ),
    "/user": (CHECK_USER,),
    "/reservation": (CHECK_USER, Call("reservation", "/reservation.Reservation/MakeReservation")),
}
MIX = ("/hotels", "/recommendations", "/hotels", "/user", "/recommendations", "/reservation")
CACHES = {
    "profile": "memcached-profile",
    "rate": "memcached-rate",
    "reservation": "memcached-reserve",
}


@dataclass(frozen=True)
class Span:
    """`start` in simulated seconds, `seconds` long."""

    trace_id: str
    span_id: str
    parent: str
    service: str
    operation: str
    start: float
    seconds: float
    error: bool
    response: str


class Traffic:
    """One request after the other, in a fixed mix; `traces` holds the spans of the last ones."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._random = random.Random(f"traffic:{cluster.seed}")
        self._next = math.inf
        self.sent = 0
        self.failed = 0
        self.traces: deque[list[Span]] = deque(maxlen=TRACES_KEPT)

    def begin(self) -> None:
        """Until then nobody uses the application."""
        self._next = self._cluster.now + SECONDS_BETWEEN_REQUESTS

    def send_what_is_due(self) -> None:
        while self._next <= self._cluster.now:
            route = MIX[self.sent % len(MIX)]
            request = Request(self._cluster, self._random, self._next)
            _, served = request.send(route)
            self.failed += not served
            if self._cluster.service_pods(NAMESPACE, "jaeger", 6831) and request.spans:
                self.traces.append(request.spans)
            self.sent += 1
            self._next += SECONDS_BETWEEN_REQUESTS

    def all_routes_answer(self) -> bool:
        """Whether every kind of request would be served in time just now."""
        answers = []
        for route in ROUTES:
            trial = Request(self._cluster, random.Random(0), self._cluster.now, silent=True)
            seconds, served = trial.send(route)
            answers.append(served and seconds < DEADLINE_SECONDS)
        return all(answers)


class Request:
    """One request on its way through the services."""

    def __init__(
        self, cluster: Cluster, noise: random.Random, at: float, silent: bool = False
    ) -> None:
        self._cluster = cluster
        self._random = noise
        self._at = at
        self._silent = silent
        self._trace_id = f"{noise.getrandbits(64):016x}"
        self.spans: list[Span] = []

    def send(self, route: str) -> tuple[float, bool]:
        """How long it took in seconds, and whether it was served."""
        entrances = self._cluster.service_pods(NAMESPACE, "frontend", 5000)
        if not entrances:
            return 0.0, False
        frontend = entrances[0]
        root = self._span_id()
        seconds, served = self._work(frontend, "frontend", ROUTES[route], root, self._at)
        status = "200" if served else "500"
        self._add(root, "ROOT", "frontend", route, self._at, seconds, served, status)
        verdict = f"GET {route} {status} in {seconds * 1000:.1f} ms"
        self._print(frontend, "info" if served else "error", verdict)
        return seconds, served

    def _work(
        self, pod: Pod, service: str, calls: tuple[Call, ...], span: str, start: float
    ) -> tuple[float, bool]:
        seconds = 0.0002 + self._random.random() * 0.002
        cache = CACHES.get(service)
        if cache and not self._cluster.service_pods(NAMESPACE, cache, 11211):
            self._print(pod, "error", f"cannot reach {cache}:11211: connection refused")
            return seconds, False
        for call in calls:
            taken, served = self._call(pod, service, call, span, start + seconds)
            seconds += taken
            if not served:
                return seconds, False
        return seconds, True

    def _call(
        self, caller: Pod, service: str, call: Call, parent: str, start: float
    ) -> tuple[float, bool]:
        client, server = self._span_id(), self._span_id()
        callee = self._discover(call.service)
        seconds = 0.0003 + self._random.random() * 0.0005
        if callee is None:
            served, response = False, "Unavailable"
            self._print(caller, "error", f"{call.operation}: no instance of srv-{call.service}")
        elif max(caller.network.lost_share, callee.network.lost_share) > 0.5:
            seconds, served, response = DEADLINE_SECONDS, False, "DeadlineExceeded"
            self._print(caller, "error", f"{call.operation}: context deadline exceeded")
        else:
            seconds += caller.network.delay_seconds + callee.network.delay_seconds
            work, served = self._work(callee, call.service, call.calls, server, start + seconds / 2)
            response = "OK" if served else "Internal"
            middle = start + seconds / 2
            self._add(server, client, call.service, call.operation, middle, work, served, response)
            seconds += work
        self._add(client, parent, service, call.operation, start, seconds, served, response)
        return seconds, served

    def _discover(self, service: str) -> Pod | None:
        if not self._cluster.service_pods(NAMESPACE, "consul", 8500):
            return None
        registered = [
            pod
            for pod in self._cluster.pods
            if pod.namespace == NAMESPACE and pod.ready and pod.binary == service
        ]
        return self._random.choice(registered) if registered else None

    def _add(
        self,
        span: str,
        parent: str,
        service: str,
        operation: str,
        start: float,
        seconds: float,
        served: bool,
        response: str,
    ) -> None:
        names = (self._trace_id, span, parent, service, operation)
        self.spans.append(Span(*names, start, seconds, not served, response))

    def _print(self, pod: Pod, level: str, message: str) -> None:
        if not self._silent:
            pod.print(self._at, entry(self._cluster.clock.stamp(self._at), level, message))

    def _span_id(self) -> str:
        return f"{self._random.getrandbits(64):016x}"
