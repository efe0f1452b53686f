from __future__ import annotations

import unittest

import package_path  # noqa: F401

from local_run.problem import CannotGoOnError
from local_run.settings import ROOT, read


class SettingsTest(unittest.TestCase):
    def test_unless_set_everything_is_beside_the_build_and_on_loopback(self) -> None:
        settings = read({})
        self.assertEqual(settings.folder, ROOT / "run")
        self.assertEqual(settings.address, "127.0.0.1")
        self.assertEqual(settings.api_port, 8000)
        self.assertEqual(settings.worker_ports, (8001, 8003))

    def test_folder_and_ports_can_be_chosen(self) -> None:
        settings = read({"UP_FOLDER": "/tmp/elsewhere", "UP_API_PORT": "9000"})
        self.assertEqual(str(settings.folder), "/tmp/elsewhere")
        self.assertEqual(settings.api_port, 9000)

    def test_what_is_no_port_is_named(self) -> None:
        for wrong in ("0", "65536", "http", "-1", "8 0", "²"):
            with self.subTest(wrong), self.assertRaises(CannotGoOnError) as raised:
                read({"UP_API_PORT": wrong})
            self.assertIn("UP_API_PORT must be a port", str(raised.exception))

    def test_a_port_that_is_chosen_twice_is_named(self) -> None:
        with self.assertRaises(CannotGoOnError) as raised:
            read({"UP_AMQP_PORT": "8000"})
        self.assertIn("UP_API_PORT and UP_AMQP_PORT are both 8000", str(raised.exception))
