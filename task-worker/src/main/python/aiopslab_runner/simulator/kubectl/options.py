"""Splits a kubectl command line into its verb, its words and its options."""

from __future__ import annotations

from dataclasses import dataclass, field

from aiopslab_runner.simulator.kubectl.errors import KubectlError

LONG = {
    "-n": "--namespace",
    "-A": "--all-namespaces",
    "-o": "--output",
    "-l": "--selector",
    "-c": "--container",
    "-i": "--stdin",
    "-t": "--tty",
    "-w": "--watch",
    "-f": "--filename",
    "-h": "--help",
}
WITH_VALUE = {
    "--namespace",
    "--output",
    "--selector",
    "--container",
    "--tail",
    "--since",
    "--patch",
    "--type",
    "--replicas",
    "--sort-by",
    "--field-selector",
    "--timeout",
    "--to-revision",
    "--grace-period",
    "--filename",
}
SWITCHES = {
    "--all-namespaces",
    "--previous",
    "--follow",
    "--no-headers",
    "--show-labels",
    "--watch",
    "--stdin",
    "--tty",
    "--all",
    "--force",
    "--client",
    "--timestamps",
    "--all-containers",
    "--ignore-not-found",
    "--help",
}
DEFAULT_NAMESPACE = "default"


@dataclass
class CommandLine:
    """`words` are what is left without verb and options; `inner` is what stands after `--`."""

    verb: str = ""
    words: list[str] = field(default_factory=list)
    options: dict[str, str] = field(default_factory=dict)
    inner: list[str] = field(default_factory=list)

    @property
    def namespace(self) -> str:
        return self.options.get("--namespace", DEFAULT_NAMESPACE)

    def has(self, switch: str) -> bool:
        return self.options.get(switch, "false") != "false"

    def number(self, option: str, default: int | None = None) -> int | None:
        """Raises KubectlError when the value is not a whole number."""
        text = self.options.get(option)
        if text is None:
            return default
        try:
            return int(text[:20])
        except ValueError:
            raise KubectlError(
                f'error: invalid argument "{text[:100]}" for "{option}" flag: not a whole number'
            ) from None


def read_command_line(words: list[str]) -> CommandLine:
    """`words` without the leading `kubectl`. Raises KubectlError for an unknown option."""
    found = CommandLine()
    if "--" in words:
        end = words.index("--")
        words, found.inner = words[:end], words[end + 1 :]
    waiting = list(words)
    while waiting:
        word = waiting.pop(0)
        if not word.startswith("-") or word == "-":
            if found.verb:
                found.words.append(word)
            else:
                found.verb = word
            continue
        name, value = _split(word, found.verb)
        if name in WITH_VALUE:
            if value is None:
                if not waiting:
                    raise KubectlError(f"error: flag needs an argument: {word}")
                value = waiting.pop(0)
            found.options[name] = value
        elif name in SWITCHES:
            found.options[name] = "true" if value is None else value
        else:
            raise KubectlError(f"error: unknown flag: {word[:100]}")
    return found


def _split(word: str, verb: str) -> tuple[str, str | None]:
    """The long name of an option, and its value where the word itself holds one."""
    if word.startswith("--"):
        name, equals, value = word.partition("=")
        return name, value if equals else None
    if word in ("-it", "-ti"):
        return "--stdin", None
    letter, rest = word[:2], word[2:]
    long = _by_verb(letter, verb) or LONG.get(letter, word)
    if rest and long not in WITH_VALUE:
        return word, None
    return long, rest.removeprefix("=") if rest else None


def _by_verb(letter: str, verb: str) -> str | None:
    if letter == "-p":
        return "--patch" if verb == "patch" else "--previous"
    if letter == "-f" and verb == "logs":
        return "--follow"
    return None
