"""What AIOpsLab did to the cluster, and what came of it.

Its KubeCtl and Helm print a failure, or drop it, and go on (service/kubectl.py, service/helm.py);
whether a fault was injected or recovered is seen only in the exit status of each command and in the
answer to each call of the API. Both are recorded here as they happen.
"""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

MOST_WORDS = 300
READS = {
    "api-resources", "api-versions", "auth", "cluster-info", "config", "describe", "events",
    "explain", "get", "logs", "top", "version", "wait",
}  # fmt: skip
HELM_READS = {"dependency", "get", "history", "repo", "search", "show", "status", "template"}
STOPPED = {128 + number for number in (signal.SIGHUP, signal.SIGINT, signal.SIGKILL)} | {143}
CALL = re.compile(r"\b(kubectl|helm)\s+(\S+)(?:\s+(\S+))?")
ERROR_LINE = re.compile(r"^error\b", re.IGNORECASE | re.MULTILINE)
GONE = re.compile(r"\(NotFound\)|release: not found", re.IGNORECASE)
# The scripts of the database faults end with `echo`, so their exit status says nothing.
SCRIPT_FAILED = re.compile(r"uncaught exception|Authentication failed|connect failed|couldn't ")
ALREADY_SO = re.compile(r"already exists")


@dataclass
class Command:
    """One process; `status` is None while it runs."""

    words: str
    process: subprocess.Popen[Any]
    said: str = ""

    def failure(self) -> str | None:
        """Why it did not do what it was to do, or None."""
        status = self.process.poll()
        if status is None:
            return f"{self.words}: it was not waited for"
        if status < 0 or status in STOPPED:
            number = -status if status < 0 else status - 128
            return f"{self.words}: it was ended by signal {number}"
        if status == 0:
            return self._failure_in_words()
        if self.reads_only() and "helm list" not in self.words:
            return None
        if self._takes_away() and self._was_gone():
            return None
        return f"{self.words}: exit status {status}, {last_words(self.said)}"

    def _failure_in_words(self) -> str | None:
        if not self.is_exec():
            return None
        for line in self.said.splitlines():
            if SCRIPT_FAILED.search(line) and not ALREADY_SO.search(line):
                return f"{self.words}: {line.strip()[:MOST_WORDS]}"
        return None

    def _takes_away(self) -> bool:
        return any(
            verb in ("delete", "uninstall") or (verb, what) == ("patch", "pv")
            for _, verb, what in CALL.findall(self.words)
        )

    def _was_gone(self) -> bool:
        """Whether nothing is wrong but that there is nothing to take away any more."""
        errors = len(ERROR_LINE.findall(self.said))
        return errors > 0 and errors == len(GONE.findall(self.said))

    def reads_only(self) -> bool:
        calls = CALL.findall(self.words)
        return all(
            verb in (HELM_READS | {"list"} if program == "helm" else READS)
            or (verb, what) == ("rollout", "status")
            for program, verb, what in calls
        )

    def is_exec(self) -> bool:
        return any(verb == "exec" for _, verb, _ in CALL.findall(self.words))


@dataclass
class ApiCall:
    """One call of the Kubernetes API by AIOpsLab's client library."""

    words: str
    method: str
    status: int | None
    reason: str

    def failure(self) -> str | None:
        if self.status is None:
            return f"{self.words}: {self.reason}"
        if self.status < 400 or self.reads_only():
            return None
        if (self.method, self.status) in (("DELETE", 404), ("POST", 409)):
            return None
        return f"{self.words}: status {self.status} {self.reason}"

    def reads_only(self) -> bool:
        return self.method in ("GET", "HEAD", "OPTIONS")

    def is_exec(self) -> bool:
        return False


class Changes:
    """What was seen in a stretch of time."""

    def __init__(self) -> None:
        self.seen: list[Command | ApiCall] = []

    def failures(self) -> list[str]:
        return [failure for one in self.seen if (failure := one.failure()) is not None]

    def done(self) -> int:
        """How many commands and calls changed something."""
        return sum(not one.reads_only() and one.failure() is None for one in self.seen)

    def executions(self) -> int:
        """How many programs ran to their end in containers."""
        return sum(one.is_exec() and one.failure() is None for one in self.seen)


class ChangeWatch:
    """Sees every process that this one starts, and every call that its Kubernetes client makes.

    There is one for the process; it keeps only what `record` and `record_on` ask for.
    """

    def __init__(self) -> None:
        self._recording: list[Changes] = []
        watch_processes(self)
        watch_api(self)

    @contextmanager
    def record(self) -> Iterator[Changes]:
        changes = self.record_on()
        try:
            yield changes
        finally:
            self._recording.remove(changes)

    def record_on(self) -> Changes:
        """From here to the end of the process."""
        changes = Changes()
        self._recording.append(changes)
        return changes

    def began(self, command: Command) -> None:
        for changes in self._recording:
            changes.seen.append(command)

    def called_api(self, call: ApiCall) -> None:
        for changes in self._recording:
            changes.seen.append(call)


def watch_processes(watch: ChangeWatch) -> None:
    """AIOpsLab starts them by `subprocess.run` and `subprocess.Popen`; both make this class."""
    original: Any = getattr(subprocess.Popen, "unwatched", subprocess.Popen)

    class WatchedPopen(original):
        unwatched = original

        def __init__(self, args: Any, *more: Any, **named: Any) -> None:
            super().__init__(args, *more, **named)
            words = args if isinstance(args, (str, bytes)) else " ".join(map(str, args))
            self.command = Command(str(words)[:MOST_WORDS], self)
            watch.began(self.command)

        def communicate(self, *arguments: Any, **named: Any) -> Any:
            output, errors = super().communicate(*arguments, **named)
            self.command.said = "\n".join(as_text(said) for said in (output, errors) if said)
            return output, errors

    subprocess.Popen = WatchedPopen  # type: ignore[misc]


def watch_api(watch: ChangeWatch) -> None:
    """Nothing to do where AIOpsLab has not imported the client library."""
    rest: Any = sys.modules.get("kubernetes.client.rest")
    if rest is None:
        return
    original = rest.RESTClientObject.request
    original = getattr(original, "unwatched", original)

    def request(self: Any, method: str, url: str, *more: Any, **named: Any) -> Any:
        words = f"{method} {url.partition('?')[0]}"[:MOST_WORDS]
        try:
            answer = original(self, method, url, *more, **named)
        except rest.ApiException as reason:
            watch.called_api(ApiCall(words, method, reason.status or None, str(reason.reason)))
            raise
        except Exception as reason:
            watch.called_api(ApiCall(words, method, None, f"{type(reason).__name__}: {reason}"))
            raise
        watch.called_api(ApiCall(words, method, answer.status, ""))
        return answer

    request.unwatched = original  # type: ignore[attr-defined]
    rest.RESTClientObject.request = request


def as_text(said: Any) -> str:
    return said.decode(errors="replace") if isinstance(said, bytes) else str(said)


def last_words(said: str) -> str:
    return " ".join(said.split())[-MOST_WORDS:] or "it said nothing"
