"""The supervisor with real processes: nothing of a run may outlive it."""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import uuid
from pathlib import Path
from typing import Callable

from runner_path import SUPERVISE

PATIENCE_SECONDS = 15.0
SUPERVISOR = [sys.executable, "-I", "-S", str(SUPERVISE)]
if os.environ.get("AIOPSLAB_TEST_AS_ON_MACOS"):
    SUPERVISOR.insert(-1, str(Path(__file__).with_name("as_on_macos.py")))
HAS_PROC = os.path.exists("/proc/self/stat")
# Writes its pid into the folder given, ignores SIGTERM, and waits.
STUBBORN = """
import os, pathlib, signal, sys, time
def settle(name):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    part = pathlib.Path(sys.argv[1], name + ".part")
    part.write_text(str(os.getpid()))
    part.rename(pathlib.Path(sys.argv[1], name))
    while True:
        time.sleep(60)
"""
FAMILY = (
    STUBBORN
    + """
if os.fork() == 0:
    settle("grandchild")
if os.fork() == 0:
    os.setsid()
    if os.fork():
        os._exit(0)
    settle("daemon")
"""
)


def until(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def alive(pid: int) -> bool:
    if not HAS_PROC:
        return seen_by_ps("-o", "stat=", "-p", str(pid))[:1] not in ("", "Z")
    try:
        state = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[0]
    except OSError:
        return False
    return state not in (b"Z", b"X")


def marked(session: str) -> list[int]:
    if not HAS_PROC:
        every = "axEww" if sys.platform == "darwin" else "axeww"
        lines = seen_by_ps(every, "-o", "pid=", "-o", "command=").splitlines()
        return [int(line.split()[0]) for line in lines if f"={session} " in f"{line} "]
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if session.encode() in (entry / "environ").read_bytes() and alive(int(entry.name)):
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def seen_by_ps(*arguments: str) -> str:
    """With none of our environment, which it would show of itself."""
    command = ["/bin/ps", *arguments]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, env={}).stdout.strip()


