"""The arguments of `python -m aiopslab_tasks`."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Sequence
from typing import Any

from aiopslab_tasks.errors import InvalidRequestError
from aiopslab_tasks.levels import level_of

DEFAULT_URL = "http://localhost:8000"
MOST_SECONDS = 10**8
EXIT_CODES = """\
exit codes:
  0    done; with submit --watch and watch: the task is completed
  1    the task is failed or cancelled, or its reward is below --min-reward
  2    the command line is wrong
  3    the service refuses: the message says what to correct
  4    the service does not answer, or has no time
  5    standard output is closed or full
  124  the time of --timeout is over; the task goes on
  130  Ctrl-C; the task goes on
"""


def read_arguments(arguments: Sequence[str]) -> argparse.Namespace:
    return _parser().parse_args(arguments)


def _parser() -> argparse.ArgumentParser:
    common = common_options(nested=True)
    parser = argparse.ArgumentParser(
        prog="python -m aiopslab_tasks",
        description="Submits tasks to the AIOpsLab task execution service, and looks after them.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        parents=[common_options()],
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")

    submit = commands.add_parser("submit", parents=[common], help="submit a task")
    submit.add_argument("problem_id")
    submit.add_argument("--agent", help="rule_based, scripted, openai, aiopslab")
    submit.add_argument(
        "--agent-config", type=json_object, default={}, metavar="JSON", help="the agent's keys"
    )
    submit.add_argument("--max-steps", type=int)
    submit.add_argument("--timeout-minutes", type=int)
    submit.add_argument("--priority", type=int, help="0 to 10, higher first")
    submit.add_argument("--backend-type")
    submit.add_argument("--queue", help="with whose tasks it is in line; queues share in turn")
    submit.add_argument("--callback-url")
    _metadata(submit, "the trainer's own; repeatable")
    submit.add_argument("--idempotency-key", help="makes a repeat of this command harmless")
    submit.add_argument("--watch", action="store_true", help="follow the task to its end")
    _watching(submit)

    watch = commands.add_parser("watch", parents=[common], help="follow a task to its end")
    watch.add_argument("task_id")
    _watching(watch)

    logs = commands.add_parser("logs", parents=[common], help="show a task's log")
    logs.add_argument("task_id")
    logs.add_argument("-f", "--follow", action="store_true", help="until the task has ended")
    logs.add_argument("--level", type=level, default="debug", help="the least severe")

    listing = commands.add_parser("list", parents=[common], help="list tasks, newest first")
    listing.add_argument("--limit", type=positive, default=20)
    add_filters(listing)

    cancel = commands.add_parser("cancel", parents=[common], help="cancel by id, or by filter")
    cancel.add_argument("task_id", nargs="*")
    cancel.add_argument("--reason")
    add_filters(cancel)

    feed = commands.add_parser("feed", parents=[common], help="finished trajectories, a line each")
    feed.add_argument("--after", metavar="CURSOR", help="where to begin; each line says its own")
    feed.add_argument("-f", "--follow", action="store_true", help="wait for more, until Ctrl-C")
    feed.add_argument("--limit", type=positive, help="stop after so many")
    add_filters(feed)
    return parser


def common_options(nested: bool = False) -> argparse.ArgumentParser:
    """Before the command and, nested, behind it; what stands behind it counts."""
    url: str = argparse.SUPPRESS if nested else os.environ.get("AIOPSLAB_URL", DEFAULT_URL)
    as_json: bool | str = argparse.SUPPRESS if nested else False
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--url", default=url, help=f"AIOPSLAB_URL, or {DEFAULT_URL}")
    parser.add_argument("--json", action="store_true", default=as_json, help="JSON, line by line")
    return parser


def _watching(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--timeout", type=seconds, metavar="SECONDS", help="stop watching then")
    parser.add_argument("--min-reward", type=float, metavar="R", help="less is exit code 1")


def add_filters(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--status", action="append", help="repeatable")
    parser.add_argument("--problem-id")
    parser.add_argument("--backend-type")
    parser.add_argument("--group-id")
    _metadata(parser, "only with this; repeatable")


def _metadata(parser: argparse.ArgumentParser, what: str) -> None:
    parser.add_argument(
        "--metadata", action="append", type=pair, default=[], metavar="KEY=VALUE", help=what
    )


def filters_of(given: argparse.Namespace) -> dict[str, Any]:
    names = ("status", "problem_id", "backend_type", "group_id")
    filters = {name: getattr(given, name) for name in names}
    filters["metadata"] = dict(given.metadata) or None
    return {name: value for name, value in filters.items() if value is not None}


def task_of(given: argparse.Namespace) -> dict[str, Any]:
    """The keyword arguments of `Client.submit`."""
    names = ("max_steps", "timeout_minutes", "priority", "backend_type", "queue", "callback_url")
    task = {name: getattr(given, name) for name in (*names, "idempotency_key")}
    agent = {"agent": given.agent} if given.agent else {}
    task["agent_config"] = {**given.agent_config, **agent} or None
    task["metadata"] = dict(given.metadata) or None
    return {name: value for name, value in task.items() if value is not None}


def json_object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as reason:
        raise argparse.ArgumentTypeError(f"must be JSON ({reason})") from None
    if not isinstance(value, dict):
        raise argparse.ArgumentTypeError('must be a JSON object such as {"agent": "rule_based"}')
    return value


def pair(text: str) -> tuple[str, str]:
    key, sign, value = text.partition("=")
    if not key or not sign:
        raise argparse.ArgumentTypeError("must be like run=7")
    return key, value


def level(text: str) -> str:
    try:
        return level_of(text)
    except InvalidRequestError as wrong:
        raise argparse.ArgumentTypeError(wrong.details[0]["message"]) from None


def seconds(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number <= MOST_SECONDS:
        raise argparse.ArgumentTypeError(f"must be a number of seconds from 0 to {MOST_SECONDS}")
    return number


def positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError("must be a whole number from 1")
    return int(text)
