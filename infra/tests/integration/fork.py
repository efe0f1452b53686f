"""A JVM with a module's class path that runs the test classes it is given, one after another."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import signal
import subprocess
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from integration.plan import ROOT, TestClass

RESULT = "##result "
OPTIONS = (
    "-XX:TieredStopAtLevel=1",
    "-XX:+UseSerialGC",
    "-Xmx1g",
    # What waits in one test must not keep the common pool's only thread from another.
    "-Djava.util.concurrent.ForkJoinPool.common.parallelism=16",
)
MAIN = "io.aiopslab.tasks.testing.RunTestClasses"


@dataclass
class Result:
    """What became of a test class. `output` is all that it printed."""

    test: TestClass
    seconds: float
    processor_seconds: float = 0.0
    names: list[str] = field(default_factory=list)
    failures: list[tuple[str, str]] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    output: str = ""

    @property
    def passed(self) -> bool:
        return not self.failures


# Below the range from which outgoing connections draw; a JVM has as many as the longest run needs.
FIRST_PORT, LAST_PORT, PORTS = 15000, 29999, 500
_port_ranges = itertools.cycle(range(FIRST_PORT, LAST_PORT - PORTS + 2, PORTS))


def with_own_ports(environment: dict[str, str]) -> dict[str, str]:
    """Likewise, with a range of ports in which no other test JVM of this run opens one."""
    first = next(_port_ranges)
    return {**environment, "AIOPSLAB_TEST_PORTS": f"{first}-{first + PORTS - 1}"}


class Fork:
    """
    `arguments` are tags with their sign and properties for the JVM; a class that takes longer than
    `longest` seconds shows its threads and is ended.
    """

    def __init__(
        self, module: str, environment: dict[str, str], arguments: list[str], longest: float
    ) -> None:
        self.module = module
        self._longest = longest
        self._process = subprocess.Popen(
            [java(), *OPTIONS, *_properties(arguments), "-cp", class_path(module), MAIN]
            + [a for a in arguments if not a.startswith("-D")],
            cwd=ROOT / module,
            env=with_own_ports(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,  # Ctrl-C is the runner's to handle
        )

    def run(self, test: TestClass) -> Result:
        """Runs the class to its end, or the JVM's."""
        began = time.monotonic()
        used = self._processor_seconds()
        lines: list[str] = []
        clock = threading.Timer(self._longest, self._show_threads_and_end)
        clock.start()
        try:
            self._tell(test.name)
            told = self._read_until_result(lines)
        finally:
            clock.cancel()
        result = Result(test, time.monotonic() - began, output="".join(lines))
        result.processor_seconds = max(0.0, self._processor_seconds() - used)
        if told is None:
            result.failures.append((test.short_name, f"its JVM ended: {self._process.wait()}"))
            return result
        result.names = told["names"]
        result.failures = [(f["test"], f["why"]) for f in told["failures"]]
        result.skipped = [(s["test"], s["why"]) for s in told["skipped"]]
        return result

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def close(self) -> None:
        """Ends the JVM, which closes what its tests have left open."""
        try:
            self._process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()

    def _tell(self, name: str) -> None:
        assert self._process.stdin
        with contextlib.suppress(OSError):  # it has ended: seen when its answer is read
            self._process.stdin.write(name + "\n")
            self._process.stdin.flush()

    def _read_until_result(self, lines: list[str]) -> dict[str, Any] | None:
        assert self._process.stdout
        for line in self._process.stdout:
            if line.startswith(RESULT):
                told: dict[str, Any] = json.loads(line[len(RESULT) :])
                return told
            lines.append(line)
        return None

    def _processor_seconds(self) -> float:
        """Of the JVM and all that it has started and seen end; 0 where the system does not tell."""
        try:
            stat = Path(f"/proc/{self._process.pid}/stat").read_text(encoding="utf-8")
        except OSError:
            return 0.0
        return sum(map(int, stat.rpartition(")")[2].split()[11:15])) / os.sysconf("SC_CLK_TCK")

    def _show_threads_and_end(self) -> None:
        self._process.send_signal(signal.SIGQUIT)
        self._process.terminate()  # and its shutdown hooks end what it has started
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()


def java() -> str:
    """Maven's, so that what is tested runs on what it was built with."""
    home = os.environ.get("JAVA_HOME")
    return str(Path(home, "bin", "java")) if home else "java"


def class_path(module: str) -> str:
    target = ROOT / module / "target"
    libraries = target / "test.classpath"
    if not libraries.is_file():
        raise SystemExit(f"no {libraries}: build first (make build)")
    parts = [str(target / "test-classes"), str(target / "classes")]
    return os.pathsep.join([*parts, libraries.read_text(encoding="utf-8").strip()])


def _properties(arguments: list[str]) -> list[str]:
    return [a for a in arguments if a.startswith("-D")]
