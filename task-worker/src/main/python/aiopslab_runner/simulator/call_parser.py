"""Reads the one call out of an agent's response, in AIOpsLab's syntax.

The response holds exactly one fenced block without a language, and in it one call. The argument of
`exec_shell` is taken as it stands between its quotes, so that quotes inside it need no escapes;
other arguments are Python literals. Nothing is ever evaluated.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Any

FENCE = "```"
CALL_LIMIT = 65536
QUOTES = ('"', "'")


class UnreadableCall(Exception):
    """Its text is the observation that the agent gets; AIOpsLab's begins with the same words."""

    def __init__(self, sentence: str) -> None:
        super().__init__(f"Error parsing response: {sentence}")


@dataclass(frozen=True)
class Call:
    name: str
    args: list[Any]
    kwargs: dict[str, Any]


def read_call(response: str) -> Call:
    """Raises UnreadableCall, whose text tells the agent what to do instead."""
    text = _fenced_block(response)
    if len(text) > CALL_LIMIT:
        raise UnreadableCall(f"a call may have at most {CALL_LIMIT} characters")
    opening, closing = text.find("("), text.rfind(")")
    name = text[:opening].strip() if opening >= 0 else ""
    if not name or closing < opening:
        raise UnreadableCall('the block holds no call such as get_logs("namespace", "service")')
    inside = text[opening + 1 : closing].strip()
    if not inside:
        return Call(name, [], {})
    if name == "exec_shell":
        return Call(name, [_command(inside)], {})
    return _literal_call(name, inside)


def _fenced_block(response: str) -> str:
    blocks: list[str] = []
    inside: list[str] | None = None
    for line in response.split("\n"):
        if inside is None:
            if line.rstrip().endswith(FENCE):
                inside = []
        elif line.startswith(FENCE):
            blocks.append("\n".join(inside))
            inside = None
        else:
            inside.append(line)
    if len(blocks) != 1 or not blocks[0].strip():
        raise UnreadableCall(
            "answer with exactly one fenced block, on lines of its own and without a language, "
            f'with one call in it:\n{FENCE}\nexec_shell("kubectl get pods -A")\n{FENCE}'
        )
    return blocks[0].strip()


def _command(inside: str) -> str:
    """As AIOpsLab reads it, which takes all quotes off both ends, an escaped one's too."""
    if inside.startswith("command="):
        inside = inside.replace("command=", "").strip()
    for quote in QUOTES:
        if inside.startswith(quote) and inside.endswith(quote):
            return inside.strip(quote).replace('\\"', '"').replace("\\'", "'")
    raise UnreadableCall('exec_shell takes one command in quotes, such as exec_shell("ls")')


def _literal_call(name: str, inside: str) -> Call:
    try:
        # As AIOpsLab does: of several calls the first counts.
        first = ast.parse(f"call({inside})").body[0]
        tree = first.value if isinstance(first, ast.Expr) else None
        if not isinstance(tree, ast.Call) or not isinstance(tree.func, ast.Name):
            raise ValueError("the block must hold one call and nothing else")
        args = [_literal(argument) for argument in tree.args]
        kwargs = {}
        for keyword in tree.keywords:
            if keyword.arg is None:
                raise ValueError("** is not allowed")
            kwargs[keyword.arg] = _literal(keyword.value)
    except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError) as reason:
        raise UnreadableCall(
            f"the arguments of {name[:100]} must be plain literals ({reason or 'too complicated'})"
        ) from reason
    return Call(name, args, kwargs)


def _literal(node: ast.expr) -> Any:
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, (ast.List, ast.Tuple)):
        return [_literal(item) for item in node.elts]
    if isinstance(node, ast.Dict):
        if None in node.keys:
            raise ValueError("** is not allowed")
        keys = [_literal(key) for key in node.keys if key is not None]
        return dict(zip(keys, map(_literal, node.values)))
    raise ValueError(f"{type(node).__name__} is not a literal")
