"""Who runs PostgreSQL, which refuses to run as root."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from pathlib import Path

from local_run.problem import CannotGoOnError


def prefix(folder: Path) -> list[str]:
    """Before a command: nothing, unless root. Root gives the folder to `postgres` or `nobody`, or
    else starts the command in a user namespace, where root is nobody."""
    if os.geteuid() != 0:
        return []
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        command = [
            "setpriv",
            f"--reuid={user.pw_uid}",
            f"--regid={user.pw_gid}",
            "--clear-groups",
            "--",
        ]
        if _can_enter(command, folder):
            _give(folder, user.pw_uid, user.pw_gid)
            return command
    _give(folder, 0, 0)
    if _can_enter(["unshare", "-U", "--"], folder):
        return ["unshare", "-U", "--"]
    raise CannotGoOnError(
        f"PostgreSQL does not run as root, and neither postgres nor nobody may enter {folder}."
        " Run make up as another user, or keep its data elsewhere: make up UP_FOLDER=/var/tmp/run"
    )


def _can_enter(command: list[str], folder: Path) -> bool:
    if shutil.which(command[0]) is None:
        return False
    test = [*command, "test", "-x", str(folder)]
    return subprocess.run(test, stderr=subprocess.DEVNULL, check=False).returncode == 0


def _give(folder: Path, uid: int, gid: int) -> None:
    if folder.stat().st_uid == uid:
        return
    for each in [folder, *folder.rglob("*")]:
        os.chown(each, uid, gid, follow_symlinks=False)
