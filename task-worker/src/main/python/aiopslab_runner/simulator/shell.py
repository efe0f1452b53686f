"""The command line of `exec_shell`: words, pipes and `&&`, and a handful of commands.

It is not a shell, and nothing here starts a process. What it does not know, it refuses with a
sentence that says what there is: redirections, substitutions, variables and loops among them.
"""

from __future__ import annotations

from aiopslab_runner.simulator.kubectl import KubectlError, kubectl
from aiopslab_runner.simulator.simulation import Simulation
from aiopslab_runner.simulator.text_tools import TOOLS, ToolError
from aiopslab_runner.simulator.words import SyntaxProblem, Token, tokens
from aiopslab_runner.simulator.workspace import Workspace

COMMAND_LIMIT = 16 * 1024
OUTPUT_LIMIT = 128 * 1024
LONGEST_SLEEP_SECONDS = 300


class Shell:
    """Each call starts afresh in the working directory."""

    def __init__(self, simulation: Simulation, workspace: Workspace) -> None:
        self._simulation = simulation
        self._workspace = workspace

    def run(self, command: str) -> str:
        """What the command line prints. Errors are printed too; none is raised."""
        try:
            if len(command) > COMMAND_LIMIT:
                raise SyntaxProblem(f"sh: a command may have at most {COMMAND_LIMIT} characters")
            output = self._run_lists(tokens(command))
        except SyntaxProblem as reason:
            output = str(reason)
        if len(output) > OUTPUT_LIMIT:
            left = len(output) - OUTPUT_LIMIT
            output = f"{output[:OUTPUT_LIMIT]}\n[{left} more characters were left out]"
        return output

    def _run_lists(self, parts: list[Token]) -> str:
        said: list[str] = []
        succeeded, operator = True, ";"
        pipeline: list[list[str]] = [[]]
        for part in [*parts, Token(";", operator=True)]:
            if not part.operator:
                pipeline[-1].append(part.text)
            elif part.text == "|":
                pipeline.append([])
            else:
                if not all(pipeline) and (pipeline != [[]] or part.text != ";"):
                    raise SyntaxProblem(f"sh: syntax error near unexpected token `{part.text}'")
                if any(pipeline) and (operator == ";" or (operator == "&&") == succeeded):
                    output, succeeded = self._run_pipeline(pipeline)
                    said += [output] if output else []
                operator, pipeline = part.text, [[]]
        return "\n".join(said)

    def _run_pipeline(self, pipeline: list[list[str]]) -> tuple[str, bool]:
        """Errors of any command are printed after the output, as on a terminal."""
        given: str | None = None
        errors: list[str] = []
        succeeded = True
        for words in pipeline:
            succeeded = True
            try:
                given = self._run_command(words, given)
            except (KubectlError, ToolError) as reason:
                errors.append(str(reason))
                given, succeeded = "", False
        return "\n".join(filter(None, [given, *errors])), succeeded

    def _run_command(self, words: list[str], given: str | None) -> str:
        name, arguments = words[0], words[1:]
        if name == "kubectl":
            return kubectl(self._simulation, arguments)
        if name in TOOLS:
            return TOOLS[name](arguments, given, self._read)
        if name == "ls":
            return self._list(arguments)
        if name == "pwd":
            return "."
        if name == "date":
            return self._simulation.cluster.clock.stamp(self._simulation.cluster.now)
        if name == "sleep":
            return self._sleep(arguments)
        known = ", ".join(sorted(["kubectl", "ls", "pwd", "date", "sleep", *TOOLS]))
        raise ToolError(f"sh: {name[:100]}: command not found (in this simulation: {known})")

    def _read(self, path: str) -> str:
        text = self._workspace.read(path)
        if text is None:
            raise ToolError(f"{path[:200]}: No such file or directory")
        return text

    def _list(self, arguments: list[str]) -> str:
        path = next((a for a in arguments if not a.startswith("-")), ".")
        names = self._workspace.list(path)
        if names is None:
            raise ToolError(f"ls: cannot access '{path[:200]}': No such file or directory")
        return "\n".join(names)

    def _sleep(self, arguments: list[str]) -> str:
        """Lets simulated time pass."""
        text = arguments[0].removesuffix("s") if arguments else ""
        if not (text.isascii() and text.isdigit() and len(text) < 6):
            raise ToolError("sleep: give a whole number of seconds")
        self._simulation.advance(float(min(int(text), LONGEST_SLEEP_SECONDS)))
        return ""
