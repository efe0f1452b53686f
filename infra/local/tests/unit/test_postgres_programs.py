from __future__ import annotations

import tempfile
import unittest
from pathlib import Path
from unittest import mock

import package_path  # noqa: F401

from local_run import postgres_programs
from local_run.problem import CannotGoOnError


def installed(folder: Path, version: int) -> Path:
    """A folder of programs that say this version of themselves."""
    folder.mkdir(parents=True)
    for program in ("initdb", "postgres"):
        said = f"{program} (PostgreSQL) {version}.4 (Debian {version}.4-1)"
        (folder / program).write_text(f"#!/bin/sh\necho '{said}'\n")
        (folder / program).chmod(0o755)
    return folder


class PostgresProgramsTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.data = self.folder / "data"
        self.debian = self.folder / "debian"
        for name, value in (("DEBIAN", self.debian), ("LIBRARIES", self.folder / "lib")):
            patch = mock.patch.object(postgres_programs, name, value)
            patch.start()
            self.addCleanup(patch.stop)
        environment = mock.patch.dict("os.environ", {"PATH": str(self.folder / "path")})
        environment.start()
        self.addCleanup(environment.stop)

    def find(self) -> Path:
        return postgres_programs.find(self.data, self.folder / "unpacked")

    def test_new_data_gets_the_newest(self) -> None:
        installed(self.debian / "9" / "bin", 9)
        newest = installed(self.debian / "15" / "bin", 15)
        self.assertEqual(self.find(), newest)

    def test_those_on_the_path_come_first(self) -> None:
        installed(self.debian / "15" / "bin", 15)
        chosen = installed(self.folder / "path", 14)
        self.assertEqual(self.find(), chosen)

    def test_data_gets_those_that_wrote_it(self) -> None:
        installed(self.debian / "17" / "bin", 17)
        writer = installed(self.debian / "15" / "bin", 15)
        self.data.mkdir()
        (self.data / "PG_VERSION").write_text("15\n")
        self.assertEqual(self.find(), writer)

    def test_data_of_a_version_that_is_gone_is_left_alone(self) -> None:
        installed(self.debian / "17" / "bin", 17)
        self.data.mkdir()
        (self.data / "PG_VERSION").write_text("15\n")
        with self.assertRaises(CannotGoOnError) as raised:
            self.find()
        self.assertIn("apt-get install postgresql-15", str(raised.exception))

    def test_where_there_are_none_it_says_how_to_get_them(self) -> None:
        with self.assertRaises(CannotGoOnError) as raised:
            self.find()
        self.assertIn("apt-get install postgresql", str(raised.exception))
