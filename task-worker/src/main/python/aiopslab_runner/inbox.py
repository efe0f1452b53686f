"""What the worker writes: lines on a descriptor nobody else knows.

A child process that reads standard input (`kubectl exec -i`, an agent's shell) finds it at its end,
and can never take an action away from the run.
"""

from __future__ import annotations

import asyncio
import os

PIECE_BYTES = 65536


def claim_stdin() -> int:
    """Moves standard input to a private descriptor; descriptor 0 becomes empty.

    Returns the private descriptor, which no child process inherits (PEP 446); -1 without any input.
    """
    nowhere = os.open(os.devnull, os.O_RDONLY)
    try:
        private = os.dup(0)
    except OSError:
        private = -1
    if nowhere != 0:
        os.dup2(nowhere, 0)
        os.close(nowhere)
    return private


class Inbox:
    """Lines in order, without their ends; an empty one means that nobody writes any more."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._read = b""
        self._ended = descriptor < 0

    def readline(self, most: int) -> bytes:
        """As of a file: blocks; no line feed at the end of the last line, or of one too long."""
        while b"\n" not in self._read and len(self._read) < most and not self._ended:
            self._read_piece()
        return self._take(most)

    async def line(self, most: int) -> bytes:
        """Likewise, without keeping the event loop from anything else."""
        while b"\n" not in self._read and len(self._read) < most and not self._ended:
            await self._readable()
            self._read_piece()
        return self._take(most)

    async def _readable(self) -> None:
        loop = asyncio.get_running_loop()
        arrived = loop.create_future()
        try:
            loop.add_reader(self._descriptor, _settle, arrived)
        except PermissionError:
            return  # a file, which never keeps anybody waiting
        try:
            await arrived
        finally:
            loop.remove_reader(self._descriptor)

    def _read_piece(self) -> None:
        piece = os.read(self._descriptor, PIECE_BYTES)
        self._ended = not piece
        self._read += piece

    def _take(self, most: int) -> bytes:
        end = self._read.find(b"\n", 0, most)
        length = end + 1 if end >= 0 else min(most, len(self._read))
        line, self._read = self._read[:length], self._read[length:]
        return line


def _settle(arrived: asyncio.Future[None]) -> None:
    if not arrived.done():
        arrived.set_result(None)
