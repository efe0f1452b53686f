"""Runs one command so that nothing of it can outlive the run.

    python3 -I -S supervise.py [--grace SECONDS] [--close-stdin] [--user NAME] -- command...

The supervisor leads a new session (its pid is its process group and its session), adopts every
orphan below it, and reads end-of-file on its own standard input as the death of its caller.
SIGTERM, SIGINT, SIGHUP and that end-of-file end the run: SIGTERM to every process that was there
when the stop came, SIGKILL to all after the grace period, until none is left. What a process of the
run starts afterwards is part of its clean-up, and is left alone until the grace is over; so is what
has AIOPSLAB_UNINTERRUPTED=1 in its environment. It exits with the command's status (128 + the
signal that killed it), or 127 when the command cannot be started. Where there is no /proc, as on
macOS, `ps` lists the processes; where orphans cannot be adopted, AIOPSLAB_SESSION_ID in their
environment tells whose they are. A plain file without imports of ours, because the command may need
another Python than this one.
"""

from __future__ import annotations

import argparse
import calendar
import ctypes
import os
import pwd
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from typing import Any, Callable, NamedTuple

CANNOT_START = 127
LEFTOVER_GRACE_SECONDS = 2.0
KEEP_LOOKING_SECONDS = 0.1
PIECE_BYTES = 65536
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
SESSION_VARIABLE = "AIOPSLAB_SESSION_ID"
UNINTERRUPTED = b"AIOPSLAB_UNINTERRUPTED=1"
HAS_PROC = os.path.exists("/proc/self/stat")
START_FIELD = 18  # starttime, the 22nd of stat, behind name and state
# Not the one on the PATH, where a run may have put its own. Options without a dash are BSD's: with
# the environment, of all users, however wide; several -o because BSD's take no list of headings.
PS = ("/bin/ps", "axEww" if sys.platform == "darwin" else "axeww")
PS_COLUMNS = ("pid", "ppid", "pgid", "stat", "lstart", "command")
PS_TRIES = 3
PS_ROUNDS_SECONDS = 1
CALLER_LOOK_SECONDS = 0.5
GUARD_SECONDS = 30.0
GUARD_LOOK_SECONDS = 0.05
DEAD = b"ZX"
GONE = select.POLLERR | select.POLLHUP | select.POLLNVAL
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def main(arguments: list[str]) -> int:
    caller = os.getppid()
    options = read_options(arguments)
    try:
        processes()
    except OSError as reason:
        say(f"cannot see what runs here: {reason}; mount /proc, or install ps")
        return CANNOT_START
    lead_a_new_session()
    guard = Guard()
    prctl = find_prctl()
    mark = None if adopts_orphans(prctl) else mark_of_this_run()
    wakeups = Wakeups()
    try:
        stdin = subprocess.PIPE if options.close_stdin else None
        child = start(options.command, prctl, stdin, options.user)
    except (OSError, ValueError, subprocess.SubprocessError) as reason:
        say(f"cannot start {options.command[0]!r}: {reason}; check the path and its permissions")
        guard.dismiss()
        return CANNOT_START
    source = FirstLine(child) if options.close_stdin else SharedStdin()
    supervision = Supervision(child, wakeups, options.grace, source, guard, mark)
    if prctl is None:
        supervision.watch_the_caller(caller)
    status = supervision.run()
    guard.dismiss()
    return status


def read_options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="supervise", description="Runs one command to its end.")
    parser.add_argument("--grace", type=float, default=10.0, help="seconds from SIGTERM to SIGKILL")
    parser.add_argument("--close-stdin", action="store_true", help="forward only the first line")
    parser.add_argument("--user", type=user, help="whose rights the command has, by name")
    parser.usage = "supervise [--grace SECONDS] [--close-stdin] [--user NAME] -- command..."
    end = arguments.index("--") if "--" in arguments else len(arguments)
    options = parser.parse_args(arguments[:end])
    options.command = arguments[end + 1 :]
    if not 0 <= options.grace <= 86400:
        parser.error("--grace must be 0 to 86400 seconds")
    if not options.command:
        parser.error("name the command to run after --")
    return options