class SupervisorCase(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        # As the worker does: where orphans cannot be adopted, they are known by it.
        self.session = os.environ["AIOPSLAB_SESSION_ID"] = str(uuid.uuid4())
        self.addCleanup(os.environ.pop, "AIOPSLAB_SESSION_ID")

    def start(self, *argv: str, options: tuple[str, ...] = ()) -> subprocess.Popen:
        process = subprocess.Popen(
            [*SUPERVISOR, *options, "--", *argv],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.addCleanup(self.put_away, process)
        return process

    def put_away(self, process: subprocess.Popen) -> None:
        if process.poll() is None:
            process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            try:
                pipe.close()
            except BrokenPipeError:
                continue
        for file in self.folder.glob("*"):
            if file.suffix != ".part" and alive(int(file.read_text())):
                os.kill(int(file.read_text()), signal.SIGKILL)

    def start_python(self, program: str, *options: str) -> subprocess.Popen:
        return self.start(sys.executable, "-c", program, str(self.folder), options=options)

    def pids(self, *names: str) -> list[int]:
        there = until(lambda: all((self.folder / name).exists() for name in names))
        self.assertTrue(there, f"not started: {names}")
        return [int((self.folder / name).read_text()) for name in names]

    def assert_gone(self, pids: list[int]) -> None:
        self.assertTrue(until(lambda: not any(map(alive, pids))), f"still there: {pids}")


class ExitStatus(SupervisorCase):
    def test_is_the_commands(self) -> None:
        for program, status in (
            ("", 0),
            ("raise SystemExit(7)", 7),
            ("import os; os.kill(os.getpid(), 9)", 137),
            ("import os, signal; os.kill(os.getpid(), signal.SIGTERM)", 143),
        ):
            with self.subTest(program=program):
                self.assertEqual(status, self.start_python(program).wait(PATIENCE_SECONDS))

    def test_is_127_when_the_command_cannot_be_started(self) -> None:
        process = self.start("/nowhere/at/all")
        self.assertEqual(127, process.wait(PATIENCE_SECONDS))
        self.assertIn(b"cannot start", process.stderr.read())

    def test_is_2_for_a_user_who_is_not_there(self) -> None:
        process = self.start("true", options=("--user=no-such-user",))
        self.assertEqual(2, process.wait(PATIENCE_SECONDS))
        self.assertIn(b"there is no user 'no-such-user' here", process.stderr.read())

    def test_is_2_for_bad_options(self) -> None:
        self.assertEqual(2, self.start("true", options=("--grace=-1",)).wait(PATIENCE_SECONDS))
        self.assertEqual(2, self.start().wait(PATIENCE_SECONDS))


class StandardInput(SupervisorCase):
    def test_a_megabyte_reaches_a_slow_reader(self) -> None:
        program = (
            "import sys, time\n"
            "time.sleep(0.2)\n"
            "line = sys.stdin.buffer.readline()\n"
            "print(len(line), hash(line) is not None, line == b'0123456789' * 104858 + b'\\n')\n"
        )
        process = self.start_python(program)
        process.stdin.write(b"0123456789" * 104858 + b"\n")
        process.stdin.flush()
        self.assertEqual(0, process.wait(PATIENCE_SECONDS))
        self.assertEqual(b"1048581 True True\n", process.stdout.read())

    def test_a_child_that_closes_its_stdin_lives_on(self) -> None:
        program = "import os, time\nos.close(0)\nprint('closed', flush=True)\ntime.sleep(0.3)\n"
        process = self.start_python(program)
        self.assertEqual(b"closed\n", process.stdout.readline())
        process.stdin.write(b"x" * 20_000)
        process.stdin.flush()
        self.assertEqual(0, process.wait(PATIENCE_SECONDS))

    def test_close_stdin_forwards_one_line_and_then_the_end(self) -> None:
        program = "import sys\nprint(sys.stdin.read().encode())\n"
        process = self.start_python(program, "--close-stdin")
        process.stdin.write(b"first\nsecond\n")
        process.stdin.flush()
        self.assertEqual(0, process.wait(PATIENCE_SECONDS))
        self.assertEqual(b"b'first\\n'\n", process.stdout.read())


class Ending(SupervisorCase):
    def test_sigterm_reaches_the_child_which_may_finish(self) -> None:
        program = (
            "import signal, sys, time\n"
            "def finish(*_):\n    print('cleaned up', flush=True)\n    sys.exit(143)\n"
            "signal.signal(signal.SIGTERM, finish)\n"
            "print('ready', flush=True)\n"
            "time.sleep(60)\n"
        )
        process = self.start_python(program)
        self.assertEqual(b"ready\n", process.stdout.readline())
        process.send_signal(signal.SIGTERM)
        self.assertEqual(143, process.wait(PATIENCE_SECONDS))
        self.assertEqual(b"cleaned up\n", process.stdout.read())

    def test_sigterm_ends_a_family_that_ignores_it(self) -> None:
        process = self.start_python(FAMILY + "settle('child')\n", "--grace=0.3")
        pids = self.pids("child", "grandchild", "daemon")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(137, process.wait(PATIENCE_SECONDS))
        self.assert_gone(pids)

    def test_the_end_of_stdin_ends_them_too(self) -> None:
        process = self.start_python(FAMILY + "settle('child')\n", "--grace=0.3")
        pids = self.pids("child", "grandchild", "daemon")
        process.stdin.close()
        self.assertEqual(137, process.wait(PATIENCE_SECONDS))
        self.assert_gone(pids)

    def test_what_a_child_leaves_behind_is_ended(self) -> None:
        program = (
            "for name in ('grandchild', 'daemon'):\n"
            "    while not pathlib.Path(sys.argv[1], name).exists():\n"
            "        time.sleep(0.02)\n"
            "raise SystemExit(3)\n"
        )
        process = self.start_python(FAMILY + program, "--grace=0.3")
        pids = self.pids("grandchild", "daemon")
        self.assertEqual(3, process.wait(PATIENCE_SECONDS))
        self.assert_gone(pids)
        self.assertIn(b"left behind", process.stderr.read())

    def test_a_killed_caller_takes_everything_with_it(self) -> None:
        """The caller holds the only writing end of the supervisor's standard input."""
        caller = (
            "import subprocess, sys, time\n"
            "subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)\n"
            "time.sleep(60)\n"
        )
        family = [sys.executable, "-c", FAMILY + "settle('child')\n", str(self.folder)]
        supervised = [*SUPERVISOR, "--grace=0.3", "--", *family]
        process = subprocess.Popen([sys.executable, "-c", caller, *supervised])
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        pids = self.pids("child", "grandchild", "daemon")
        process.kill()
        self.assert_gone(pids)

    def test_a_killed_supervisor_takes_the_whole_family_with_it(self) -> None:
        """Also what made a session of its own: its environment tells whose it is."""
        process = self.start_python(FAMILY + "settle('child')\n")
        pids = self.pids("child", "grandchild", "daemon")
        process.kill()
        self.assert_gone(pids)

    def test_nothing_of_the_supervisor_itself_stays_behind(self) -> None:
        process = self.start_python("pass")
        self.assertEqual(0, process.wait(PATIENCE_SECONDS))
        self.assertEqual([], [pid for pid in marked(self.session) if pid != os.getpid()])


@unittest.skipUnless(os.geteuid() == 0, "only root gives rights away")
class AnotherUser(SupervisorCase):
    WHO = """
import os, sys
print(os.getuid(), os.getgid(), os.getgroups(), flush=True)
for file in sys.argv[2:]:
    try:
        print(len(open(file, "rb").read()), flush=True)
    except OSError as refused:
        print(type(refused).__name__, flush=True)
"""

    # By name: the first on the PATH that this user may start, not a developer's own.
    PYTHON = "python3"

    def test_has_its_own_rights_and_groups_and_sees_nothing_of_its_caller(self) -> None:
        nobody = pwd.getpwnam("nobody")
        secret = self.folder / "secret.part"
        secret.write_text("password")
        secret.chmod(0o600)
        of_caller = [str(secret), f"/proc/{os.getpid()}/environ"]
        process = self.start(
            self.PYTHON, "-c", self.WHO, "", *of_caller, options=("--user=nobody",)
        )
        self.assertEqual(0, process.wait(PATIENCE_SECONDS), process.stderr.read())
        who, *read = process.stdout.read().decode().splitlines()
        self.assertEqual(f"{nobody.pw_uid} {nobody.pw_gid} [{nobody.pw_gid}]", who)
        hidden = "PermissionError" if HAS_PROC else "FileNotFoundError"
        self.assertEqual(["PermissionError", hidden], read)

    def start_family(self, *options: str) -> subprocess.Popen:
        self.folder.chmod(0o777)
        program = FAMILY + "settle('child')\n"
        return self.start(self.PYTHON, "-c", program, str(self.folder), options=options)

    def test_is_ended_like_everybody(self) -> None:
        process = self.start_family("--grace=0.3", "--user=nobody")
        pids = self.pids("child", "grandchild", "daemon")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(137, process.wait(PATIENCE_SECONDS))
        self.assert_gone(pids)

    def test_is_killed_with_its_supervisor(self) -> None:
        process = self.start_family("--user=nobody")
        pids = self.pids("child", "grandchild", "daemon")
        process.kill()
        self.assert_gone(pids)


# On SIGTERM starts a child that needs a second, and says how it ended; so does AIOpsLab's recovery.
RECOVERING = """
import signal, subprocess, sys
def recover(*_):
    slow = "import time; time.sleep(1); print('done', flush=True)"
    child = subprocess.run([sys.executable, "-c", slow])
    print("recovered" if child.returncode == 0 else f"ended by {child.returncode}", flush=True)
    sys.exit(143)
signal.signal(signal.SIGTERM, recover)
print("ready", flush=True)
signal.pause()
"""
# Says of which child it has seen the end; none of them hears a SIGTERM.
WITH_CHILDREN = """
import os, signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
for _ in range(16):
    if os.fork() == 0:
        signal.pause()
os.write(1, b"ready\\n")
os.write(1, b"saw %d end\\n" % os.wait()[0])
"""
# Waits for a child that was there before the stop; with a word in its environment, or without.
BEFORE_THE_STOP = """
import os, signal, subprocess, sys
told = []
signal.signal(signal.SIGTERM, lambda *_: told.append(1))
child = subprocess.Popen(
    [sys.executable, "-c", "import time; print('ready', flush=True); time.sleep(1.5)"],
    env={**os.environ, **dict(word.split(":") for word in sys.argv[2:])},
)
print("child", child.wait(), "told", len(told), flush=True)
"""


class WhatCleansUp(SupervisorCase):
    def test_what_is_started_after_the_stop_lives_until_the_grace_is_over(self) -> None:
        process = self.start_python(RECOVERING)
        self.assertEqual(b"ready\n", process.stdout.readline())
        process.send_signal(signal.SIGTERM)
        self.assertEqual(143, process.wait(PATIENCE_SECONDS))
        self.assertEqual(b"done\nrecovered\n", process.stdout.read())

    def test_it_is_killed_when_the_grace_is_over(self) -> None:
        process = self.start_python(RECOVERING.replace("sleep(1)", "sleep(60)"), "--grace=0.5")
        self.assertEqual(b"ready\n", process.stdout.readline())
        process.send_signal(signal.SIGTERM)
        self.assertEqual(137, process.wait(PATIENCE_SECONDS))
        self.assertEqual(b"", process.stdout.read())

    def test_nobody_lives_to_see_its_child_killed(self) -> None:
        """A parent is killed before its children, whatever their pids: it acts on their end."""
        for attempt in range(5):
            with self.subTest(attempt=attempt):
                process = self.start_python(WITH_CHILDREN, "--grace=0.1")
                self.assertEqual(b"ready\n", process.stdout.readline())
                process.send_signal(signal.SIGTERM)
                self.assertEqual(137, process.wait(PATIENCE_SECONDS))
                self.assertEqual(b"", process.stdout.read())

    def test_what_ran_when_the_stop_came_is_asked_to_end(self) -> None:
        self.assertEqual(b"child -15 told 1\n", self.stop_with_a_child())

    def test_but_not_what_says_that_it_must_not_be_interrupted(self) -> None:
        said = self.stop_with_a_child("AIOPSLAB_UNINTERRUPTED:1")
        self.assertEqual(b"child 0 told 1\n", said)

    def stop_with_a_child(self, *variables: str) -> bytes:
        process = self.start(sys.executable, "-c", BEFORE_THE_STOP, str(self.folder), *variables)
        self.assertEqual(b"ready\n", process.stdout.readline())
        process.send_signal(signal.SIGTERM)
        self.assertEqual(0, process.wait(PATIENCE_SECONDS))
        return process.stdout.read()


if __name__ == "__main__":
    unittest.main()
