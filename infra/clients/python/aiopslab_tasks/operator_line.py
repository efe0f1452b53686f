"""The arguments of `python -m aiopslab_tasks.operate`."""

from __future__ import annotations

import argparse
import getpass
from collections.abc import Sequence

from aiopslab_tasks.command_line import add_filters, common_options, positive, seconds

EXIT_CODES = """\
exit codes:
  0    done
  1    drain --wait: a worker that has been lost will not become drained
  2    the command line is wrong
  3    the service refuses: the message says what to correct
  4    the service does not answer, or has no time
  5    standard output is closed or full
  124  the time of --timeout is over; the worker goes on draining
  130  Ctrl-C; what was asked for goes on
"""
WORKER_STATES = ["idle", "busy", "quarantined", "offline"]
LETTER_STATES = ["kept", "asked", "requeued", "returned"]


def read_arguments(arguments: Sequence[str]) -> argparse.Namespace:
    return _parser().parse_args(arguments)


def _parser() -> argparse.ArgumentParser:
    common = common_options(nested=True)
    parser = argparse.ArgumentParser(
        prog="aiopslabctl",
        description="Shows what goes on in the AIOpsLab task execution service, and acts on it.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        parents=[common_options()],
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")

    tasks = commands.add_parser("tasks", parents=[common], help="tasks, newest first")
    tasks.add_argument("--limit", type=positive, default=20)
    tasks.add_argument("--worker-id")
    add_filters(tasks)

    workers = commands.add_parser("workers", parents=[common], help="workers, and what they do")
    workers.add_argument("--status", choices=WORKER_STATES)
    workers.add_argument("--backend-type")
    workers.add_argument(
        "--seen-within", metavar="TIME", help="only those that were heard of in 90s, 30m, 24h, 7d"
    )

    commands.add_parser("backends", parents=[common], help="what waits and runs, for whom")

    drain = commands.add_parser(
        "drain", parents=[common], help="let workers finish what they run and take no more"
    )
    drain.add_argument("worker", nargs="+")
    drain.add_argument("--reason", help="shown with the worker")
    drain.add_argument("--wait", action="store_true", help="until nothing runs there any more")
    drain.add_argument("--timeout", type=seconds, metavar="SECONDS", help="of --wait")

    pause = commands.add_parser("pause", parents=[common], help="let nothing new start")
    _whom(pause)
    pause.add_argument("--reason", help="shown with the worker or backend")

    resume = commands.add_parser("resume", parents=[common], help="end pause and drain")
    _whom(resume)

    letters = commands.add_parser(
        "dead-letters", parents=[common], help="messages that nobody could read or store"
    )
    letters.add_argument("--limit", type=positive, default=20)
    letters.add_argument("--state", choices=LETTER_STATES)
    _letters(letters)

    requeue = commands.add_parser(
        "requeue-dead", parents=[common], help="send dead letters again, by id or by filter"
    )
    requeue.add_argument("id", nargs="*")
    requeue.add_argument("--all", action="store_true", help="all that are kept or have returned")
    requeue.add_argument("--state", choices=["kept", "returned"])
    _letters(requeue)
    requeue.add_argument(
        "--again", action="store_true", help="also what was sent before and has not come back"
    )
    requeue.add_argument("--by", default=_user(), help="kept with the letter; your login name")
    return parser


def _whom(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("worker", nargs="*")
    parser.add_argument("--backend", action="append", default=[], metavar="TYPE", help="repeatable")


def _letters(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--reason", help="only letters whose reason has this in it")
    parser.add_argument("--since", metavar="TIME", help="came then or later: 2026-11-23T08:00:00Z")


def _user() -> str | None:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return None
