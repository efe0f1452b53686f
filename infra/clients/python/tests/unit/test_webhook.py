from __future__ import annotations

import base64
import hashlib
import hmac
import json
import unittest

import client_path  # noqa: F401

from aiopslab_tasks import WebhookError, verify_webhook

SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef01234567").decode()
OTHER = "whsec_" + base64.b64encode(b"another secret, 24 bytes").decode()
BODY = json.dumps({"type": "task.completed", "data": {"id": "1"}}).encode()
NOW = 1_795_428_000


def signed(secret: str = SECRET, body: bytes = BODY, at: int = NOW) -> dict[str, str]:
    text = f"msg_1.{at}.".encode() + body
    key = base64.b64decode(secret[len("whsec_") :])
    signature = base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
    return {
        "Webhook-Id": "msg_1",
        "Webhook-Timestamp": str(at),
        "Webhook-Signature": f"v1,{signature}",
    }


class WebhookTest(unittest.TestCase):
    def test_one_that_is_signed_and_recent_is_believed(self) -> None:
        event = verify_webhook(SECRET, signed(), BODY, now=NOW + 299)
        self.assertEqual("task.completed", event["type"])

    def test_the_example_of_the_specification_is_believed(self) -> None:
        """From standardwebhooks.com, whose libraries all check this one."""
        secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
        headers = {
            "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
            "webhook-timestamp": "1614265330",
            "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        }
        event = verify_webhook(secret, headers, b'{"test": 2432232314}', now=1614265330)
        self.assertEqual({"test": 2432232314}, event)

    def test_while_the_secret_is_changed_either_will_do(self) -> None:
        both = signed()
        both["Webhook-Signature"] = (
            f"v1a,x {signed(OTHER)['Webhook-Signature']} {both['Webhook-Signature']}"
        )
        verify_webhook(SECRET, both, BODY, now=NOW)
        verify_webhook(f"{OTHER} {SECRET}", signed(), BODY, now=NOW)

    def test_anything_else_is_refused(self) -> None:
        no_signature = {**signed(), "Webhook-Signature": ""}
        for what, headers, body in [
            ("another secret", signed(OTHER), BODY),
            ("another body", signed(), BODY + b" "),
            ("an old one", signed(at=NOW - 301), BODY),
            ("one from the future", signed(at=NOW + 301), BODY),
            ("no signature", no_signature, BODY),
            ("no headers", {}, BODY),
            ("no time", {**signed(), "Webhook-Timestamp": "\u0661"}, BODY),
            ("no JSON", signed(body=b"{"), b"{"),
            ("no event", signed(body=b"[]"), b"[]"),
        ]:
            with self.subTest(what), self.assertRaises(WebhookError):
                verify_webhook(SECRET, headers, body, now=NOW)

    def test_a_secret_that_is_none_is_the_receivers_mistake(self) -> None:
        for secret in ("secret", "whsec_~", "whsec_a"):
            with self.subTest(secret), self.assertRaisesRegex(ValueError, "whsec_ and base64"):
                verify_webhook(secret, signed(), BODY, now=NOW)
