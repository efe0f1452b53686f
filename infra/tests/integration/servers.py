"""One RabbitMQ and one PostgreSQL for the whole run, found or started by the fixtures."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from integration.fork import OPTIONS, class_path, java, with_own_ports
from integration.plan import ROOT

LOG = ROOT / "shared" / "target" / "test-output" / "servers.txt"
MAIN = "io.aiopslab.tasks.testing.TestServers"


class Servers:
    """`environment` is what test JVMs are to be started with."""

    def __init__(self) -> None:
        LOG.parent.mkdir(parents=True, exist_ok=True)
        self._log = LOG.open("w", encoding="utf-8")
        self._process = subprocess.Popen(
            [java(), *OPTIONS, "-cp", class_path("shared"), MAIN],
            cwd=ROOT / "shared",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env=with_own_ports(dict(os.environ)),
            text=True,
            start_new_session=True,
        )
        told = self._read()
        if not told:
            self.close()
            sys.stderr.write(LOG.read_text(encoding="utf-8"))
            raise SystemExit("No servers for the tests; the reason stands above.")
        self.environment = {**os.environ, **told, "PATH": _path()}

    def _read(self) -> dict[str, str]:
        assert self._process.stdout
        told: dict[str, str] = {}
        for line in self._process.stdout:
            name, equals, value = line.rstrip("\n").partition("=")
            if not name:
                return told
            if equals and name.startswith("AIOPSLAB_TEST_"):
                told[name] = value
            else:
                self._log.write(line)
        return {}

    def close(self) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(60)
        self._log.close()


def _path() -> str:
    """With this very Python first: a version manager's stand-in of it costs 0.1 s at each start."""
    return os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
