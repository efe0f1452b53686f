"""Texts from elsewhere, made harmless for a terminal."""

from __future__ import annotations

import unicodedata

# Cc: controls, escape among them; Cf: what turns the direction of writing or is not seen; Cs: half
# characters, which cannot be encoded; Zl, Zp: further ends of lines.
HARMFUL = ("Cc", "Cf", "Cs", "Zl", "Zp")
# These join emoji, and letters of some scripts.
JOINERS = "\u200c\u200d"


def harmless(text: str) -> str:
    """On one line; what could steer a terminal is shown as its escape, such as \\x1b."""
    return "".join(map(_shown, text))


def _shown(character: str) -> str:
    if " " <= character <= "~" or character == "\t" or character in JOINERS:
        return character
    if unicodedata.category(character) not in HARMFUL:
        return character
    return character.encode("unicode_escape").decode("ascii")


def cut(text: str, columns: int) -> str:
    """As much as fits, with an ellipsis where something is left out."""
    widths = [2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text]
    if sum(widths) <= columns:
        return text
    kept, used = 0, 1
    while used + widths[kept] <= columns:
        used += widths[kept]
        kept += 1
    return text[:kept] + "…" if columns > 0 else ""
