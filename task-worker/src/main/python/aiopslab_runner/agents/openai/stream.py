"""A streamed answer (server-sent events), put together as if it had come in one piece."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterable, Iterator
from typing import Any

DONE = "[DONE]"


class ErrorInStream(Exception):
    """The server's own error object, or text, in the middle of a stream."""

    def __init__(self, said: Any) -> None:
        super().__init__()
        self.said = said


def completion_from_stream(pieces: Iterable[bytes]) -> dict[str, Any]:
    """Raises ErrorInStream, ValueError for what is not JSON, IncompleteRead without an end."""
    collected = Collected()
    for data in event_data(pieces):
        if data == DONE:
            return collected.completion()
        chunk = json.loads(data)
        if not isinstance(chunk, dict):
            raise ValueError("not an object")
        collected.add(chunk)
    if not collected.finished:
        raise http.client.IncompleteRead(b"")
    return collected.completion()


def event_data(pieces: Iterable[bytes]) -> Iterator[str]:
    """The data of each event; comments and other fields are skipped."""
    data: list[str] = []
    for line in lines(pieces):
        if not line and data:
            yield "\n".join(data)
            data = []
        field, _, value = line.partition(":")
        if field == "data":
            data.append(value.removeprefix(" "))
    if data:
        yield "\n".join(data)


def lines(pieces: Iterable[bytes]) -> Iterator[str]:
    rest: list[bytes] = []
    for piece in pieces:
        *whole, last = piece.split(b"\n")
        for part in whole:
            yield b"".join([*rest, part]).rstrip(b"\r").decode()
            rest = []
        rest.append(last)
    yield b"".join(rest).rstrip(b"\r").decode()


class Collected:
    """Adds up what comes in deltas, and keeps the last of what comes whole."""

    def __init__(self) -> None:
        self._whole: dict[str, Any] = {}
        self._choice: dict[str, Any] = {}
        self._texts: dict[str, list[str]] = {}
        self._lists: dict[str, list[Any]] = {}
        self._calls_tools = False
        self.finished = False

    def add(self, chunk: dict[str, Any]) -> None:
        if chunk.get("error"):
            raise ErrorInStream(chunk)
        choices = chunk.pop("choices", None)
        self._whole.update({name: item for name, item in chunk.items() if item is not None})
        for choice in choices if isinstance(choices, list) else []:
            if isinstance(choice, dict) and choice.get("index", 0) == 0:
                self._add_choice(choice)

    def _add_choice(self, choice: dict[str, Any]) -> None:
        delta = choice.pop("delta", None)
        for name, item in delta.items() if isinstance(delta, dict) else []:
            if isinstance(item, str):
                self._texts.setdefault(name, []).append(item)
            self._calls_tools |= name == "tool_calls" and bool(item)
        logprobs = choice.pop("logprobs", None)
        content = logprobs.get("content") if isinstance(logprobs, dict) else None
        for name, items in (("logprobs", content), ("token_ids", choice.pop("token_ids", None))):
            if isinstance(items, list):
                self._lists.setdefault(name, []).extend(items)
        self._choice.update({name: item for name, item in choice.items() if item is not None})
        self.finished |= bool(choice.get("finish_reason"))

    def completion(self) -> dict[str, Any]:
        message: dict[str, Any] = {name: "".join(parts) for name, parts in self._texts.items()}
        if self._calls_tools:
            message["tool_calls"] = True
        choice = {**self._choice, "message": message}
        if "token_ids" in self._lists:
            choice["token_ids"] = self._lists["token_ids"]
        if "logprobs" in self._lists:
            choice["logprobs"] = {"content": self._lists["logprobs"]}
        seen = bool(self._choice or self._texts)
        return {**self._whole, "choices": [choice] if seen else []}
