"""Runs one command so that nothing of it can outlive the run.

    python3 -I -S supervise.py [--grace SECONDS] [--close-stdin] -- command argument...

The supervisor leads a new session (its pid is its process group and its session), adopts every
orphan below it, and reads end-of-file on its own standard input as the death of its caller.
SIGTERM, SIGINT, SIGHUP and that end-of-file end the run: SIGTERM to every process that was there
when the stop came, SIGKILL to all after the grace period, until none is left. What a process of the
run starts afterwards is part of its clean-up, and is left alone until the grace is over; so is what
has AIOPSLAB_UNINTERRUPTED=1 in its environment. It exits with the command's status (128 + the
signal that killed it), or 127 when the command cannot be started. Linux only; a plain file without
imports of ours, because the command may need another Python than this one.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from typing import Callable

CANNOT_START = 127
LEFTOVER_GRACE_SECONDS = 2.0
KEEP_LOOKING_SECONDS = 0.1
PIECE_BYTES = 65536
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
SESSION_VARIABLE = "AIOPSLAB_SESSION_ID"
UNINTERRUPTED = b"\0AIOPSLAB_UNINTERRUPTED=1\0"
START_FIELD = 19  # starttime, the 22nd of stat, behind the name
GUARD_SECONDS = 30.0
GUARD_LOOK_SECONDS = 0.05
DEAD = (b"Z", b"X")
GONE = select.POLLERR | select.POLLHUP | select.POLLNVAL
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def main(arguments: list[str]) -> int:
    options = read_options(arguments)
    lead_a_new_session()
    guard = Guard()
    prctl = find_prctl()
    adopt_orphans(prctl)
    wakeups = Wakeups()
    try:
        child = start(options.command, prctl, subprocess.PIPE if options.close_stdin else None)
    except (OSError, ValueError, subprocess.SubprocessError) as reason:
        say(f"cannot start {options.command[0]!r}: {reason}; check the path and its permissions")
        guard.dismiss()
        return CANNOT_START
    stdin = FirstLine(child) if options.close_stdin else SharedStdin()
    status = Supervision(child, wakeups, options.grace, stdin, guard).run()
    guard.dismiss()
    return status


def read_options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="supervise", description="Runs one command to its end.")
    parser.add_argument("--grace", type=float, default=10.0, help="seconds from SIGTERM to SIGKILL")
    parser.add_argument("--close-stdin", action="store_true", help="forward only the first line")
    parser.usage = "supervise [--grace SECONDS] [--close-stdin] -- command argument..."
    end = arguments.index("--") if "--" in arguments else len(arguments)
    options = parser.parse_args(arguments[:end])
    options.command = arguments[end + 1 :]
    if not 0 <= options.grace <= 86400:
        parser.error("--grace must be 0 to 86400 seconds")
    if not options.command:
        parser.error("name the command to run after --")
    return options


def lead_a_new_session() -> None:
    try:
        os.setsid()
    except PermissionError:
        say("already leads a process group, so the session of the caller is kept")


def find_prctl() -> Callable[..., int] | None:
    try:
        return ctypes.CDLL(None, use_errno=True).prctl
    except (OSError, AttributeError):
        return None


def adopt_orphans(prctl: Callable[..., int] | None) -> None:
    if prctl is None or prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        say("cannot adopt orphans here; processes that leave the session may be missed")


def start(
    command: list[str], prctl: Callable[..., int] | None, stdin: int | None
) -> subprocess.Popen[bytes]:
    supervisor = os.getpid()

    def prepare_child() -> None:
        for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
            if signal.getsignal(number) is not None:
                signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        if prctl is not None:
            prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
        if os.getppid() != supervisor:
            os._exit(128 + signal.SIGKILL)

    return subprocess.Popen(
        command, stdin=stdin, bufsize=0, preexec_fn=prepare_child, close_fds=True
    )


class Guard:
    """A process that outlives a supervisor that is killed, and then kills what is left of its run.

    It sees the supervisor's death as the end of a pipe of which only the supervisor has the other
    end, and a byte before that end as its leave.
    """

    def __init__(self) -> None:
        reader, self._writer = os.pipe()
        run = os.getpid()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                os.setsid()
                os.close(self._writer)
                self._let_go_of_everything_but(reader)
                if not os.read(reader, 1):
                    kill_all_of(run, os.environ.get(SESSION_VARIABLE))
            finally:
                os._exit(0)
        os.close(reader)

    @staticmethod
    def _let_go_of_everything_but(reader: int) -> None:
        nothing = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1, 2):
            os.dup2(nothing, standard)
        for number in STOP_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        os.chdir("/")
        os.closerange(3, reader)
        os.closerange(reader + 1, 256)

    def dismiss(self) -> None:
        try:
            os.write(self._writer, b".")
            os.waitpid(self.pid, 0)
        except OSError:
            return


def kill_all_of(run: int, session: str | None) -> None:
    """SIGKILL to every process of a session, and to all with its mark, until none is left."""
    mark = f"\0{SESSION_VARIABLE}={session}\0".encode()
    deadline = time.monotonic() + GUARD_SECONDS
    while time.monotonic() < deadline:
        left: dict[int, int] = {}
        for pid, state, fields in processes():
            ours = (
                int(fields[2]) == run
                or int(fields[3]) == run
                or (session and environment_has(pid, mark))
            )
            if ours and state not in DEAD and pid != os.getpid():
                left[pid] = int(fields[START_FIELD])
        if not left:
            return
        send(signal.SIGKILL, oldest_first(left))
        time.sleep(GUARD_LOOK_SECONDS)


def environment_has(pid: int, mark: bytes) -> bool:
    """The mark begins and ends with NUL."""
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            return mark in b"\0" + file.read()
    except OSError:
        return False


class Wakeups:
    """Turns signals into bytes on a pipe, so that one poll call waits for everything."""

    def __init__(self) -> None:
        self.reader, writer = os.pipe()
        os.set_blocking(self.reader, False)
        os.set_blocking(writer, False)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        self.stop_requested = False
        for number in STOP_SIGNALS:
            signal.signal(number, self._request_stop)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)

    def _request_stop(self, number: int, frame: object) -> None:
        self.stop_requested = True

    def drain(self) -> None:
        try:
            while os.read(self.reader, 4096):
                pass
        except BlockingIOError:
            pass

    def wait(self, seconds: float) -> None:
        select.select([self.reader], [], [], max(0.0, seconds))
        self.drain()


class Supervision:
    """One command from its start to the moment when nothing of it is left."""

    def __init__(
        self,
        child: subprocess.Popen[bytes],
        wakeups: Wakeups,
        grace: float,
        stdin: FirstLine | SharedStdin,
        guard: Guard,
    ) -> None:
        self.guard = guard
        self.child = child
        self.wakeups = wakeups
        self.grace = grace
        self.stdin = stdin
        self.status: int | None = None

    def run(self) -> int:
        self._watch()
        exited_by_itself = self.status is not None
        self.stdin.close()
        grace = min(self.grace, LEFTOVER_GRACE_SECONDS) if exited_by_itself else self.grace
        ended = self._end_all(grace)
        if exited_by_itself and ended:
            say(f"{ended} processes left behind were ended")
        return self.status if self.status is not None else 128 + signal.SIGKILL

    def _watch(self) -> None:
        """Returns when the child has exited, a stop was requested or stdin has ended."""
        while not (self.wakeups.stop_requested or self.stdin.ended):
            self._reap()
            if self.status is not None:
                return
            poll = select.poll()
            poll.register(self.wakeups.reader, select.POLLIN)
            self.stdin.register(poll)
            ready = dict(poll.poll())
            self.wakeups.drain()
            self.stdin.forward(ready)
        self._reap()

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if pid == self.child.pid:
                code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)
                self.child.returncode = self.status = code

    def _end_all(self, grace: float) -> int:
        """SIGTERM, the grace period, then SIGKILL until none is left; how many there were."""
        deadline = time.monotonic() + grace
        stop = ticks_since_boot()
        seen: set[int] = set()
        asked: set[int] | None = None
        while True:
            self._reap()
            starts = processes_of_this_run()
            starts.pop(self.guard.pid, None)
            if not starts:
                self._reap()
                return len(seen)
            seen.update(starts)
            if time.monotonic() >= deadline:
                send(signal.SIGKILL, oldest_first(starts))
            elif asked is None:
                # Nobody has heard of the stop yet: whatever is there was there before.
                asked = {pid for pid in starts if not is_uninterrupted(pid)}
                send(signal.SIGTERM, asked)
            else:
                missed = {pid for pid, start in starts.items() if start < stop} - asked
                missed = {pid for pid in missed if not is_uninterrupted(pid)}
                send(signal.SIGTERM, missed)
                asked |= missed
            left = deadline - time.monotonic()
            self.wakeups.wait(min(KEEP_LOOKING_SECONDS, left) if left > 0 else KEEP_LOOKING_SECONDS)


class SharedStdin:
    """Standard input is the child's, which gets each line without a stop here; its end is seen."""

    def __init__(self) -> None:
        self.ended = False

    def register(self, poll: select.poll) -> None:
        poll.register(0, 0)

    def forward(self, ready: dict[int, int]) -> None:
        self.ended = bool(ready.get(0, 0) & GONE)

    def close(self) -> None:
        """The child has closed its own."""


