"""The body of an answer: bounded, and known to be whole."""

from __future__ import annotations

import http.client
from collections.abc import Iterator

from aiopslab_runner.agents.openai.failures import ModelFailure
from aiopslab_runner.agents.openai.wire import PIECE_BYTES

BODY_LIMIT_BYTES = 64 * 1024 * 1024
ERROR_LIMIT_BYTES = 64 * 1024


def pieces_of(response: http.client.HTTPResponse, most: int) -> Iterator[bytes]:
    """The body as it comes. Raises ModelFailure when it is too long, and when it is cut short,
    http.client.IncompleteRead."""
    expected = None if response.chunked else response.length
    received = 0
    while expected is None or received < expected:
        wanted = PIECE_BYTES if expected is None else min(PIECE_BYTES, expected - received)
        piece = response.read1(wanted)
        received += len(piece)
        if received > most:
            raise ModelFailure(
                f"the answer of the model's server is longer than {most} bytes; set "
                "agent_config.max_tokens, or ask for fewer extras"
            )
        if not piece:
            break
        yield piece
    if expected is not None and received < expected:
        raise http.client.IncompleteRead(b"", expected - received)


def beginning_of(response: http.client.HTTPResponse) -> str:
    """As much of an error's body as comes; an error is one even if its body is cut short."""
    body = b""
    try:
        for piece in pieces_of(response, BODY_LIMIT_BYTES):
            body += piece
            if len(body) >= ERROR_LIMIT_BYTES:
                break
    except (OSError, http.client.HTTPException):
        pass
    return body[:ERROR_LIMIT_BYTES].decode(errors="replace")
