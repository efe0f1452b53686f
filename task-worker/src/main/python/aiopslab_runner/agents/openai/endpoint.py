"""One request to the chat completions of a model's server, and the answer or why there is none."""

from __future__ import annotations

import http.client
import json
import os
import re
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from aiopslab_runner import __version__
from aiopslab_runner.agents.openai.body import BODY_LIMIT_BYTES, beginning_of, pieces_of
from aiopslab_runner.agents.openai.context_overflow import says_context_overflow
from aiopslab_runner.agents.openai.failures import (
    ContextTooLong,
    ModelFailure,
    PassingFailure,
    advice,
    shortened,
)
from aiopslab_runner.agents.openai.keys import Destination
from aiopslab_runner.agents.openai.retry_after import seconds_to_wait
from aiopslab_runner.agents.openai.server_words import (
    failed_generation,
    first_choice,
    json_or_text,
    server_message,
)
from aiopslab_runner.agents.openai.stream import ErrorInStream, completion_from_stream
from aiopslab_runner.agents.openai.wire import Deadline, open_wire

TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}\Z")
CONTENT_TOO_LARGE = 413
CONTEXT_ADVICE = (
    "set a smaller agent_config.history_limit_tokens or max_tokens, or take a model with a longer "
    "context"
)


@dataclass(frozen=True)
class Answer:
    """`completion` is the response's JSON, a stream's put together; neither contains the key."""

    completion: dict[str, Any]
    headers: Mapping[str, str]


class Endpoint:
    """Blocks while it asks; a stop signal interrupts it at once, and the connection is closed."""

    def __init__(
        self,
        destination: Destination,
        timeout_seconds: float,
        body_limit_bytes: int = BODY_LIMIT_BYTES,
    ) -> None:
        self.url = destination.base_url
        self._key = destination.key
        self._timeout_seconds = timeout_seconds
        self._body_limit_bytes = body_limit_bytes

    def ask(self, body: dict[str, Any]) -> Answer:
        """Raises PassingFailure, ModelFailure, or ContextTooLong."""
        data = json.dumps(body).encode()
        deadline = Deadline(self._timeout_seconds)
        try:
            with open_wire(self.url, deadline) as wire:
                connection = http.client.HTTPConnection(self.url.host, self.url.port)
                connection.sock = wire
                connection.request("POST", self._path(), data, self._headers())
                return self._answer(connection.getresponse())
        except ssl.SSLCertVerificationError as reason:
            raise ModelFailure(
                f"the certificate of {self.url} is not trusted ({reason.verify_message}); give "
                "the server a certificate that the worker's machine trusts"
            ) from None
        except RecursionError:
            raise PassingFailure("answered with JSON that is nested too deeply") from None
        except (socket.timeout, TimeoutError):
            raise PassingFailure(
                f"gave no whole answer within {self._timeout_seconds:g} s (timeout_seconds)"
            ) from None
        except (OSError, http.client.HTTPException) as reason:
            said = shortened(self._safe(f"{type(reason).__name__} {reason}"))
            raise PassingFailure(f"refused the connection or broke it off ({said})") from None

    def _path(self) -> str:
        return self.url.path_of("chat", "completions")

    def _headers(self) -> dict[str, str]:
        headers = {
            "Host": self.url.authority,
            "User-Agent": f"aiopslab-runner/{__version__}",
            "Accept": "application/json, text/event-stream",
            "Content-Type": "application/json",
            "Connection": "close",
        }
        traceparent = os.environ.get("TRACEPARENT", "")
        if TRACEPARENT.match(traceparent):
            headers["traceparent"] = traceparent
        if self._key is not None:
            headers["Authorization"] = self._key.authorization()
        return headers

    def _answer(self, response: http.client.HTTPResponse) -> Answer:
        if not 200 <= response.status < 300:
            raise self._failure(response)
        pieces = pieces_of(response, self._body_limit_bytes)
        headers = {name.lower(): self._safe(value) for name, value in response.getheaders()}
        try:
            if headers.get("content-type", "").lower().startswith("text/event-stream"):
                completion = self._safe(completion_from_stream(pieces))
            else:
                completion = self._safe(json.loads(b"".join(pieces)))
        except ValueError:
            raise PassingFailure(
                f"answered {response.status} with something that is not JSON"
            ) from None
        except ErrorInStream as error:
            said = self._safe(error.said)
            sentence = f"broke its stream off with an error: {shortened(server_message(said))}"
            raise self._passing_or_too_long(sentence, said) from None
        choice = first_choice(completion)
        if choice is None:
            said = shortened(server_message(completion))
            sentence = f"answered {response.status} without a choice: {said}"
            raise self._passing_or_too_long(sentence, completion)
        reason = failed_generation(choice)
        if reason is not None:
            sentence = f"answered {response.status} with a generation that failed ({reason})"
            raise self._passing_or_too_long(sentence, reason)
        return Answer(completion, headers)

    def _passing_or_too_long(
        self, sentence: str, said: Any, retry_after: float | None = None
    ) -> Exception:
        """The same conversation would be too long the next time as well."""
        if says_context_overflow(said):
            return self._too_long(sentence)
        return PassingFailure(sentence, retry_after)

    def _too_long(self, sentence: str) -> ContextTooLong:
        return ContextTooLong(f"{self.url} {sentence.rstrip('.')}; {CONTEXT_ADVICE}")

    def _failure(self, response: http.client.HTTPResponse) -> Exception:
        status = f"{response.status} {http.client.responses.get(response.status, '')}".strip()
        if 300 <= response.status < 400:
            return ModelFailure(
                f"{self.url} answered {status}, a redirect{self._aim(response)}, and redirects are "
                "not followed; put the final address into agent_config.base_url"
            )
        error = self._safe(json_or_text(beginning_of(response)))
        said = shortened(server_message(error))
        sentence = f"answered {status}" + (f": {said}" if said else "")
        if response.status in (408, 409, 425, 429) or response.status >= 500:
            seconds = seconds_to_wait(response.getheader("Retry-After"))
            return self._passing_or_too_long(sentence, error, seconds)
        if response.status == CONTENT_TOO_LARGE or says_context_overflow(error):
            return self._too_long(sentence)
        variable = self._key.variable if self._key is not None else None
        advised = advice(response.status, variable)
        return ModelFailure(f"{self.url} {sentence.rstrip('.')}; {advised}")

    def _aim(self, response: http.client.HTTPResponse) -> str:
        try:
            parts = urlsplit(response.getheader("Location", ""))
            aim = f"{parts.scheme}://{parts.hostname}{parts.path}" if parts.hostname else parts.path
        except ValueError:
            return ""
        return f" to {shortened(self._safe(aim))}" if aim else ""

    def _safe(self, said: Any) -> Any:
        return said if self._key is None else self._key.taken_out_of(said)
