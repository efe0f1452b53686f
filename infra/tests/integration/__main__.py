"""
Runs the integration tests of all modules side by side.

    PYTHONPATH=infra/tests python3 -m integration [names...] [options] [-Dproperty=value ...]

Names choose classes by a part of their name, or one method: SubmitIT, SubmitIT#isKept. What a class
prints is kept in target/test-output of its module, and shown if it failed.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from types import FrameType

from integration import plan
from integration.fork import Fork, Result
from integration.plan import ROOT, TestClass
from integration.servers import Servers
from integration.side_by_side import SideBySide

# Lines of a failed class's output that are shown; the whole is in its file.
SHOWN_LINES = 150


class Run:
    def __init__(self, options: argparse.Namespace, environment: dict[str, str]) -> None:
        self._options = options
        self._environment = environment
        self._arguments = [f"+{tag}" for tag in options.only] + [
            f"-{tag}" for tag in options.without
        ]
        self._arguments += [*_commit(), *options.properties]
        self._results: list[Result] = []
        self._again: dict[str, Result] = {}
        self._total = 0
        self._began = time.monotonic()

    def all(self, classes: list[TestClass]) -> None:
        self._total = len(classes)
        together = [c for c in classes if not c.is_alone]
        alone = [c for c in classes if c.is_alone]
        if together:
            self._say(f"{len(together)} classes, {self._options.lanes} at a time")
            SideBySide(together, self._options.lanes, self._fork, self._told).run()
        if alone:
            self._say(f"{len(alone)} classes that measure seconds, one at a time")
            SideBySide(alone, 1, self._fork, self._told).run()
        for result in [r for r in self._results if not r.passed and not self._options.once]:
            self._say(f"{result.test.short_name} once more, by itself")
            fork = self._fork(result.test.module)
            try:
                self._again[result.test.name] = fork.run(result.test)
            finally:
                fork.close()

    def _fork(self, module: str) -> Fork:
        return Fork(module, self._environment, self._arguments)

    def _told(self, result: Result) -> None:
        self._results.append(result)
        word = "ok    " if result.passed else "FAILED"
        where = result.test.module.rsplit("/", 1)[-1]
        self._say(
            f"[{len(self._results):3}/{self._total}] {word} {result.seconds:6.1f} s "
            f"(processor {result.processor_seconds:5.1f} s) {len(result.names):4} tests  {where}  {result.test.short_name}"
        )
        _keep_output(result)

    def _say(self, line: str) -> None:
        print(f"{time.monotonic() - self._began:6.1f} s  {line}", flush=True)

    @property
    def red(self) -> list[Result]:
        """What failed, also when it was tried once more."""
        return [
            r
            for r in self._results
            if not r.passed and not self._again.get(r.test.name, r).passed
        ]

    @property
    def flaky(self) -> list[Result]:
        return [r for r in self._results if not r.passed and r not in self.red]

    def show(self) -> None:
        for result in self._results:
            for test, why in result.skipped:
                print(f"skipped: {result.test.short_name} {test}: {why}")
        for result in self.red:
            _show("FAILED", result)
            if result.test.name in self._again:
                _show("FAILED AGAIN", self._again[result.test.name])
        seconds = time.monotonic() - self._began
        classes = sum(r.seconds for r in self._results)
        print(f"\n{len(self._results)} classes, {classes:.0f} s, in {seconds:.0f} s; longest:")
        for result in sorted(self._results, key=lambda r: -r.seconds)[:10]:
            print(f"  {result.seconds:6.1f} s  {result.test.short_name}")
        self._count()
        if self.flaky:
            print("\nFLAKY: red at first, green once more by itself. The next thing to be mended.")
            for result in self.flaky:
                _show("RED AT FIRST", result)
                _show("GREEN", self._again[result.test.name])

    def _count(self) -> None:
        failed = sum(len(r.failures) for r in self.red)
        ran = sum(len(r.names) for r in self._results)
        skipped = sum(len(r.skipped) for r in self._results)
        print(f"\n{max(0, ran - failed)} passed, {failed} failed, {skipped} skipped")

    def names(self) -> list[str]:
        return [f"{r.test.name} {name}" for r in self._results for name in r.names]


def _keep_output(result: Result) -> None:
    folder = ROOT / result.test.module / "target" / "test-output"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{result.test.name}.txt").write_text(result.output, encoding="utf-8")


def _show(word: str, result: Result) -> None:
    print(f"\n---- {word}: {result.test.name}, {result.seconds:.1f} s")
    lines = result.output.splitlines()
    if len(lines) > SHOWN_LINES:
        print(f"(the last {SHOWN_LINES} of {len(lines)} lines)")
    print("\n".join(lines[-SHOWN_LINES:]))
    for test, why in result.failures:
        print(f"\n{result.test.short_name} {test}\n{why}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="integration", description=__doc__)
    parser.add_argument("names", nargs="*", help="parts of the names of classes")
    parser.add_argument("--only", action="append", default=[], metavar="TAG")
    parser.add_argument("--without", action="append", default=[], metavar="TAG")
    parser.add_argument("--lanes", type=int, default=(os.cpu_count() or 2) + 2)
    parser.add_argument("--once", action="store_true", help="a red class is not tried once more")
    parser.add_argument("--repeat", type=int, default=1, help="run everything so many times")
    parser.add_argument("--burn", type=int, default=0, help="programs that keep a core busy beside")
    parser.add_argument("--list", metavar="FILE", help="where the names of all tests are written")
    known, rest = parser.parse_known_args()
    known.properties = [r for r in rest if r.startswith("-D")]
    if unknown := [r for r in rest if not r.startswith("-D")]:
        parser.error(f"unknown: {' '.join(unknown)}; a test's property begins with -D")
    return known


def _chosen(options: argparse.Namespace) -> list[TestClass]:
    classes = plan.select(plan.find(), set(options.only), set(options.without))
    if options.names:
        classes = [c for c in classes if any(n in c.name for n in options.names)]
    if not classes:
        raise SystemExit("No test class has such a name and such tags.")
    return classes


def _commit() -> list[str]:
    """For what is drawn anew for each commit, and is the same whenever that is tested."""
    told = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return [f"-Daiopslab.chaos.commit={told.stdout.strip()}"] if told.returncode == 0 else []


def _burner() -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", "while True: pass"])


def main() -> int:
    options = _options()
    classes = _chosen(options)
    signal.signal(signal.SIGTERM, _interrupt)
    servers = Servers()
    burners = [_burner() for _ in range(options.burn)]
    ever_red: Counter[str] = Counter()
    try:
        for round_ in range(options.repeat):
            if options.repeat > 1:
                print(f"\n== run {round_ + 1} of {options.repeat}", flush=True)
            run = Run(options, servers.environment)
            run.all(classes)
            run.show()
            ever_red.update(r.test.name for r in (run.red if not options.once else run.red))
            ever_red.update(r.test.name for r in run.flaky)
    finally:
        for burner in burners:
            burner.kill()
            burner.wait()
        servers.close()
    if options.list:
        with open(options.list, "w", encoding="utf-8") as file:
            file.write("\n".join(sorted(run.names())) + "\n")
    if options.repeat > 1:
        print(f"\n{options.repeat} runs; ever red: {len(ever_red)}")
        for name, times in ever_red.most_common():
            print(f"  {times} x {name}")
        return 1 if ever_red else 0
    return 1 if run.red else 0


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
