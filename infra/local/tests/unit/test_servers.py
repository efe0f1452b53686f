from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import unittest
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import package_path  # noqa: F401

from local_run import rabbitmq
from local_run.passwords import read_or_make
from local_run.postgres import Postgres
from local_run.problem import CannotGoOnError
from local_run.processes import ProcessFiles, find
from local_run.settings import Settings, read


class ServersTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def test_a_missing_rabbitmq_is_told_with_how_to_get_it(self) -> None:
        with (
            mock.patch.object(rabbitmq, "FOLDERS", (str(self.folder),)),
            mock.patch.dict(os.environ),
        ):
            os.environ.pop("RABBITMQ_HOME", None)
            with self.assertRaises(CannotGoOnError) as raised:
                rabbitmq.find_script()
        self.assertIn("apt-get install rabbitmq-server", str(raised.exception))

    def test_one_that_was_unpacked_is_found_by_its_home(self) -> None:
        script = self.folder / "sbin" / "rabbitmq-server"
        script.parent.mkdir()
        script.touch(mode=0o755)
        with mock.patch.dict(os.environ, RABBITMQ_HOME=str(self.folder)):
            self.assertEqual(rabbitmq.find_script(), script)

    def test_the_file_of_a_killed_postgresql_whose_id_is_anothers_by_now_is_removed(self) -> None:
        file = self.data() / "postmaster.pid"
        file.write_text(f"{os.getpid()}\nmore\n")
        self.postgres()._forget_leftover()
        self.assertFalse(file.exists())

    def test_a_postgresql_that_runs_unknown_to_us_is_named_and_left_alone(self) -> None:
        command = [sys.executable, "-c", "import time; time.sleep(60)", str(self.data())]
        server = subprocess.Popen(command)
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)
        file = self.data() / "postmaster.pid"
        file.write_text(f"{server.pid}\n")
        with self.assertRaises(CannotGoOnError) as raised:
            self.postgres()._forget_leftover()
        self.assertIn(f"kill -INT {server.pid}", str(raised.exception))
        self.assertTrue(file.exists())

    def test_a_name_server_that_rabbitmq_started_for_this_folder_is_known_again(self) -> None:
        settings = read({"UP_FOLDER": str(self.folder)})
        files = ProcessFiles(self.folder / "processes")
        of_another = read({"UP_FOLDER": str(self.folder / "another")})
        with self.name_server(of_another):
            self.assertIsNone(rabbitmq.adopt_name_server(settings, files))
        with self.name_server(settings) as pid:
            adopted = rabbitmq.adopt_name_server(settings, files)
            assert adopted is not None
            self.assertEqual((adopted.pid, adopted.port), (pid, 4370))
            self.assertEqual(files.alive(rabbitmq.EPMD), adopted)
            self.assertIsNone(rabbitmq.adopt_name_server(settings, files), "known already")

    @contextmanager
    def name_server(self, settings: Settings) -> Iterator[int]:
        """A process of its name, with the environment that a node's has."""
        program = self.folder / "epmd"
        if not program.exists():
            program.symlink_to("/bin/sleep")
        data = str(rabbitmq.data(settings))
        variables = {**os.environ, rabbitmq.DATA: data}
        process = subprocess.Popen([str(program), "60"], env=variables)
        until = time.monotonic() + 10
        try:
            while process.pid not in find("epmd", f"{rabbitmq.DATA}={data}"):
                self.assertLess(time.monotonic(), until, "its name and environment are not seen")
            yield process.pid
        finally:
            process.kill()
            process.wait()

    def data(self) -> Path:
        data = self.folder / "postgresql" / "data"
        data.mkdir(parents=True, exist_ok=True)
        return data

    def postgres(self) -> Postgres:
        passwords = self.folder / "passwords"
        passwords.mkdir(exist_ok=True)
        settings = read({"UP_FOLDER": str(self.folder)})
        files = ProcessFiles(self.folder / "processes")
        return Postgres(settings, read_or_make(passwords), files)
