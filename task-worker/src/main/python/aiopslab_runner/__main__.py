"""The process: its standard input and output are claimed before anything else can use them."""

from __future__ import annotations

import sys


def main() -> int:
    from aiopslab_runner.inbox import Inbox, claim_stdin
    from aiopslab_runner.protocol import Protocol, claim_stdout

    inbox = Inbox(claim_stdin())
    protocol = Protocol(claim_stdout())

    from aiopslab_runner.run import run

    return run(protocol, inbox)


if __name__ == "__main__":
    sys.exit(main())
