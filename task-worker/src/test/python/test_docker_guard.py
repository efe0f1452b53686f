"""The docker that stands before the real one: only the run's own control plane can be reached."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from runner_path import RESOURCES

GUARD = RESOURCES / "run" / "docker"
# Writes what it was called with, each argument ended by U+0000; its exit status is its own.
RECORDER = """#!/bin/sh
printf '%s\\0' "$@" > "$RECORD"
cat
exit 7
"""
OWN = "kind-7-control-plane"


class GuardCase(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory(prefix="guard $(x) ")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.record = self.folder / "record"
        self.guard = self.program("bin", GUARD.read_text())
        self.docker = self.program("real", RECORDER)

    def program(self, directory: str, text: str) -> Path:
        path = self.folder / directory / "docker"
        path.parent.mkdir()
        path.write_text(text)
        path.chmod(0o755)
        return path

    def path(self, *first: Path | str) -> str:
        return ":".join([*map(str, first), os.defpath])

    def run_guard(
        self, *arguments: str, path: str | None = None, cluster: str = "kind-7", stdin: str = ""
    ) -> subprocess.CompletedProcess[str]:
        search = path or self.path(self.guard.parent, self.docker.parent)
        return subprocess.run(
            ["docker", *arguments],
            executable=self.guard,
            env={"PATH": search, "RECORD": str(self.record), "AIOPSLAB_CLUSTER": cluster},
            cwd=self.folder,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=30,
        )

    def recorded(self) -> list[str]:
        return self.record.read_text().split("\0")[:-1]

    def assert_refused(self, *arguments: str, **options: str) -> None:
        answer = self.run_guard(*arguments, **options)
        self.assertEqual(answer.returncode, 125, (arguments, answer))
        self.assertEqual(len(answer.stderr.splitlines()), 1, answer.stderr)
        self.assertRegex(answer.stderr, r"^docker: .+; a run may use docker exec .+\.$")
        self.assertFalse(self.record.exists(), arguments)


class AllowedTest(GuardCase):
    def test_both_names_are_the_runs_own_control_plane(self) -> None:
        for name in ("kind-control-plane", OWN):
            answer = self.run_guard("exec", name, "kubectl", "get", "pods")
            self.assertEqual(answer.returncode, 7, answer)
            self.assertEqual(self.recorded(), ["exec", OWN, "kubectl", "get", "pods"])

    def test_interactive_and_tty(self) -> None:
        for given, passed in (
            (["-i"], ["-i"]),
            (["-t"], ["-t"]),
            (["-it"], ["-i", "-t"]),
            (["-ti"], ["-i", "-t"]),
            (["-t", "-i"], ["-i", "-t"]),
        ):
            self.run_guard("exec", *given, "kind-control-plane", "sh")
            self.assertEqual(self.recorded(), ["exec", *passed, OWN, "sh"])

    def test_arguments_pass_unchanged(self) -> None:
        nasty = [
            "bash",
            "-c",
            'echo \'a "b"\' && echo $(touch "$HOME/x") `id` | cat; exit',
            "",
            "  two  spaces ",
            "line one\nline two\n\n",
            "*",
            "$RECORD ${PATH} \\n \\",
            "-it",
            "--",
            "kind-control-plane",
            "ü€",
        ]
        self.run_guard("exec", "-i", "kind-control-plane", *nasty)
        self.assertEqual(self.recorded(), ["exec", "-i", OWN, *nasty])
        self.assertFalse((self.folder / "x").exists())

    def test_standard_input_reaches_docker(self) -> None:
        answer = self.run_guard("exec", "-i", "kind-control-plane", "cat", stdin="a\n\nb")
        self.assertEqual(answer.stdout, "a\n\nb")

    def test_version_and_info(self) -> None:
        for arguments in (
            ["version"],
            ["info"],
            ["version", "--format", "{{.Server.Version}}"],
            ["info", "-f", "{{json .}}"],
            ["info", "--format={{.ID}}"],
        ):
            self.run_guard(*arguments)
            self.assertEqual(self.recorded(), arguments)

    def test_it_does_not_call_itself_by_another_path(self) -> None:
        alias = self.folder / "alias"
        alias.symlink_to(self.guard.parent)
        path = self.path(alias, self.guard.parent, f"{self.guard.parent}/.", self.docker.parent)
        self.run_guard("version", path=path)
        self.assertEqual(self.recorded(), ["version"])

    def test_the_current_directory_is_not_searched(self) -> None:
        shutil.copy(self.docker, self.folder / "docker")
        for relative in ("", ".", "real"):
            answer = self.run_guard("version", path=f"{relative}:{self.guard.parent}")
            self.assertEqual(answer.returncode, 127, answer)
            self.assertIn("install it", answer.stderr)
            self.assertFalse(self.record.exists())


class RefusedTest(GuardCase):
    def test_other_containers(self) -> None:
        for name in (
            "kind-8-control-plane",
            "kind-7-worker",
            "control-plane",
            "kind-control-plane2",
            "kind-control-plane\nx",
            "*",
            "",
        ):
            self.assert_refused("exec", name, "ls")

    def test_other_options(self) -> None:
        for option in ("--privileged", "-u", "-e", "--env=A=b", "-d", "-w", "-iu", "--", "-"):
            self.assert_refused("exec", option, "kind-control-plane", "ls")
            self.assert_refused("exec", "-i", option, "kind-control-plane", "ls")

    def test_other_verbs(self) -> None:
        for arguments in (
            [],
            [""],
            ["run", "kind-control-plane"],
            ["ps"],
            ["rm", "-f", "kind-control-plane"],
            ["container", "exec", "kind-control-plane", "ls"],
            ["-H", "tcp://elsewhere", "exec", "kind-control-plane", "ls"],
            ["--version"],
            ["version", "-H", "tcp://elsewhere"],
            ["info", "--format", "x", "y"],
            ["inspect\nexec"],
        ):
            self.assert_refused(*arguments)

    def test_no_command_and_no_cluster(self) -> None:
        self.assert_refused("exec")
        self.assert_refused("exec", "-it")
        self.assert_refused("exec", "kind-control-plane")
        self.assert_refused("exec", "kind-control-plane", "ls", cluster="")
        self.assert_refused("exec", "-control-plane", "ls", cluster="")


class WrittenTest(unittest.TestCase):
    @unittest.skipUnless(shutil.which("shellcheck"), "needs shellcheck")
    def test_shellcheck_finds_nothing(self) -> None:
        answer = subprocess.run(["shellcheck", str(GUARD)], capture_output=True, text=True)
        self.assertEqual(answer.returncode, 0, answer.stdout)


if __name__ == "__main__":
    unittest.main()
