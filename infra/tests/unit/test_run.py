import contextlib
import io
import threading
import unittest
from collections import Counter
from typing import Any, cast

import package_path  # noqa: F401

from integration.fork import Fork, Result
from integration.plan import TestClass
from integration.run import Run, seeds
from integration.side_by_side import SideBySide


def test_class(module: str, name: str, *tags: str) -> TestClass:
    return TestClass(module, name, frozenset(tags), frozenset())


class RecordingForks:
    """JVMs that run nothing, and write down what they were asked for."""

    def __init__(self, failing: dict[str, int] | None = None) -> None:
        self.failing = Counter(failing or {})
        self.started: list[str] = []
        self.ran: list[str] = []
        self.at_once = 0
        self.most_at_once = 0
        self.lock = threading.Lock()

    def start(self, module: str) -> Fork:
        self.started.append(module)
        forks = self

        class Recording:
            is_alive = True

            def run(self, test: TestClass) -> Result:
                with forks.lock:
                    forks.at_once += 1
                    forks.most_at_once = max(forks.most_at_once, forks.at_once)
                    forks.ran.append(test.name)
                    fails = forks.failing[test.name] > 0
                    forks.failing[test.name] -= 1
                failures = [("a", "because")] if fails else []
                with forks.lock:
                    forks.at_once -= 1
                return Result(test, 0.1, 0.1, ["a"], failures, output="seed 17\n")

            def close(self) -> None:
                pass

        return cast(Fork, cast(Any, Recording()))


class RunTest(unittest.TestCase):
    def run_all(self, forks: RecordingForks, *classes: TestClass) -> Run:
        run = Run(forks.start, lanes=3, once=False)
        with contextlib.redirect_stdout(io.StringIO()):
            run.all(list(classes))
        return run

    def test_each_class_runs_once_and_a_lane_keeps_to_its_module(self) -> None:
        classes = [test_class(m, f"{m}.{i}IT") for m in "abcd" for i in range(20)]
        forks = RecordingForks()
        told: list[Result] = []
        SideBySide(classes, 3, forks.start, told.append).run()
        self.assertEqual(sorted(c.name for c in classes), sorted(forks.ran))
        self.assertEqual(80, len(told))
        self.assertLessEqual(len(forks.started), 4 + 3)

    def test_those_alone_run_after_the_others(self) -> None:
        forks = RecordingForks()
        alone = test_class("a", "AloneIT", "alone")
        self.run_all(forks, alone, test_class("a", "OneIT"), test_class("b", "OtherIT"))
        self.assertEqual("AloneIT", forks.ran[-1])

    def test_red_then_green_is_flaky_and_told_with_both(self) -> None:
        run = self.run_all(RecordingForks({"OneIT": 1}), test_class("a", "OneIT"))
        self.assertEqual([], run.red)
        told = run.told_flaky()
        self.assertIn("RED AT FIRST: OneIT", told)
        self.assertIn("GREEN BY ITSELF: OneIT", told)

    def test_red_twice_is_red(self) -> None:
        run = self.run_all(RecordingForks({"OneIT": 2}), test_class("a", "OneIT"))
        self.assertEqual(["OneIT"], [r.test.name for r in run.red])
        self.assertEqual("", run.told_flaky())
        self.assertEqual(["seed 17"], seeds(run.red[0]))

    def test_what_a_lane_meets_is_raised(self) -> None:
        def broken(module: str) -> Fork:
            raise OSError("no java")

        with self.assertRaisesRegex(OSError, "no java"):
            SideBySide([test_class("a", "OneIT")], 2, broken, lambda result: None).run()


if __name__ == "__main__":
    unittest.main()
