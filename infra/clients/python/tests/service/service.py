"""The running service that these tests need, and what they submit to it."""

from __future__ import annotations

import os
import unittest
import uuid
from pathlib import Path
from typing import Any

import client_path
from cutting_proxy import CuttingProxy

from aiopslab_tasks import Client

URL = os.environ.get("AIOPSLAB_URL", "")
PACKAGE_PATH = client_path.PACKAGE_PATH
EXAMPLES = Path(__file__).resolve().parents[4] / "examples"

DETECTION = "misconfig_app_hotel_res-detection-1"
QUICK = {"agent": "scripted", "actions": ['submit("Yes")']}
ENDLESS = {"agent": "scripted", "actions": ["get_logs()"] * 9, "delay_ms": 60_000}
PATIENCE_SECONDS = 60.0

if not URL:
    raise RuntimeError(
        "these tests need a running service: make run, then AIOPSLAB_URL=http://localhost:8000 "
        "python3 -m unittest discover -s infra/clients/python/tests/service"
    )


class ServiceTest(unittest.TestCase):
    def setUp(self) -> None:
        self.run_id = uuid.uuid4().hex
        self.metadata = {"run": self.run_id}
        self.client = self.client_at(URL)

    def client_at(self, url: str) -> Client:
        client = Client(url)
        self.addCleanup(client.close)
        return client

    def client_through(self, *cuts: int) -> tuple[CuttingProxy, Client]:
        """Over a network that cuts the first connections after so many bytes each."""
        proxy = CuttingProxy(URL, *cuts)
        proxy.__enter__()
        self.addCleanup(proxy.__exit__)
        return proxy, self.client_at(proxy.url)

    def quick(self, **more: Any) -> str:
        return self.client.submit(DETECTION, agent_config=QUICK, metadata=self.metadata, **more).id
