"""The users of a MongoDB server, and the shell scripts that come with it.

The application logs in as `admin` and needs readWrite on its database; `root` may manage users.
The names of users, roles, databases and scripts are AIOpsLab's.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

ADMIN = "admin"
ROOT = "root"
MANAGER_ROLES = ("userAdminAnyDatabase", "userAdmin", "root")


@dataclass
class User:
    """`roles` are pairs of a role and the database it holds for."""

    name: str
    password: str
    roles: set[tuple[str, str]] = field(default_factory=set)

    def may_manage_users(self) -> bool:
        return any(role in MANAGER_ROLES for role, _ in self.roles)

    def may_use(self, database: str) -> bool:
        return ("readWrite", database) in self.roles or ("root", "admin") in self.roles


@dataclass
class MongoServer:
    """Outlives its pods, as data on a volume does."""

    database: str
    users: dict[str, User] = field(default_factory=dict)

    def register_first_users(self) -> None:
        """What the init script does at a first start, on empty data; a later start does nothing."""
        if not self.users:
            for name in (ADMIN, ROOT):
                self.register(name)

    def register(self, name: str) -> None:
        roles = {("userAdminAnyDatabase", "admin"), ("readWrite", self.database)}
        self.users[name] = User(name, name, roles)

    def refusal(self) -> str | None:
        """Why the application cannot use its database, in the server's words; None if it can."""
        admin = self.users.get(ADMIN)
        if admin is None or admin.password != ADMIN:
            return "server returned error on SASL authentication step: Authentication failed."
        if not admin.may_use(self.database):
            return f"not authorized on {self.database} to execute command {{ find: records }}"
        return None


def login(user: str, evaluation: str) -> str:
    credentials = f"-u {user} -p {user} --authenticationDatabase admin"
    return f"mongo admin {credentials} --eval {quoted(evaluation)}"


def quoted(evaluation: str) -> str:
    return f'"{evaluation}"'


def grant(database: str, user: str = ADMIN) -> str:
    return f"db.grantRolesToUser('{user}', [{{role: 'readWrite', db: '{database}'}}])"


def revoke(database: str) -> str:
    return f"db.revokeRolesFromUser('{ADMIN}', [{{role: 'readWrite', db: '{database}'}}])"


def create(user: str) -> str:
    role = "{role: 'userAdminAnyDatabase', db: 'admin'}"
    return f"db.createUser({{user: '{user}', pwd: '{user}', roles: [{role}]}})"


def script(*commands: str) -> str:
    return "\n".join(("#!/bin/bash", *commands, ""))


def init_script(owner: str) -> dict[str, str]:
    database = f"{owner}-db"
    return {
        f"k8s-{owner}-mongo.sh": script(
            f"mongo admin --eval {quoted(create(ADMIN))}",
            f"mongo admin --eval {quoted(create(ROOT))}",
            login(ROOT, grant(database, ADMIN)),
            login(ROOT, grant(database, ROOT)),
        )
    }


def repair_scripts(owner: str) -> dict[str, str]:
    database = f"{owner}-db"
    return {
        f"revoke-admin-{owner}-mongo.sh": script(login(ROOT, revoke(database))),
        f"revoke-mitigate-admin-{owner}-mongo.sh": script(login(ROOT, grant(database))),
        "remove-admin-mongo.sh": script(login(ROOT, f"db.dropUser('{ADMIN}')")),
        f"remove-mitigate-admin-{owner}-mongo.sh": script(
            login(ROOT, create(ADMIN)), login(ROOT, grant(database))
        ),
    }


def roles_json(user: User) -> str:
    return json.dumps([{"role": role, "db": database} for role, database in sorted(user.roles)])
