from __future__ import annotations

import os
import socket
import unittest

import package_path  # noqa: F401

from local_run.ports import answers, is_free, owner


class PortsTest(unittest.TestCase):
    def setUp(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(self.listener.close)
        self.port = self.listener.getsockname()[1]

    def test_a_taken_port_is_not_free_and_its_owner_is_named(self) -> None:
        self.assertFalse(is_free("127.0.0.1", self.port))
        self.assertIn(f"(process {os.getpid()})", owner(self.port))

    def test_a_port_that_was_let_go_is_free(self) -> None:
        self.listener.close()
        self.assertTrue(is_free("127.0.0.1", self.port))
        self.assertFalse(answers("127.0.0.1", self.port))
        self.assertIn("another program", owner(self.port))
