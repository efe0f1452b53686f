from __future__ import annotations

import os
import tempfile
import threading
import time
import unittest
from pathlib import Path

import package_path  # noqa: F401

from local_run import ending
from local_run.processes import ProcessFiles
from local_run.side_by_side import side_by_side

QUICK = 5.0


class EndingTest(unittest.TestCase):
    def setUp(self) -> None:
        self.addCleanup(ending.forget)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def test_a_part_that_fails_is_told_while_others_are_at_work(self) -> None:
        def wait() -> None:
            ending.wait_for(threading.Event())

        def fail() -> None:
            raise ValueError("this one")

        begin = time.monotonic()
        with self.assertRaisesRegex(ValueError, "this one"):
            side_by_side(wait, fail, lambda: time.sleep(60))
        self.assertLess(time.monotonic() - begin, QUICK)

    def test_what_parts_give_is_in_their_order(self) -> None:
        first_may_end = threading.Event()

        def first() -> int:
            first_may_end.wait()
            return 1

        def second() -> int:
            first_may_end.set()
            return 2

        self.assertEqual(side_by_side(first, second), [1, 2])
        self.assertEqual(side_by_side(), [])

    def test_waits_and_called_programs_end_at_once(self) -> None:
        (self.folder / "begun").unlink(missing_ok=True)
        ends: list[str] = []

        def call() -> None:
            try:
                ending.call(["sh", "-c", "touch begun; exec sleep 60"], self.folder, os.environ)
            except ending.EndedError:
                ends.append("program")

        def wait() -> None:
            try:
                ending.pause(60)
            except ending.EndedError:
                ends.append("wait")

        threads = [threading.Thread(target=each) for each in (call, wait)]
        for thread in threads:
            thread.start()
        while not (self.folder / "begun").exists():
            time.sleep(0.01)
        ending.begin()
        for thread in threads:
            thread.join(QUICK)
        self.assertEqual(sorted(ends), ["program", "wait"])

    def test_nothing_is_started_any_more(self) -> None:
        ending.begin()
        files = ProcessFiles(self.folder / "processes")
        with self.assertRaises(ending.EndedError):
            files.start("some", ["touch", "it"], self.folder / "some.log", os.environ, 1, "it")
        with self.assertRaises(ending.EndedError):
            ending.call(["touch", "it"], self.folder, os.environ)
        self.assertFalse((self.folder / "it").exists())

    def test_a_program_is_called_with_its_input(self) -> None:
        self.assertEqual(ending.call(["cat"], self.folder, os.environ, "said"), (0, "said"))
        self.assertEqual(ending.call(["sh", "-c", "exit 3"], self.folder, {}), (3, ""))
