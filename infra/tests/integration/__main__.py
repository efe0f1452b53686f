"""
Runs the tests of all Java modules side by side, integration tests and unit tests.

    PYTHONPATH=infra/tests python3 -m integration [names ...] [options] [-Dproperty=value ...]

Names choose classes by a part of their name, or a method: SubmitIT, SubmitIT#aTaskIsKept. What a
class prints is kept in target/test-output of its module, and shown if it failed.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from types import FrameType

from integration import fixtures, plan
from integration.fork import Fork
from integration.plan import FIXTURES, ROOT, TestClass
from integration.run import Run, seeds
from integration.servers import Servers


def main() -> int:
    options = _options()
    classes = _chosen(options)
    signal.signal(signal.SIGTERM, _interrupt)
    servers = Servers()
    burners = [_burner() for _ in range(options.burn)]
    try:
        if options.repeat > 1:
            return _repeat(options, classes, servers)
        run = _run(options, classes, servers)
        if options.list:
            names = sorted(f"{r.test.name} {name}" for r in run.results for name in r.names)
            Path(options.list).write_text("\n".join(names) + "\n", encoding="utf-8")
        _tell_flaky(run, options.flaky_to)
        _stamp_fixtures(options, run)
        return 1 if run.red else 0
    finally:
        for burner in burners:
            burner.kill()
            burner.wait()
        servers.close()


def _run(options: argparse.Namespace, classes: list[TestClass], servers: Servers) -> Run:
    arguments = [
        *(f"+{tag}" for tag in options.only),
        *(f"-{tag}" for tag in options.without),
        *_commit(),
        *options.properties,
    ]
    run = Run(
        lambda module: Fork(module, servers.environment, arguments, options.longest),
        options.lanes,
        options.once,
    )
    run.all(classes)
    run.show()
    return run


def _repeat(options: argparse.Namespace, classes: list[TestClass], servers: Servers) -> int:
    times: Counter[str] = Counter()
    drawn: dict[str, list[str]] = {}
    for number in range(options.repeat):
        print(f"\n== run {number + 1} of {options.repeat}", flush=True)
        run = _run(options, classes, servers)
        for result in [*run.red, *run.flaky]:
            for test, _ in result.failures:
                name = f"{result.test.name} {test}"
                times[name] += 1
                drawn.setdefault(name, []).extend(seeds(result))
    print(f"\n{options.repeat} runs; tests that were ever red: {len(times)}")
    for name, red in times.most_common():
        print(f"  {red} x {name}  {'; '.join(drawn[name])}")
    return 1 if times else 0


def _tell_flaky(run: Run, file: str | None) -> None:
    told = run.told_flaky()
    if told and file:
        Path(file).parent.mkdir(parents=True, exist_ok=True)
        with Path(file).open("a", encoding="utf-8") as whole:
            whole.write(told)
    elif told:
        print(told)


def _stamp_fixtures(options: argparse.Namespace, run: Run) -> None:
    tested = [r for r in run.results if FIXTURES in r.test.tags]
    is_whole = not options.names and FIXTURES not in options.without
    if tested and is_whole and all(r.passed for r in tested) and os.environ.get("CI") != "true":
        fixtures.passed()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="integration",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("names", nargs="*", help="parts of the names of classes, or class#method")
    add("--only", action="append", default=[], metavar="TAG", help="tests with one of these tags")
    add("--without", action="append", default=[], metavar="TAG", help="tests without these tags")
    add("--lanes", type=int, default=(os.cpu_count() or 2) + 2, help="how many at a time")
    add("--once", action="store_true", help="a red class is not tried once more")
    add("--repeat", type=int, default=1, help="run everything so many times")
    add("--burn", type=int, default=0, help="programs that keep a core busy beside the tests")
    add("--longest", type=float, default=900, help="seconds that a class may take")
    add("--list", metavar="FILE", help="where the names of all tests are written")
    add("--flaky-to", metavar="FILE", help="where flaky tests are told, to be shown last")
    add(
        "--changed-fixtures",
        action="store_true",
        help="tests of the fixtures only if those have changed since they passed",
    )
    options, rest = parser.parse_known_args()
    options.properties = [r for r in rest if r.startswith("-D")]
    if unknown := [r for r in rest if not r.startswith("-D")]:
        parser.error(f"unknown: {' '.join(unknown)}; a test's property begins with -D")
    if options.changed_fixtures and not fixtures.have_changed():
        options.without.append(FIXTURES)
    return options


def _chosen(options: argparse.Namespace) -> list[TestClass]:
    classes = plan.select(plan.find(), set(options.only), set(options.without))
    if options.names:
        classes = [c for name in options.names for c in plan.named(classes, name)]
    else:
        classes = plan.unnamed(classes)
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


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
