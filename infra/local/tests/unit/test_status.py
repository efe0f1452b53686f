from __future__ import annotations

import os
import tempfile
import unittest
from pathlib import Path

import package_path  # noqa: F401

from local_run.memory import Resident, resident
from local_run.processes import ProcessFiles
from local_run.settings import read
from local_run.status import duration, table


class StatusTest(unittest.TestCase):
    def test_what_was_never_started_is_in_the_table_too(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            shown = table(read({"UP_FOLDER": folder}), ProcessFiles(Path(folder) / "processes"))
        lines = shown.splitlines()
        self.assertTrue(lines[0].startswith("service"))
        self.assertEqual(len(lines), 8)
        self.assertTrue(all("not running" in line for line in lines[1:]))

    def test_durations_are_in_words(self) -> None:
        self.assertEqual(duration(7.9), "7 s")
        self.assertEqual(duration(61), "1 min 1 s")
        self.assertEqual(duration(2 * 3600 + 61), "2 h 1 min")
        self.assertEqual(duration(3 * 86400 + 7200), "3 d 2 h")

    def test_what_a_family_shares_counts_once(self) -> None:
        family = Resident(10, 100, 50) + Resident(20, 90, 70)
        self.assertEqual(family.total, 30 + 100 + 70)

    def test_a_process_has_memory_and_one_that_does_not_run_has_none(self) -> None:
        self.assertGreater(resident(os.getpid()), 1 << 20)
        self.assertEqual(resident(2**22 + 1), 0)
