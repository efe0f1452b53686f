"""A JVM with a module's class path that runs the test classes it is given, one after another."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from integration.plan import ROOT, TestClass

RESULT = "##result "
OPTIONS = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx1g")
MAIN = "io.aiopslab.tasks.testing.RunTestClasses"

# A class that takes longer hangs; the longest takes two minutes, in make test-thorough seven.
LONGEST_SECONDS = 900


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
    def __init__(self, module: str, environment: dict[str, str], arguments: list[str]) -> None:
        self.module = module
        self._process = subprocess.Popen(
            ["java", *OPTIONS, *_properties(arguments), "-cp", class_path(module), MAIN]
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

    def run(self, test: TestClass, selector: str | None = None) -> Result:
        """Runs the class, or what the selector `class#method` names, to its end or to the fork's."""
        began = time.monotonic()
        used = self._processor_seconds()
        lines: list[str] = []
        clock = threading.Timer(LONGEST_SECONDS, self._show_threads_and_end)
        clock.start()
        try:
            self._tell(selector or test.name)
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
            assert self._process.stdin and self._process.stdout
            self._process.stdin.close()
        except OSError:
            pass
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def _tell(self, name: str) -> None:
        assert self._process.stdin
        try:
            self._process.stdin.write(name + "\n")
            self._process.stdin.flush()
        except OSError:
            pass  # it has ended, which is seen when its answer is read

    def _read_until_result(self, lines: list[str]) -> dict | None:
        assert self._process.stdout
        for line in self._process.stdout:
            if line.startswith(RESULT):
                return json.loads(line[len(RESULT) :])
            lines.append(line)
        return None

    def _processor_seconds(self) -> float:
        """Of the JVM and of all that it has started and seen end; 0 where the system cannot tell."""
        try:
            stat = Path(f"/proc/{self._process.pid}/stat").read_text(encoding="utf-8")
        except OSError:
            return 0.0
        return sum(map(int, stat.rpartition(")")[2].split()[11:15])) / os.sysconf("SC_CLK_TCK")

    def _show_threads_and_end(self) -> None:
        self._process.send_signal(signal.SIGQUIT)
        time.sleep(5)
        self._process.kill()


def class_path(module: str) -> str:
    target = ROOT / module / "target"
    libraries = target / "test.classpath"
    if not libraries.is_file():
        raise SystemExit(f"no {libraries}: build first (make build)")
    parts = [str(target / "test-classes"), str(target / "classes")]
    return os.pathsep.join([*parts, libraries.read_text(encoding="utf-8").strip()])


def _properties(arguments: list[str]) -> list[str]:
    return [a for a in arguments if a.startswith("-D")]