class FirstLine:
    """Copies the first line of standard input to the child, and sees the end of what follows."""

    def __init__(self, child: subprocess.Popen[bytes]) -> None:
        self.ended = False
        self._target = child.stdin
        self._line_taken = False
        self._waiting = b""
        if self._target is not None:
            os.set_blocking(self._target.fileno(), False)

    def register(self, poll: select.poll) -> None:
        """A full buffer stops reading, but the hang-up of the other end is still seen."""
        poll.register(0, 0 if self._waiting else select.POLLIN)
        if self._target is not None:
            poll.register(self._target.fileno(), select.POLLOUT if self._waiting else 0)

    def forward(self, ready: dict[int, int]) -> None:
        if self._target is not None and self._target.fileno() in ready:
            self._write(bool(ready[self._target.fileno()] & GONE))
        if 0 not in ready:
            return
        if self._waiting and self._target is not None:
            self.ended = bool(ready[0] & GONE)
        else:
            self._read()

    def _read(self) -> None:
        try:
            piece = os.read(0, PIECE_BYTES)
        except BlockingIOError:
            return
        except OSError:
            piece = b""
        if not piece:
            self.ended = True
            return
        if self._target is None or self._line_taken:
            return
        if b"\n" in piece:
            piece = piece[: piece.index(b"\n") + 1]
            self._line_taken = True
        self._waiting += piece
        self._write(gone=False)

    def _write(self, gone: bool) -> None:
        if self._target is None:
            return
        try:
            if self._waiting:
                written = os.write(self._target.fileno(), self._waiting)
                self._waiting = self._waiting[written:]
            elif gone:
                self.close()
                return
        except BlockingIOError:
            return
        except OSError:
            self.close()
            return
        if self._line_taken and not self._waiting:
            self.close()

    def close(self) -> None:
        self._waiting = b""
        if self._target is not None:
            target, self._target = self._target, None
            target.close()


