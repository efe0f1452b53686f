"""How much memory a process and its children keep."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Resident:
    """In bytes. Children share files and segments with their parent, but not anonymous memory."""

    anonymous: int = 0
    files: int = 0
    segments: int = 0

    def __add__(self, other: Resident) -> Resident:
        return Resident(
            self.anonymous + other.anonymous,
            max(self.files, other.files),
            max(self.segments, other.segments),
        )

    @property
    def total(self) -> int:
        return self.anonymous + self.files + self.segments


def resident(pid: int) -> int:
    """Resident bytes of the process and all below it; what they share counts once."""
    if not Path("/proc/self/status").exists():
        command = ["ps", "-o", "rss=", "-p", str(pid)]
        said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        return int(said or 0) * 1024
    return sum((_of_one(each) for each in _family(pid)), Resident()).total


def _family(pid: int) -> list[int]:
    family = [pid]
    for parent in family:  # grows while it is walked
        for children in Path(f"/proc/{parent}/task").glob("*/children"):
            try:
                family.extend(map(int, children.read_text().split()))
            except OSError:
                continue
    return family


def _of_one(pid: int) -> Resident:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return Resident()
    found = dict(re.findall(r"^Rss(\w+):\s+(\d+) kB$", status, re.MULTILINE))
    anonymous, files, segments = (
        int(found.get(key, 0)) * 1024 for key in ("Anon", "File", "Shmem")
    )
    return Resident(anonymous, files, segments)
