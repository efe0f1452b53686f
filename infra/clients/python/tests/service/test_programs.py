from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

from service import ENDLESS, EXAMPLES, PACKAGE_PATH, URL, ServiceTest

LIMIT_SECONDS = 100


def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "AIOPSLAB_URL": URL, "PYTHONPATH": str(PACKAGE_PATH)}
    return subprocess.run(
        [sys.executable, *map(str, words)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        check=False,
    )


def command(*words: str) -> subprocess.CompletedProcess[str]:
    return run("-m", "aiopslab_tasks", *words)


class CommandLineTest(ServiceTest):
    def test_a_task_is_submitted_and_watched_with_its_log_and_its_progress(self) -> None:
        run_is = f"run={self.run_id}"
        done = command(
            "submit", "noop_detection_hotel_reservation-1", "--watch", "--metadata", run_is
        )
        self.assertEqual(0, done.returncode, done.stderr)
        lines = done.stdout.splitlines()
        self.assertEqual("completed, reward 1 (submitted)", lines[-1])
        self.assertRegex(lines[0], r"^\d\d:\d\d:\d\d (debug|info)")
        self.assertRegex(done.stderr, r"(?m)^running on \S+: ")

        listed = command("list", "--json", "--metadata", run_is).stdout.splitlines()
        (task,) = map(json.loads, listed)
        self.assertEqual("completed", task["status"])
        self.assertEqual(lines[:-1], command("logs", task["id"]).stdout.splitlines())
        fed = command("feed", "--json", "--metadata", run_is).stdout.splitlines()
        self.assertEqual([task["id"]], [json.loads(line)["task_id"] for line in fed])

    def test_on_a_terminal_one_line_is_drawn_anew(self) -> None:
        task_id = self.quick()
        screen, tty = pty.openpty()
        words = [sys.executable, "-m", "aiopslab_tasks", "--url", URL, "watch", task_id]
        watching = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=tty, cwd=PACKAGE_PATH)
        os.close(tty)
        drawn = b""
        try:
            while piece := os.read(screen, 4096):
                drawn += piece
        except OSError:  # Linux's way to say that the other end is closed
            pass
        os.close(screen)
        self.assertEqual(0, watching.wait(LIMIT_SECONDS))
        self.assertRegex(drawn.decode(), r"\r\x1b\[2K[-|/\\] \d\d:\d\d  \w+")
        self.assertNotIn(b"\n", drawn)

    def test_the_exit_code_says_how_it_ended(self) -> None:
        config = json.dumps(ENDLESS)
        task_id = command(
            "submit", "noop_detection_hotel_reservation-1", "--agent-config", config
        ).stdout.strip()
        over = command("watch", task_id, "--timeout", "0.2")
        self.assertEqual(124, over.returncode, over.stderr)
        self.assertEqual(0, command("cancel", task_id, "--reason", "enough\x07").returncode)
        watched = command("watch", task_id)
        self.assertEqual(1, watched.returncode)
        self.assertEqual("cancelled: enough\\x07", watched.stdout.splitlines()[-1])
        self.assertEqual(3, command("watch", "00000000-0000-7000-8000-000000000000").returncode)


class ExamplesTest(ServiceTest):
    def test_the_policy_of_the_example_learns(self) -> None:
        done = run(EXAMPLES / "online_rl.py", "--rounds", "3", "--samples", "3", "--rate", "4")
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        means = [float(mean) for mean in re.findall(r"mean reward (\S+) ", done.stdout)]
        self.assertEqual(3, len(means))
        self.assertGreater(means[-1], means[0] + 0.2, done.stdout)

    def test_the_agent_of_the_example_earns_its_rewards_in_sessions(self) -> None:
        done = run(EXAMPLES / "session_agent.py")
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        self.assertIn("mean reward 1.000 over 3 sessions", done.stdout)
