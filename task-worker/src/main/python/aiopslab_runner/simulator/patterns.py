"""grep's patterns, matched in time proportional to the text, whatever the pattern.

An agent chooses the pattern, so a backtracking matcher could be made to run for years.
Supported: literals, `.`, `[a-z]`, `[^a-z]`, `\\d \\w \\s`, `* + ?`, `|`, groups, `^` and `$`.
"""

from __future__ import annotations

from typing import Callable, Optional

Test = Callable[[str], bool]
# A state is a test of one letter and the next state, or an empty move to several states.
State = tuple[Optional[Test], list[int]]

LENGTH_LIMIT = 200
STATE_LIMIT = 1000
MOVES_KEPT = 5000
SPECIAL = set(".[]*+?|()^$\\{}")
CLASSES: dict[str, Test] = {
    "d": str.isdigit,
    "w": lambda c: c.isalnum() or c == "_",
    "s": str.isspace,
    "D": lambda c: not c.isdigit(),
    "W": lambda c: not (c.isalnum() or c == "_"),
    "S": lambda c: not c.isspace(),
}
START, END = "\2", "\3"


class BadPattern(Exception):
    """The pattern cannot be read, or uses something that is not supported."""


def matcher(pattern: str, extended: bool, fixed: bool, ignore_case: bool) -> Test:
    """A test for one line. Raises BadPattern."""
    if len(pattern) > LENGTH_LIMIT:
        raise BadPattern(f"longer than {LENGTH_LIMIT} characters")
    if ignore_case:
        inner = matcher(pattern.lower(), extended, fixed, False)
        return lambda line: inner(line.lower())
    if fixed or not SPECIAL & set(pattern):
        return lambda line: pattern in line
    return Automaton(pattern if extended else _as_extended(pattern)).matches


def _as_extended(pattern: str) -> str:
    """A basic pattern has it the other way round: `\\|` is the operator and `|` the letter."""
    found, escaped = [], False
    for letter in pattern:
        if escaped:
            found.append(letter if letter in "|+?(){}" else "\\" + letter)
        elif letter != "\\":
            found.append("\\" + letter if letter in "|+?(){}" else letter)
        escaped = letter == "\\" and not escaped
    if escaped:
        raise BadPattern("trailing backslash")
    return "".join(found)


class Automaton:
    """Every possible state at once, letter by letter (Thompson's construction)."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0
        self._depth = 0
        self._states: list[State] = []
        self._moves: dict[tuple[frozenset[int], str], frozenset[int]] = {}
        self._accept = self._state(None, [])
        self._first = self._alternatives(self._accept)
        if self._at < len(pattern):
            raise BadPattern("unmatched )")

    def matches(self, line: str) -> bool:
        current = self._closure({self._first})
        for letter in (START, *line, END):
            if self._accept in current:
                return True
            current = self._moves.get((current, letter)) or self._move(current, letter)
        return self._accept in current

    def _move(self, current: frozenset[int], letter: str) -> frozenset[int]:
        """The states after one more letter; remembered, because most lines are alike."""
        following = {self._first}
        for number in current:
            test, after = self._states[number]
            if test is not None and test(letter):
                following.add(after[0])
        if len(self._moves) >= MOVES_KEPT:
            self._moves.clear()
        self._moves[(current, letter)] = found = self._closure(following)
        return found

    def _closure(self, states: set[int]) -> frozenset[int]:
        waiting, seen = list(states), set(states)
        while waiting:
            test, after = self._states[waiting.pop()]
            for number in after if test is None else ():
                if number not in seen:
                    seen.add(number)
                    waiting.append(number)
        return frozenset(seen)

    def _state(self, test: Test | None, after: list[int]) -> int:
        if len(self._states) >= STATE_LIMIT:
            raise BadPattern("too complicated")
        self._states.append((test, after))
        return len(self._states) - 1

    def _peek(self) -> str:
        return self._pattern[self._at] if self._at < len(self._pattern) else ""

    def _take(self) -> str:
        letter = self._peek()
        self._at += 1
        return letter

    def _alternatives(self, after: int) -> int:
        starts = [self._sequence(after)]
        while self._peek() == "|":
            self._take()
            starts.append(self._sequence(after))
        return self._state(None, starts)

    def _sequence(self, after: int) -> int:
        """Built from left to right: each piece ends in a joint that the next one starts from."""
        first = joint = self._state(None, [])
        while self._peek() not in ("", "|", ")"):
            end = self._state(None, [])
            self._states[joint][1].append(self._piece(end))
            joint = end
        self._states[joint][1].append(after)
        return first

    def _piece(self, end: int) -> int:
        inner_end = self._state(None, [])
        start = self._atom(inner_end)
        quantifier = self._peek()
        self._states[inner_end][1].append(end)
        if quantifier in ("*", "+", "?") and quantifier:
            self._take()
            if quantifier != "?":
                self._states[inner_end][1].append(start)
            if quantifier != "+":
                return self._state(None, [start, end])
        return start

    def _atom(self, end: int) -> int:
        letter = self._take()
        if letter == "(":
            self._depth += 1
            if self._depth > 20:
                raise BadPattern("nested too deeply")
            start = self._alternatives(end)
            if self._take() != ")":
                raise BadPattern("unmatched (")
            self._depth -= 1
            return start
        return self._state(self._letter_test(letter), [end])

    def _letter_test(self, letter: str) -> Test:
        if letter == ".":
            return lambda c: c not in (START, END)
        if letter == "[":
            return self._set()
        if letter == "^":
            return lambda c: c == START
        if letter == "$":
            return lambda c: c == END
        if letter in ("*", "+", "?", "{", "}"):
            raise BadPattern(f"{letter} is not supported here")
        if letter == "\\":
            letter = self._take()
            if letter in CLASSES:
                test = CLASSES[letter]
                return lambda c: c not in (START, END) and test(c)
            if not letter or letter.isalnum():
                raise BadPattern(f"\\{letter} is not supported")
        return lambda c: c == letter

    def _set(self) -> Test:
        negated = self._peek() == "^"
        if negated:
            self._take()
        letters: set[str] = set()
        ranges: list[tuple[str, str]] = []
        while (not letters and not ranges) or self._peek() != "]":
            letter = self._take()
            if not letter:
                raise BadPattern("unmatched [")
            if self._peek() == "-" and self._pattern[self._at + 1 : self._at + 2] not in ("]", ""):
                self._take()
                ranges.append((letter, self._take()))
            else:
                letters.add(letter)
        self._take()

        def within(c: str) -> bool:
            return c in letters or any(low <= c <= high for low, high in ranges)

        return lambda c: c not in (START, END) and within(c) != negated
