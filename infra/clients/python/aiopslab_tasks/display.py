"""A task as it runs, shown to people or to programs."""

from __future__ import annotations

import json
import shutil
import threading
import time
from types import TracebackType
from typing import Any, Protocol, TextIO

from aiopslab_tasks.events import Event
from aiopslab_tasks.harmless import cut, harmless
from aiopslab_tasks.records import Json, LogLine

REDRAW_SECONDS = 0.2
SPINNER = "|/-\\"
START_OF_LINE = "\r\x1b[2K"


class Display(Protocol):
    def show(self, event: Event) -> None: ...

    def __enter__(self) -> Display: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class Standing:
    """Where a task stands, as one line says it."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._status = "pending"
        self._worker = ""
        self._progress: Json = {}
        self._said = ""

    def take(self, event: Event) -> bool:
        """Whether there is something new to say."""
        if event.type == "status":
            self._status = str(event.data["status"])
            self._worker = str(event.data.get("worker_id") or "")
        elif event.type == "progress":
            self._progress = event.data
        before, self._said = self._said, self.words()
        return self._said != before

    def words(self) -> str:
        if self._status != "running":
            return self._status
        place = f" on {self._worker}" if self._worker else ""
        phase = self._progress.get("phase", "setup")
        if phase == "running":
            done, most = self._progress.get("steps", 0), self._progress.get("max_steps", "?")
            return f"running{place}: step {done} of at most {most}"
        return f"running{place}: {phase}"

    def elapsed(self) -> str:
        minutes, seconds = divmod(int(time.monotonic() - self._began), 60)
        return f"{minutes:02}:{seconds:02}"


class Notes:
    """Says how things stand, as long as there is somebody to hear it: no run fails of it."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        if self._stream is None:
            return
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):
            self._stream = None


class PlainDisplay:
    """Log lines to one stream, a line for each change to the other: for files and pipes."""

    def __init__(self, out: TextIO | None, notes: TextIO | None) -> None:
        self._out = out
        self._notes = Notes(notes)
        self._standing = Standing()

    def show(self, event: Event) -> None:
        if event.type == "log":
            print_to(self._out, log_text(event.data))
        elif self._standing.take(event):
            self._notes.write(harmless(self._standing.words()) + "\n")

    def __enter__(self) -> PlainDisplay:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """There is nothing to be cleaned up."""


class TerminalDisplay:
    """Log lines, and below them one line that is drawn anew as time goes by."""

    def __init__(self, out: TextIO | None, screen: TextIO) -> None:
        self._out = out
        self._screen = Notes(screen)
        self._standing = Standing()
        self._turn = 0
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._drawer = threading.Thread(target=self._keep_drawing, daemon=True)

    def show(self, event: Event) -> None:
        with self._lock:
            if event.type == "log":
                self._screen.write(START_OF_LINE)
                print_to(self._out, log_text(event.data))
            self._standing.take(event)
            self._draw()

    def _keep_drawing(self) -> None:
        while not self._ended.wait(REDRAW_SECONDS):
            with self._lock:
                self._turn += 1
                self._draw()

    def _draw(self) -> None:
        sign = SPINNER[self._turn % len(SPINNER)]
        line = harmless(f"{sign} {self._standing.elapsed()}  {self._standing.words()}")
        self._screen.write(START_OF_LINE + cut(line, shutil.get_terminal_size().columns - 1))

    def __enter__(self) -> TerminalDisplay:
        self._drawer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._drawer.join()
        self._screen.write(START_OF_LINE)


class JsonDisplay:
    """Every event as a line of JSON."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def show(self, event: Event) -> None:
        print(json_line({"event": event.type, "data": event.data}), file=self._out, flush=True)

    def __enter__(self) -> JsonDisplay:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """There is nothing to be cleaned up."""


def print_to(stream: TextIO | None, text: str) -> None:
    if stream is not None:
        print(text, file=stream, flush=True)


def log_text(line: Json) -> str:
    said = LogLine(line)
    return harmless(f"{said.timestamp[11:19]} {said.level:<7} {said.message}")


def json_line(value: Any) -> str:
    """In ASCII without control characters, so that nothing in it can steer a terminal."""
    return json.dumps(value, separators=(",", ":")).replace("\x7f", "\\u007f")
