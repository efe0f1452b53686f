"""Rows of texts in aligned columns, harmless for a terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from aiopslab_tasks.harmless import harmless


def table(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[str]:
    """Lines; numbers stand to the right, what is not there is a hyphen."""
    values = [list(row) for row in rows]
    numeric = [any(isinstance(row[at], (int, float)) for row in values) for at in range(len(heads))]
    texts = [list(heads), *([_text(value) for value in row] for row in values)]
    widths = [max(_width(row[at]) for row in texts) for at in range(len(heads))]
    return [_line(row, widths, numeric) for row in texts]


def _text(value: Any) -> str:
    return "-" if value is None or value == "" else harmless(str(value))


def _line(row: Sequence[str], widths: Sequence[int], numeric: Sequence[bool]) -> str:
    cells = []
    for text, width, right in zip(row, widths, numeric):
        space = " " * (width - _width(text))
        cells.append(space + text if right else text + space)
    return "  ".join(cells).rstrip()


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)
