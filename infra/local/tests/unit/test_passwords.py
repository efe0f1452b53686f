from __future__ import annotations

import tempfile
import unittest
from pathlib import Path

import package_path  # noqa: F401

from local_run.passwords import read, read_or_make
from local_run.problem import CannotGoOnError


class PasswordsTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def test_they_are_made_once_all_different_for_their_owner_alone(self) -> None:
        made = read_or_make(self.folder)
        every = [*made.database.values(), *made.broker.values()]
        self.assertEqual(len(set(every)), len(every))
        self.assertEqual((self.folder / "passwords.json").stat().st_mode & 0o777, 0o600)
        self.assertEqual(read_or_make(self.folder).database, made.database)
        self.assertEqual(read(self.folder).broker, made.broker)

    def test_lost_ones_are_not_made_anew_for_servers_that_know_others(self) -> None:
        (self.folder / "postgresql" / "data").mkdir(parents=True)
        with self.assertRaises(CannotGoOnError) as raised:
            read_or_make(self.folder)
        self.assertIn("Put it back", str(raised.exception))