def user(name: str) -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        raise argparse.ArgumentTypeError(f"there is no user {name!r} here") from None


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


def adopts_orphans(prctl: Callable[..., int] | None) -> bool:
    return prctl is not None and prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0


def mark_of_this_run() -> bytes | None:
    """A variable that every process of the run has; None if the caller has set none."""
    session = os.environ.get(SESSION_VARIABLE)
    return f"{SESSION_VARIABLE}={session}".encode() if session else None


def start(
    command: list[str],
    prctl: Callable[..., int] | None,
    stdin: int | None,
    user: pwd.struct_passwd | None,
) -> subprocess.Popen[bytes]:
    """The user's groups come with the user, and none of the caller's."""
    supervisor = os.getpid()
    rights: dict[str, Any] = {}
    if user is not None:
        groups = os.getgrouplist(user.pw_name, user.pw_gid)
        rights = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": groups}

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
        command, stdin=stdin, bufsize=0, preexec_fn=prepare_child, close_fds=True, **rights
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
                    kill_all_of(run, mark_of_this_run())
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


def kill_all_of(run: int, mark: bytes | None) -> None:
    """SIGKILL to every process of a session, and to all with its mark, until none is left."""
    deadline = time.monotonic() + GUARD_SECONDS
    while time.monotonic() < deadline:
        left = {
            process.pid: process
            for process in processes()
            if not process.dead
            and process.pid != os.getpid()
            and (run in (process.group, process.session) or has_variable(process, mark))
        }
        if not left:
            return
        send(signal.SIGKILL, oldest_first(left))
        time.sleep(GUARD_LOOK_SECONDS)


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
        mark: bytes | None,
    ) -> None:
        """`mark`: of processes that are the run's though they are neither below nor in session."""
        self.guard = guard
        self.mark = mark
        self.caller: int | None = None
        self.child = child
        self.wakeups = wakeups
        self.grace = grace
        self.stdin = stdin
        self.status: int | None = None

    def watch_the_caller(self, pid: int) -> None:
        """For where a poll that asks for no data may not be told of the end of standard input."""
        self.caller = pid

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
        look = None if self.caller is None else int(CALLER_LOOK_SECONDS * 1000)
        while not (self.wakeups.stop_requested or self.stdin.ended or self._caller_is_gone()):
            self._reap()
            if self.status is not None:
                return
            poll = select.poll()
            poll.register(self.wakeups.reader, select.POLLIN)
            self.stdin.register(poll)
            ready = dict(poll.poll(look))
            self.wakeups.drain()
            self.stdin.forward(ready)
        self._reap()

    def _caller_is_gone(self) -> bool:
        return self.caller is not None and (os.getppid() != self.caller or has_ended(0))

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
        stop = now_as_start()
        seen: set[int] = set()
        asked: set[int] | None = None
        while True:
            self._reap()
            there = processes_of_this_run(self.mark)
            there.pop(self.guard.pid, None)
            if not HAS_PROC:
                self.wakeups.drain()  # ps has ended, which nobody needs to be woken for
            if not there:
                self._reap()
                return len(seen)
            seen.update(there)
            if time.monotonic() >= deadline:
                send(signal.SIGKILL, oldest_first(there))
            elif asked is None:
                # Nobody has heard of the stop yet: whatever is there was there before.
                asked = {pid for pid in there if not is_uninterrupted(there[pid])}
                send(signal.SIGTERM, oldest_first({pid: there[pid] for pid in asked}))
            else:
                missed = {pid for pid in there if there[pid].start < stop} - asked
                missed = {pid for pid in missed if not is_uninterrupted(there[pid])}
                send(signal.SIGTERM, oldest_first({pid: there[pid] for pid in missed}))
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


class Seen(NamedTuple):
    """A process. `start` is in ticks since boot, or where ps says it in seconds since 1970; `words`
    are its command line and its environment in one, where ps says them."""

    pid: int
    parent: int
    group: int
    session: int
    dead: bool
    start: int
    words: bytes | None = None


