"""The text tools that an agent may put behind a pipe: they only see what they are given."""

from __future__ import annotations

from typing import Callable

from aiopslab_runner.simulator.patterns import BadPattern, matcher


class ToolError(Exception):
    """Its text is what the tool prints to standard error."""


Read = Callable[[str], str]


def grep(words: list[str], given: str | None, read: Read) -> str:
    """-i, -v, -E, -F, -c, -n, -w (as given), -A, -B, -C, -e; several -e are alternatives."""
    flags, patterns, files, around = _grep_options(words)
    if not patterns:
        raise ToolError("usage: grep [-ivEFcn] [-A n] [-B n] pattern [file]")
    text = _input("grep", files, given, read)
    try:
        tests = [matcher(p, "E" in flags, "F" in flags, "i" in flags) for p in patterns]
    except BadPattern as reason:
        raise ToolError(f"grep: {reason}") from None
    lines = text.split("\n") if text else []
    chosen = [i for i, line in enumerate(lines) if any(t(line) for t in tests) != ("v" in flags)]
    if "c" in flags:
        return str(len(chosen))
    kept = sorted(
        {
            j
            for i in chosen
            for j in range(max(0, i - around["B"]), min(len(lines), i + around["A"] + 1))
        }
    )
    return "\n".join(f"{j + 1}:{lines[j]}" if "n" in flags else lines[j] for j in kept)


def _grep_options(words: list[str]) -> tuple[set[str], list[str], list[str], dict[str, int]]:
    flags: set[str] = set()
    patterns: list[str] = []
    rest: list[str] = []
    around = {"A": 0, "B": 0}
    waiting = list(words)
    while waiting:
        word = waiting.pop(0)
        if not word.startswith("-") or word == "-":
            rest.append(word)
        elif word[1] in "ABC":
            number = _number("grep", word[2:] or (waiting.pop(0) if waiting else ""))
            for side in "AB" if word[1] == "C" else word[1]:
                around[side] = number
        elif word == "-e":
            patterns.append(waiting.pop(0) if waiting else "")
        elif set(word[1:]) <= set("ivEFcnhar") or word.startswith("--color"):
            flags |= set(word[1:]) if not word.startswith("--") else set()
        else:
            raise ToolError(f"grep: unknown option {word[:50]!r}")
    if not patterns and rest:
        patterns.append(rest.pop(0))
    return flags, patterns, rest, around


def head(words: list[str], given: str | None, read: Read) -> str:
    count, files = _count("head", words)
    lines = _input("head", files, given, read).split("\n")
    return "\n".join(lines[:count])


def tail(words: list[str], given: str | None, read: Read) -> str:
    count, files = _count("tail", words)
    lines = _input("tail", files, given, read).split("\n")
    return "\n".join(lines[-count:] if count else [])


def cat(words: list[str], given: str | None, read: Read) -> str:
    return _input("cat", [word for word in words if word != "-"], given, read)


def wc(words: list[str], given: str | None, read: Read) -> str:
    text = _input("wc", [word for word in words if not word.startswith("-")], given, read)
    lines = text.count("\n") + bool(text)
    if "-l" in words:
        return str(lines)
    return f"{lines} {len(text.split())} {len(text)}"


def sort(words: list[str], given: str | None, read: Read) -> str:
    text = _input("sort", [word for word in words if not word.startswith("-")], given, read)
    return "\n".join(sorted(text.split("\n"), reverse="-r" in words))


def uniq(words: list[str], given: str | None, read: Read) -> str:
    text = _input("uniq", [word for word in words if not word.startswith("-")], given, read)
    counted: list[tuple[str, int]] = []
    for line in text.split("\n"):
        if counted and counted[-1][0] == line:
            counted[-1] = (line, counted[-1][1] + 1)
        else:
            counted.append((line, 1))
    return "\n".join(f"{n:7} {line}" if "-c" in words else line for line, n in counted)


def echo(words: list[str], given: str | None, read: Read) -> str:
    return " ".join(words)


TOOLS: dict[str, Callable[[list[str], str | None, Read], str]] = {}
TOOLS.update(grep=grep, head=head, tail=tail, cat=cat, wc=wc, sort=sort, uniq=uniq, echo=echo)
TOOLS["egrep"] = lambda words, given, read: grep(["-E", *words], given, read)


def _input(tool: str, files: list[str], given: str | None, read: Read) -> str:
    if files:
        return "\n".join(read(path).rstrip("\n") for path in files)
    if given is None:
        raise ToolError(f"{tool}: no input; name a file or put it behind a pipe")
    return given


def _count(tool: str, words: list[str]) -> tuple[int, list[str]]:
    count, files, waiting = 10, [], list(words)
    while waiting:
        word = waiting.pop(0)
        if word == "-n":
            count = _number(tool, waiting.pop(0) if waiting else "")
        elif word.startswith("-"):
            count = _number(tool, word.removeprefix("-n").removeprefix("-"))
        else:
            files.append(word)
    return count, files


def _number(tool: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise ToolError(f"{tool}: invalid number of lines: {text[:50]!r}")
    return int(text)
