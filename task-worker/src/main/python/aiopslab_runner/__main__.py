"""The process: its standard output is claimed before anything else can write to it."""

from __future__ import annotations

import sys


def main() -> int:
    from aiopslab_runner.protocol import Protocol, claim_stdout

    protocol = Protocol(claim_stdout())

    from aiopslab_runner.run import run

    return run(protocol, sys.stdin.buffer if sys.stdin is not None else None)


if __name__ == "__main__":
    sys.exit(main())
