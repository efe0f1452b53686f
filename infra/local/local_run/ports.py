"""Who has a port."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

LISTENS = "0A"


def is_free(address: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
    return not answers(address, port)


def answers(address: str, port: int) -> bool:
    """Whether something takes connections there; a listener on all addresses counts too."""
    try:
        with socket.create_connection((address, port), timeout=2):
            return True
    except OSError:
        return False


def owner(port: int) -> str:
    """In words, as exactly as this user may know it."""
    pids = set(_pids_of(set(_inodes(port)))) or set(_pids_by_lsof(port))
    if not pids:
        return f"another program (which one, `ss -ltnp` or `lsof -i :{port}` tells root)"
    return ", ".join(f"{_name(pid)} (process {pid})" for pid in sorted(pids))


def _inodes(port: int) -> Iterator[str]:
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        for fields in map(str.split, lines):
            if fields[3] == LISTENS and int(fields[1].rpartition(":")[2], 16) == port:
                yield fields[9]


def _pids_of(inodes: set[str]) -> Iterator[int]:
    wanted = {f"socket:[{inode}]" for inode in inodes}
    for folder in Path("/proc").glob("[0-9]*/fd") if wanted else ():
        try:
            if any(os.readlink(each) in wanted for each in folder.iterdir()):
                yield int(folder.parent.name)
        except OSError:
            continue  # ended meanwhile, or of another user


def _pids_by_lsof(port: int) -> Iterator[int]:
    try:
        command = ["lsof", "-nP", "-t", f"-iTCP:{port}", "-sTCP:LISTEN"]
        said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        yield from map(int, said.split())
    except FileNotFoundError:
        return


def _name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        command = ["ps", "-o", "comm=", "-p", str(pid)]
        said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        return said.strip() or "a program"
