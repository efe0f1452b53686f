"""How AIOpsLab's own parser reads responses: a JSON list on standard input, readings on output.

    python aiopslab_readings.py CHECKOUT

A reading is [name, args, kwargs], or null where the parser refuses. Runs in the Python that
AIOpsLab is installed for; only its parser is imported.
"""

from __future__ import annotations

import json
import pathlib
import sys
import types
from typing import Any


def parser_of(home: str) -> Any:
    """The module alone: importing the package would ask for a cluster."""
    status = types.ModuleType("aiopslab.utils.status")
    status.ResponseParsingError = type("ResponseParsingError", (Exception,), {})
    sys.modules["aiopslab.utils.status"] = status
    source = pathlib.Path(home, "aiopslab/orchestrator/parser.py").read_text()
    names = {}
    exec(compile(source, "parser.py", "exec"), names)
    return names["ResponseParser"]()


def reading(parser: Any, response: str) -> list | None:
    try:
        call = parser.parse(response)
    except Exception:
        return None
    return [call["api_name"], call["args"], call["kwargs"]]


if __name__ == "__main__":
    parser = parser_of(sys.argv[1])
    readings = [reading(parser, response) for response in json.load(sys.stdin)]
    json.dump(readings, sys.stdout, default=repr)
