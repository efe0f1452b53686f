"""Cuts a command line into words and operators, with quotes and backslashes as a shell has them.

Substitutions, redirections and background commands are refused; `2>&1` and `2>/dev/null` are
accepted and change nothing, because errors are always printed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

OPERATOR = re.compile(r"\|\||&&|[|;\n]")
HARMLESS = re.compile(r"(?:2>\s*&1|2>\s*/dev/null)(?=\s|\Z|[|;&])")
REFUSED = {
    ">": "redirections are",
    "<": "redirections and here-documents are",
    "&": "background commands are",
    "(": "subshells are",
    ")": "subshells are",
    "`": "substitutions are",
}


class SyntaxProblem(Exception):
    """Its text is what the shell prints."""


@dataclass(frozen=True)
class Token:
    text: str
    operator: bool = False


def tokens(command: str) -> list[Token]:
    """A line break is the operator `;`. Raises SyntaxProblem."""
    found: list[Token] = []
    at, end = 0, len(command)
    while at < end:
        operator = OPERATOR.match(command, at)
        harmless = HARMLESS.match(command, at)
        if command[at] in " \t\r":
            at += 1
        elif command.startswith("\\\n", at):
            at += 2
        elif harmless:
            at = harmless.end()
        elif operator:
            found.append(Token(operator.group().replace("\n", ";"), operator=True))
            at = operator.end()
        else:
            word, at = _word(command, at)
            found.append(Token(word))
    return found


def _word(command: str, at: int) -> tuple[str, int]:
    letters: list[str] = []
    while at < len(command) and command[at] not in " \t\r\n|;":
        letter = command[at]
        if letter == "'":
            end = command.find("'", at + 1)
            if end < 0:
                raise SyntaxProblem("sh: syntax error: unterminated quoted string (')")
            letters.append(command[at + 1 : end])
            at = end + 1
        elif letter == '"':
            text, at = _double_quoted(command, at + 1)
            letters.append(text)
        elif letter == "\\" and at + 1 < len(command):
            letters.append(command[at + 1])
            at += 2
        elif letter == "&" and command.startswith("&&", at):
            break
        elif letter in REFUSED:
            raise SyntaxProblem(f"sh: {REFUSED[letter]} not available in this simulation")
        elif command.startswith("$(", at) or command.startswith("${", at):
            raise SyntaxProblem("sh: substitutions are not available in this simulation")
        else:
            letters.append(letter)
            at += 1
    return "".join(letters), at


def _double_quoted(command: str, at: int) -> tuple[str, int]:
    letters: list[str] = []
    while at < len(command):
        letter = command[at]
        if letter == '"':
            return "".join(letters), at + 1
        if letter == "\\" and command[at + 1 : at + 2] in ('"', "\\", "$", "`"):
            letters.append(command[at + 1])
            at += 2
            continue
        if letter == "`" or command.startswith("$(", at):
            raise SyntaxProblem("sh: substitutions are not available in this simulation")
        letters.append(letter)
        at += 1
    raise SyntaxProblem('sh: syntax error: unterminated quoted string (")')
