"""Runs a command where /proc is empty and `ps` works, as on macOS: in a mount namespace."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import unittest
from pathlib import Path

# The namespace's own ps gets a namespace of its own again, in which /proc is the real one.
PS = """#!/bin/sh
exec {unshare} --mount /bin/sh -c 'mount --rbind {real} /proc && exec {ps} "$@"' ps "$@"
"""
HIDE = """
mount --rbind /proc {real}
mount -t tmpfs none /proc
mount --bind {shown} /bin/ps
exec "$@"
"""


def command_without_proc(folder: Path, command: list[str], shows_ps: bool = True) -> list[str]:
    """`folder` is empty, and must stay. Skips the test where this user may not do that."""
    unshare = shutil.which("unshare")
    if unshare is None or not Path("/proc/self/stat").exists() or not is_procps():
        raise unittest.SkipTest("needs Linux with unshare and procps")
    alone = [unshare, "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])]
    if subprocess.run([*alone, "mount", "-t", "tmpfs", "none", "/mnt"], check=False).returncode:
        raise unittest.SkipTest("this user may not mount in a namespace of its own")
    names = {
        "unshare": shlex.quote(unshare),
        "real": shlex.quote(str(folder / "proc")),
        "ps": shlex.quote(str(folder / "real-ps")),
        "shown": shlex.quote(str(folder / "ps" if shows_ps else os.devnull)),
    }
    (folder / "proc").mkdir()
    shutil.copy("/bin/ps", folder / "real-ps")
    (folder / "ps").write_text(PS.format(**names))
    (folder / "ps").chmod(0o755)
    return [*alone, "/bin/sh", "-eu", "-c", HIDE.format(**names), "sh", *command]


def is_procps() -> bool:
    try:
        said = subprocess.run(["/bin/ps", "--version"], capture_output=True, check=False).stdout
    except OSError:
        return False
    return b"procps" in said
