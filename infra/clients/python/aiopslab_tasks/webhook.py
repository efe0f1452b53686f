"""Callbacks of the service, believed only if they are signed: Standard Webhooks 1.0."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any

from aiopslab_tasks.errors import WebhookError

PREFIX = "whsec_"


def verify_webhook(
    secret: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    tolerance: float = 300.0,
    now: float | None = None,
) -> dict[str, Any]:
    """The event of the body: `type`, `timestamp` and `data`, the task. Raises WebhookError.

    A webhook can come more than once: its header webhook-id is the same every time.

    :param secret: `whsec_…`; several with spaces between them while it is being changed
    :param headers: in whatever case
    :param body: the bytes as they came, before any parsing
    :param tolerance: in seconds, for clocks that differ and for old messages that are played again
    """
    if not isinstance(body, (bytes, bytearray, memoryview)):
        raise TypeError(
            f"a webhook is verified by the bytes as they came, not by {type(body).__name__}; take "
            "the body before it is decoded or parsed"
        )
    named = {name.lower(): value for name, value in headers.items()}
    try:
        message_id, sent = named["webhook-id"], named["webhook-timestamp"]
        signatures = named["webhook-signature"].split()
    except KeyError as missing:
        raise _refused(f"it has no header {missing.args[0]}") from None
    if not sent.isascii() or not sent.isdigit() or len(sent) > 15:
        raise _refused("its time is none")
    if abs((time.time() if now is None else now) - int(sent)) > tolerance:
        raise _refused(f"it was sent more than {tolerance:g} s ago, or by a clock that is wrong")
    signed = f"{message_id}.{sent}.".encode() + body
    expected = [_signature(one, signed) for one in secret.split()]
    given = [s.encode() for s in signatures]
    if not any(hmac.compare_digest(one, other) for one in expected for other in given):
        raise _refused("its signature is not of this secret")
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):
        raise _refused("its body is no JSON") from None
    if not isinstance(event, dict):
        raise _refused("its body is no event")
    return event


def _signature(secret: str, signed: bytes) -> bytes:
    try:
        if not secret.startswith(PREFIX):
            raise ValueError(secret)
        key = base64.b64decode(secret[len(PREFIX) :], validate=True)
    except (ValueError, binascii.Error):
        raise ValueError(f"a webhook secret is {PREFIX} and base64; ask the operator") from None
    return b"v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest())


def _refused(why: str) -> WebhookError:
    return WebhookError(
        f"The webhook is not believed: {why}; answer it with 400 and do nothing else.",
        code="webhook_refused",
    )
