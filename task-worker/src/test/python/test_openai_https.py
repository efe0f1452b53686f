"""A model's server behind https: the certificate has to be trusted, and for the host's name."""

from __future__ import annotations

import os
import shutil
import ssl
import subprocess
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from asked_agent import AskedAgent
from model_server import ModelServer, delta, plain, stream

from aiopslab_runner.agents.openai.failures import ModelFailure

REQUEST = (
    "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
    "-keyout key.pem -out certificate.pem -subj /CN=localhost -addext subjectAltName=DNS:localhost"
)


@unittest.skipUnless(shutil.which("openssl"), "makes its certificate with openssl")
class Https(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        subprocess.run(REQUEST.split(), cwd=folder.name, check=True, capture_output=True)
        cls.certificate = Path(folder.name) / "certificate.pem"
        cls.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        cls.tls.load_cert_chain(cls.certificate, cls.certificate.with_name("key.pem"))

    def trusted(self) -> object:
        return mock.patch.dict(os.environ, {"SSL_CERT_FILE": str(self.certificate)})

    def test_a_trusted_server_is_asked(self) -> None:
        answers = (plain("fine " * 50_000), stream(delta("also "), delta("fine", "stop")))
        with ModelServer(*answers, tls=self.tls) as server, self.trusted():
            asked = AskedAgent(server.base_url)
            self.assertEqual("fine " * 50_000, asked.ask("x" * 500_000))
            self.assertEqual("also fine", asked.ask())

    def test_a_certificate_nobody_vouches_for_is_final(self) -> None:
        with ModelServer(plain("no"), tls=self.tls) as server:
            with self.assertRaisesRegex(ModelFailure, "is not trusted .*; give the server"):
                AskedAgent(server.base_url).ask()
            self.assertEqual([], server.asked)

    def test_a_certificate_for_another_name_is_final(self) -> None:
        with ModelServer(plain("no"), tls=self.tls) as server, self.trusted():
            with self.assertRaisesRegex(ModelFailure, "is not trusted"):
                AskedAgent(f"https://127.0.0.1:{server.port}/v1").ask()
            self.assertEqual([], server.asked)


if __name__ == "__main__":
    unittest.main()