def processes_of_this_run(mark: bytes | None) -> dict[int, Seen]:
    """Living processes below the supervisor, in its session or group, or with the mark.

    By pid; the supervisor itself is left out.
    """
    me = os.getpid()
    sessions = {me} if os.getsid(0) == me else set()
    groups = {me} if os.getpgrp() == me else set()
    parents: dict[int, int] = {}
    living: dict[int, Seen] = {}
    run: set[int] = set()
    for process in processes():
        parents[process.pid] = process.parent
        if not process.dead:
            living[process.pid] = process
        if process.group in groups or process.session in sessions or has_variable(process, mark):
            run.add(process.pid)
    for pid in parents:
        line = []
        while pid not in run and pid != me and pid in parents and pid not in line:
            line.append(pid)
            pid = parents[pid]
        if pid in run or pid == me:
            run.update(line)
    return {pid: process for pid, process in living.items() if pid in run and pid != me}


def has_ended(descriptor: int) -> bool:
    """Whether nobody writes there any more, though what was written may not have been read."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return any(events & GONE for _, events in poll.poll(0))


def now_as_start() -> int:
    """Not more than the `start` of any process that is started from now on."""
    if not HAS_PROC:
        return int(time.time()) - PS_ROUNDS_SECONDS
    return int(time.clock_gettime(time.CLOCK_BOOTTIME) * os.sysconf("SC_CLK_TCK"))


def is_uninterrupted(process: Seen) -> bool:
    """Whether it takes something back, or brings it about as a whole, by its environment."""
    return has_variable(process, UNINTERRUPTED)


def has_variable(process: Seen, variable: bytes | None) -> bool:
    """Whether `NAME=value` is in its environment; not where this user is not shown that."""
    if variable is None:
        return False
    if process.words is not None:
        return b" %b " % variable in b" %b " % process.words
    try:
        with open(f"/proc/{process.pid}/environ", "rb") as file:
            return b"\0%b\0" % variable in b"\0" + file.read()
    except OSError:
        return False


def processes() -> Iterable[Seen]:
    """Raises OSError where nothing tells which there are."""
    return processes_by_proc() if HAS_PROC else processes_by_ps()


def processes_by_proc() -> Iterator[Seen]:
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            with open(f"/proc/{entry}/stat", "rb") as file:
                # Behind the name, which may hold anything: state, parent, group, session, …
                state, *fields = file.read().rpartition(b")")[2].split()
        except OSError:
            continue
        parent, group, session = map(int, fields[:3])
        start = int(fields[START_FIELD])
        yield Seen(int(entry), parent, group, session, state in DEAD, start)


def processes_by_ps() -> list[Seen]:
    columns = [word for column in PS_COLUMNS for word in ("-o", column + "=")]
    for _ in range(PS_TRIES):
        listing = subprocess.Popen(
            [*PS, *columns],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"LC_ALL": "C", "TZ": "UTC0"},
            start_new_session=True,
        )
        lines = listing.communicate()[0].splitlines()
        if listing.returncode == 0:
            seen = map(seen_in_line, lines)
            return [process for process in seen if process and process.pid != listing.pid]
    raise OSError(f"{PS[0]} ended with {listing.returncode}")


def seen_in_line(line: bytes) -> Seen | None:
    """Of a line of ps; None if it is none, or if the process has ended since."""
    try:
        pid, parent, group, state, *date, words = line.split(None, 9)
        started = time.strptime(b" ".join(date).decode(), "%a %b %d %H:%M:%S %Y")
        # Its own column of sessions is an address on some systems.
        session = os.getsid(int(pid))
    except (ValueError, ProcessLookupError):
        return None
    except PermissionError:
        session = 0
    dead = state[:1] in DEAD
    return Seen(int(pid), int(parent), int(group), session, dead, calendar.timegm(started), words)


def oldest_first(there: dict[int, Seen]) -> list[int]:
    """Parents before their children: nobody lives to act on the death of a child."""
    return sorted(there, key=lambda pid: (there[pid].start, pid))


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
