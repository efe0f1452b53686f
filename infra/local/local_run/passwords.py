"""Generated once, kept in a file that only its owner reads."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

from local_run.problem import CannotGoOnError

# At the database, then at the broker.
ROLES = ("postgres", "aiopslab_migrator", "aiopslab_api", "aiopslab_worker", "aiopslab_collector")
USERS = ("aiopslab_admin", "aiopslab_api", "aiopslab_worker", "aiopslab_collector")
FILE = "passwords.json"


class Passwords:
    """`database` by role, `broker` by user."""

    def __init__(self, database: dict[str, str], broker: dict[str, str]) -> None:
        self.database = database
        self.broker = broker


def read(folder: Path) -> Passwords:
    """Raises FileNotFoundError before the first start."""
    kept = json.loads((folder / FILE).read_text())
    return Passwords(kept["postgresql"], kept["rabbitmq"])


def read_or_make(folder: Path) -> Passwords:
    if not (folder / FILE).exists():
        _refuse_if_lost(folder)
        made = {
            "postgresql": {role: secrets.token_urlsafe(24) for role in ROLES},
            "rabbitmq": {user: secrets.token_urlsafe(24) for user in USERS},
        }
        write_for_owner(folder / FILE, json.dumps(made, indent=1) + "\n")
    return read(folder)


def write_for_owner(target: Path, text: str) -> None:
    """In one go, whatever was there."""
    draft = target.with_name(f"{target.name}.draft")
    draft.unlink(missing_ok=True)
    with open(draft, "w", opener=_owner_only) as file:
        file.write(text)
    draft.replace(target)


def _refuse_if_lost(folder: Path) -> None:
    if (folder / "postgresql" / "data").exists():
        raise CannotGoOnError(
            f"{folder / FILE} is gone, and the servers in {folder} know no other passwords."
            f" Put it back, or begin anew without the data: make down, then rm -r {folder}"
        )


def _owner_only(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_EXCL, 0o600)