def processes_of_this_run() -> dict[int, int]:
    """Living processes below the supervisor or in its session or group, itself left out.

    By pid: when each was started, in ticks since boot.
    """
    me = os.getpid()
    sessions = {me} if os.getsid(0) == me else set()
    groups = {me} if os.getpgrp() == me else set()
    parents: dict[int, int] = {}
    living: dict[int, int] = {}
    run: set[int] = set()
    for pid, state, fields in processes():
        parents[pid] = int(fields[1])
        if state not in DEAD:
            living[pid] = int(fields[START_FIELD])
        if int(fields[2]) in groups or int(fields[3]) in sessions:
            run.add(pid)
    for pid in parents:
        line = []
        while pid not in run and pid != me and pid in parents and pid not in line:
            line.append(pid)
            pid = parents[pid]
        if pid in run or pid == me:
            run.update(line)
    return {pid: start for pid, start in living.items() if pid in run and pid != me}


def ticks_since_boot() -> int:
    return int(time.clock_gettime(time.CLOCK_BOOTTIME) * os.sysconf("SC_CLK_TCK"))


def is_uninterrupted(pid: int) -> bool:
    """Whether it takes something back, or brings it about as a whole, by its environment."""
    return environment_has(pid, UNINTERRUPTED)


def processes() -> Iterator[tuple[int, bytes, list[bytes]]]:
    """Pid, state, and the fields of stat behind the name: state, parent, group, session, …"""
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            with open(f"/proc/{entry}/stat", "rb") as file:
                fields = file.read().rpartition(b")")[2].split()
        except OSError:
            continue
        yield int(entry), fields[0], fields


def oldest_first(starts: dict[int, int]) -> list[int]:
    """Parents before their children: nobody lives to act on the death of a child."""
    return sorted(starts, key=lambda pid: (starts[pid], pid))


def send(number: signal.Signals, pids: Iterable[int]) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except (ProcessLookupError, PermissionError):
            continue


def say(sentence: str) -> None:
    try:
        os.write(2, f"supervise: {sentence}\n".encode(errors="backslashreplace"))
    except OSError:
        return


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
