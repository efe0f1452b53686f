"""Runs a build by Maven and says how far it is; what Maven prints is shown if it fails.

python3 -m local_run.build mvn argument...
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterable
from pathlib import Path

from local_run.console import Console
from local_run.settings import ROOT

LOG = ROOT / "target" / "build.log"
NAME = "build"
MOST_LINES = 40
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
DOWNLOADED = re.compile(r"Downloaded from \S+ (\S+)")
MODULE = re.compile(r"Building (\S+) \S+ +\[(\d+)/(\d+)\]")


class Progress:
    """What Maven's lines tell of it; `--no-transfer-progress` would keep it from telling."""

    def __init__(self) -> None:
        self.downloads = 0
        self._module = ""

    def read(self, line: str) -> None:
        if DOWNLOADED.search(line):
            self.downloads += 1
        found = MODULE.search(line)
        if found:
            name, number, all_modules = found.groups()
            self._module = f"{name}, module {number} of {all_modules}"

    def words(self) -> str:
        parts = [self._module or "Maven begins"]
        if self.downloads:
            parts.append(f"{self.downloads} files downloaded")
        return "; ".join(parts) + ";"


def build(command: list[str], console: Console, log: Path) -> int:
    """The exit code of the command."""
    begin = time.monotonic()
    log.parent.mkdir(exist_ok=True)
    progress = Progress()
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    assert process.stdout is not None
    try:
        with (
            process.stdout,
            log.open("w") as kept,
            console.ticking(),
            console.waiting(NAME, progress.words()),
        ):
            for line in process.stdout:
                kept.write(line)
                progress.read(COLOUR.sub("", line))
                console.waits_for(NAME, progress.words())
            status = process.wait()
    finally:
        process.kill()
    if status:
        console.say(
            "\n".join([*what_went_wrong(log), f"error: the build failed; all that it said: {log}"])
        )
    else:
        note = f"{progress.downloads} files downloaded" if progress.downloads else ""
        console.line("ready", NAME, time.monotonic() - begin, note)
    return status


def what_went_wrong(log: Path) -> Iterable[str]:
    """Maven's lines of errors; where there are none, the end of what it said."""
    lines = log.read_text(errors="replace").splitlines()
    errors = [line for line in lines if "[ERROR]" in line][:MOST_LINES]
    return errors or deque(lines, MOST_LINES)


if __name__ == "__main__":
    try:
        sys.exit(build(sys.argv[1:], Console(), LOG))
    except KeyboardInterrupt:
        sys.exit(130)
