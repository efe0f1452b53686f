"""A consumer as it has to be: what it has worked in and its cursor are kept by one write.

python3 feed_consumer.py KEPT BACKEND: one line for each trajectory, its task's id and its cursor.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import client_path  # noqa: F401

from aiopslab_tasks import Client


def last_cursor(kept: Path) -> str | None:
    """What was killed in the middle of a line has not kept it."""
    whole = kept.read_bytes().rpartition(b"\n")[0]
    os.truncate(kept, len(whole) + 1 if whole else 0)
    return whole.decode().rpartition(" ")[2] or None


def main(kept: Path, backend: str) -> None:
    kept.touch()
    feed = Client(os.environ["AIOPSLAB_URL"]).feed(last_cursor(kept), backend_type=backend)
    descriptor = os.open(kept, os.O_WRONLY | os.O_APPEND)
    for trajectory in feed:
        os.write(descriptor, f"{trajectory.task_id} {trajectory.cursor}\n".encode())


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
