"""The agent that is somewhere else: its actions come from the worker, line by line."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

from aiopslab_runner.agents.contract import NothingMoreToDo
from aiopslab_runner.agents.options import Options
from aiopslab_runner.agents.scripted import in_a_fence

LINE_LIMIT_BYTES = 4 * 1024 * 1024
BARE_CALL = re.compile(r"\s*\w+\(.*\)\s*", re.DOTALL)


class ExternalAgent:
    """Options: `idle_timeout_seconds` (1 to 10800, for the worker), `delay_ms` (0 to 60000).

    Says `awaiting` with the index of the action that it can take, and acts on the first line with
    that index; any other index is a repeat or a mistake, and nothing is done for it.
    """

    def __init__(self, options: Options) -> None:
        options.integer("idle_timeout_seconds", 1, 10800, default=600)
        self._delay_seconds = options.integer("delay_ms", 0, 60000, default=0) / 1000
        self._inbox = options.surroundings.inbox
        self._say = options.surroundings.say
        self._log = options.surroundings.log
        self._index = 0

    def init_context(self, description: str, instructions: str, actions: dict[str, str]) -> None:
        """Whoever acts has been told already, by the message `session`."""

    async def get_action(self, observation: str) -> str:
        """Without an inbox, or at its end, there is nothing more to do."""
        self._say("awaiting", {"index": self._index})
        action = await self._next_action()
        self._index += 1
        if self._delay_seconds:
            await asyncio.sleep(self._delay_seconds)
        return in_a_fence(action) if BARE_CALL.fullmatch(action) else action

    async def _next_action(self) -> str:
        while True:
            line = await self._inbox.line(LINE_LIMIT_BYTES) if self._inbox is not None else b""
            if not line:
                raise NothingMoreToDo
            message = read_action(line)
            if message is None:
                self._log("warning", "The worker sent a line that is no action; it is left alone.")
            elif message["index"] == self._index:
                return str(message["action"])


def read_action(line: bytes) -> dict[str, Any] | None:
    """None if the line is no action message."""
    try:
        message = json.loads(line.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    if not isinstance(message, dict) or message.get("type") != "action":
        return None
    known = type(message.get("index")) is int and isinstance(message.get("action"), str)
    return message if known else None
