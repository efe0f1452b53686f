"""One run of test classes: together, then alone, and what was red once more by itself."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

from integration.fork import Fork, Result
from integration.plan import ROOT, TestClass
from integration.side_by_side import SideBySide

# Lines of a failed class's output that are shown; the whole is in its file.
SHOWN_LINES = 150

_SEED = re.compile(r"^.*\bseed\b.*$", re.MULTILINE | re.IGNORECASE)


class Run:
    def __init__(self, start: Callable[[str], Fork], lanes: int, once: bool) -> None:
        """`start` gives a JVM for a module; with `once`, what is red is not tried again."""
        self._start = start
        self._lanes = lanes
        self._once = once
        self.results: list[Result] = []
        self._again: dict[str, Result] = {}
        self._total = 0
        self._began = time.monotonic()

    def all(self, classes: list[TestClass]) -> None:
        self._total = len(classes)
        together = [c for c in classes if not c.is_alone]
        alone = [c for c in classes if c.is_alone]
        if together:
            self._say(f"{len(together)} classes, {self._lanes} at a time")
            SideBySide(together, self._lanes, self._start, self._told).run()
        if alone:
            self._say(f"{len(alone)} that measure seconds, one at a time")
            SideBySide(alone, 1, self._start, self._told).run()
        if not self._once:
            for result in [r for r in self.results if not r.passed]:
                self._try_again(result)

    def _try_again(self, result: Result) -> None:
        self._say(f"{result.test.short_name} once more, by itself")
        fork = self._start(result.test.module)
        try:
            self._again[result.test.name] = fork.run(result.test)
        finally:
            fork.close()

    def _told(self, result: Result) -> None:
        self.results.append(result)
        word = "ok    " if result.passed else "FAILED"
        module = result.test.module.rsplit("/", 1)[-1]
        self._say(
            f"[{len(self.results):3}/{self._total}] {word} {result.seconds:6.1f} s "
            f"(processor {result.processor_seconds:5.1f} s) {len(result.names):4} tests  "
            f"{module}  {result.test.short_name}"
        )
        _keep_output(result)

    def _say(self, line: str) -> None:
        print(f"{time.monotonic() - self._began:6.1f} s  {line}", flush=True)

    @property
    def red(self) -> list[Result]:
        """What failed, and failed again if it was tried once more."""
        return [
            r for r in self.results if not r.passed and not self._again.get(r.test.name, r).passed
        ]

    @property
    def flaky(self) -> list[Result]:
        """What failed, and passed by itself."""
        return [r for r in self.results if not r.passed and r not in self.red]

    def show(self) -> None:
        for result in self.results:
            for test, why in result.skipped:
                print(f"skipped: {result.test.short_name} {test}: {why}")
        for result in self.red:
            print(_told_whole("FAILED", result))
            if result.test.name in self._again:
                print(_told_whole("FAILED AGAIN", self._again[result.test.name]))
        self._show_times()
        failed = sum(len(r.failures) for r in self.red)
        ran = sum(len(r.names) for r in self.results)
        skipped = sum(len(r.skipped) for r in self.results)
        print(f"\n{max(0, ran - failed)} passed, {failed} failed, {skipped} skipped", flush=True)

    def _show_times(self) -> None:
        seconds = time.monotonic() - self._began
        of_classes = sum(r.seconds for r in self.results)
        of_processors = sum(r.processor_seconds for r in self.results)
        print(
            f"\n{len(self.results)} classes in {seconds:.0f} s, {of_classes:.0f} s one by one, "
            f"{of_processors:.0f} s of processors; longest:"
        )
        for result in sorted(self.results, key=lambda r: -r.seconds)[:10]:
            print(f"  {result.seconds:6.1f} s  {result.test.short_name}")

    def told_flaky(self) -> str:
        """Both outputs of each flaky class, to be shown last; empty if there is none."""
        if not self.flaky:
            return ""
        told = ["FLAKY: red at first, green once more by itself. The next thing to be mended."]
        for result in self.flaky:
            told.append(_told_whole("RED AT FIRST", result))
            told.append(_told_whole("GREEN BY ITSELF", self._again[result.test.name]))
        told.append("FLAKY: " + ", ".join(r.test.name for r in self.flaky))
        return "\n".join(told) + "\n"


def seeds(result: Result) -> list[str]:
    """The lines in which the tests of a class said by which seeds they drew."""
    return [line.strip()[:200] for line in _SEED.findall(result.output)[:3]]


def _keep_output(result: Result) -> None:
    folder: Path = ROOT / result.test.module / "target" / "test-output"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{result.test.name}.txt").write_text(result.output, encoding="utf-8")


def _told_whole(word: str, result: Result) -> str:
    told = [f"\n---- {word}: {result.test.name}, {result.seconds:.1f} s"]
    lines = result.output.splitlines()
    if len(lines) > SHOWN_LINES:
        told.append(f"(the last {SHOWN_LINES} of {len(lines)} lines)")
    told += lines[-SHOWN_LINES:]
    told += [f"\n{result.test.short_name} {test}\n{why}" for test, why in result.failures]
    return "\n".join(told)
