"""python3 -m local_run up | down | status"""

from __future__ import annotations

import argparse
import fcntl
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from local_run import settings as choices
from local_run.console import Console
from local_run.down import down
from local_run.problem import CannotGoOnError
from local_run.processes import ProcessFiles
from local_run.status import table
from local_run.up import up


def main() -> int:
    parser = argparse.ArgumentParser(prog="local_run", description=__doc__)
    parser.add_argument("command", choices=["up", "down", "status"])
    command = parser.parse_args().command
    signal.signal(signal.SIGTERM, _interrupt)
    console = Console()
    try:
        settings = choices.read(os.environ)
        files = ProcessFiles(settings.folder / "processes")
        if command == "status":
            console.say(table(settings, files))
            return 0
        with _alone(settings.folder):
            {"up": up, "down": down}[command](settings, files, console)
        return 0
    except CannotGoOnError as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "in-use.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotGoOnError(
                f"another make up or make down is at work in {folder}. Wait until it is done."
            ) from None
        yield


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
