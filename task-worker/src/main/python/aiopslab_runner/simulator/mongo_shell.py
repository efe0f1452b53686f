"""The `mongo` program, for managing users: `mongo admin -u root -p root --eval "db.getUsers()"`."""

from __future__ import annotations

import ast
import re
from typing import Any, Callable

from aiopslab_runner.simulator.mongo import MongoServer, User, roles_json

WITH_VALUE = (
    "-u",
    "--username",
    "-p",
    "--password",
    "--authenticationDatabase",
    "--eval",
    "--host",
    "--port",
)
VERSION = "MongoDB shell version v4.4.6"
STATEMENT = re.compile(
    r"db\.(?:getSiblingDB\(['\"]admin['\"]\)\.)?([A-Za-z]+)\((.*)\)\s*;?\s*\Z", re.S
)
KEY = re.compile(r"([{,]\s*)([A-Za-z_]\w*)\s*:")
LENGTH_LIMIT = 10_000
Role = tuple[str, str]


class MongoError(Exception):
    """Its text is what the server answers."""


def execute(server: MongoServer | None, arguments: list[str]) -> tuple[str, int]:
    """Output and exit status."""
    options: dict[str, str] = {}
    words = list(arguments)
    while words:
        word = words.pop(0)
        name, equals, value = word.partition("=")
        if name in WITH_VALUE:
            options[name] = value if equals else words.pop(0) if words else ""
    if "--eval" not in options:
        return "mongo: an interactive shell is not available; use --eval '<command>'", 1
    if server is None:
        return f"{VERSION}\nusers of this server are not simulated; it needs no login", 1
    user = options.get("-u", options.get("--username"))
    password = options.get("-p", options.get("--password", ""))
    try:
        who = _log_in(server, user, password)
        said = [_evaluate(server, who, part) for part in _statements(options["--eval"])]
    except MongoError as reason:
        return f"{VERSION}\nuncaught exception: Error: {reason}", 1
    return "\n".join([VERSION, *said]), 0


def _log_in(server: MongoServer, name: str | None, password: str) -> User | None:
    if name is None:
        return None
    user = server.users.get(name)
    if user is None or user.password != password:
        raise MongoError("Authentication failed. :")
    return user


def _statements(script: str) -> list[str]:
    """At semicolons outside of quotes."""
    if len(script) > LENGTH_LIMIT:
        raise MongoError("the script is too long")
    parts, quote = [""], ""
    for letter in script:
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        elif letter == ";":
            parts.append("")
            continue
        parts[-1] += letter
    return [part.strip() for part in parts if part.strip()]


def _evaluate(server: MongoServer, who: User | None, statement: str) -> str:
    found = STATEMENT.match(
        statement.removeprefix("printjson(").removesuffix(")") + ")"
        if statement.startswith("printjson(")
        else statement
    )
    command = COMMANDS.get(found.group(1)) if found else None
    if found is None or command is None:
        raise MongoError(f"not available in this simulation; there is: db.{', db.'.join(COMMANDS)}")
    if who is None and server.users:
        raise MongoError(f"command {found.group(1)} requires authentication")
    if who is not None and not who.may_manage_users():
        raise MongoError(f"not authorized on admin to execute command {found.group(1)}")
    try:
        arguments = ast.literal_eval(f"[{KEY.sub(_quote_key, found.group(2))}]")
        return command(server, *arguments)
    except MongoError:
        raise
    except (
        ValueError,
        SyntaxError,
        TypeError,
        KeyError,
        AttributeError,
        RecursionError,
        MemoryError,
    ):
        raise MongoError(f"the arguments of {found.group(1)} cannot be read") from None


def _quote_key(found: re.Match[str]) -> str:
    return f"{found.group(1)}'{found.group(2)}':"


def _roles(server: MongoServer, given: Any) -> set[Role]:
    """From `'readWrite'` (on the database logged in to) or `{role: …, db: …}`."""
    roles = set()
    for item in given:
        role, database = (item, "admin") if isinstance(item, str) else (item["role"], item["db"])
        if not isinstance(role, str) or not isinstance(database, str):
            raise MongoError("role and db must be strings")
        roles.add((role, database))
    return roles


def _user(server: MongoServer, name: Any) -> User:
    if name not in server.users:
        raise MongoError(f'Could not find user "{name}" for db "admin"')
    return server.users[name]


def _create(server: MongoServer, document: dict[str, Any]) -> str:
    name, password = document["user"], document["pwd"]
    if not isinstance(name, str) or not isinstance(password, str):
        raise MongoError("user and pwd must be strings")
    if name in server.users:
        raise MongoError(f'couldn\'t add user: User "{name}@admin" already exists')
    if len(server.users) >= 100:
        raise MongoError("too many users")
    server.users[name] = User(name, password, _roles(server, document["roles"]))
    return f'Successfully added user: {{ "user" : "{name}" }}'


def _grant(server: MongoServer, name: str, roles: list[Any]) -> str:
    _user(server, name).roles.update(_roles(server, roles))
    return ""


def _revoke(server: MongoServer, name: str, roles: list[Any]) -> str:
    _user(server, name).roles.difference_update(_roles(server, roles))
    return ""


def _drop(server: MongoServer, name: str) -> str:
    return "true" if server.users.pop(name, None) else "false"


def _password(server: MongoServer, name: str, password: str) -> str:
    if not isinstance(password, str):
        raise MongoError("the password must be a string")
    _user(server, name).password = password
    return ""


def _show(user: User) -> str:
    return f'{{ "user" : "{user.name}", "db" : "admin", "roles" : {roles_json(user)} }}'


def _get_one(server: MongoServer, name: str) -> str:
    return _show(server.users[name]) if name in server.users else "null"


def _get_all(server: MongoServer) -> str:
    return "[" + ",\n ".join(_show(server.users[name]) for name in sorted(server.users)) + "]"


COMMANDS: dict[str, Callable[..., str]] = {
    "createUser": _create,
    "grantRolesToUser": _grant,
    "revokeRolesFromUser": _revoke,
    "dropUser": _drop,
    "changeUserPassword": _password,
    "getUser": _get_one,
    "getUsers": _get_all,
}
