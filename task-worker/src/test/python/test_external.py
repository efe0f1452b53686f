"""The agent that is somewhere else, in a real runner that is spoken to as the worker does."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import unittest

from runner_process import RunnerProcess, complete_run, run_request, surroundings

LOCALIZATION = "revoke_auth_mongodb-localization-1"
LOOK = 'get_logs("test-hotel-reservation", "geo")'
SUBMIT = 'submit(["mongodb-geo"])'


def external(problem_id: str = LOCALIZATION, max_steps: int = 30, **options: object) -> object:
    config = {"agent": "external", **options}
    return run_request(problem_id=problem_id, max_steps=max_steps, agent_config=config)


def act(runner: RunnerProcess, index: int, action: str) -> None:
    line = {"type": "action", "index": index, "action": action}
    runner.write(json.dumps(line).encode() + b"\n")


class ExternalRun(unittest.TestCase):
    def test_each_awaiting_takes_one_action_and_the_submission_is_graded(self) -> None:
        with RunnerProcess(external()) as runner:
            self.assertEqual(0, runner.wait_for("awaiting")["index"])
            act(runner, 0, LOOK)
            self.assertEqual(1, runner.wait_for("awaiting")["index"])
            act(runner, 1, SUBMIT)
            self.assertEqual(0, runner.finish())
        contents = [(step["role"], step["content"]) for step in runner.of("step")]
        self.assertEqual(("assistant", f"```\n{LOOK}\n```"), contents[0])
        self.assertEqual(("env", "VALID_SUBMISSION"), contents[3])
        (result,) = runner.of("result")
        self.assertEqual((1.0, "submitted", 2), tuple(result[k] for k in KEYS))

    def test_the_session_comes_before_the_first_awaiting(self) -> None:
        with RunnerProcess(external()) as runner:
            runner.wait_for("awaiting")
            (session,) = runner.of("session")
            self.assertIn("exec_shell", session["actions"])

    def test_a_repeated_or_skipped_index_and_a_line_that_is_no_action_do_nothing(self) -> None:
        with RunnerProcess(external(max_steps=2)) as runner:
            runner.wait_for("awaiting")
            act(runner, 0, LOOK)
            runner.wait_for("awaiting", index=1)
            runner.write(b"not json\n[]\n")
            runner.write(b'{"type":"action","index":true,"action":"x"}\n')
            act(runner, 0, SUBMIT)
            act(runner, 2, SUBMIT)
            act(runner, 1, LOOK)
            runner.finish()
        (result,) = runner.of("result")
        self.assertEqual(
            (None, "max_steps", 2), (result["output"], *values(result, "stop_reason", "steps"))
        )
        warnings = [log for log in runner.of("log") if "no action" in log["message"]]
        self.assertEqual(3, len(warnings))

    def test_what_is_no_bare_call_goes_as_it_is(self) -> None:
        thought = "I would look at the pods first."
        with RunnerProcess(external(max_steps=1)) as runner:
            runner.wait_for("awaiting")
            act(runner, 0, thought)
            runner.finish()
        self.assertEqual(thought, runner.of("step")[0]["content"])

    def test_actions_may_come_together_with_the_request(self) -> None:
        with RunnerProcess() as runner:
            lines = [external(), {"type": "action", "index": 0, "action": SUBMIT}]
            runner.write(b"".join(json.dumps(line).encode() + b"\n" for line in lines))
            self.assertEqual(0, runner.finish())
        self.assertEqual(1.0, runner.of("result")[0]["reward"])

    def test_a_large_action_arrives_whole(self) -> None:
        action = "ä" * 65536
        with RunnerProcess(external(max_steps=1)) as runner:
            runner.wait_for("awaiting")
            act(runner, 0, action)
            runner.finish()
        self.assertEqual(action, runner.of("step")[0]["content"])

    def test_a_stop_while_it_waits_recovers_the_fault(self) -> None:
        with RunnerProcess(external()) as runner:
            runner.wait_for("awaiting")
            runner.stop()
            self.assertEqual(128 + signal.SIGTERM, runner.finish())
        self.assertTrue(runner.of("attestation")[0]["facts"]["fault_recovered"])

    def test_the_end_of_its_input_ends_the_run_without_a_submission(self) -> None:
        with RunnerProcess(external()) as runner:
            runner.wait_for("awaiting")
            assert runner.process.stdin is not None
            runner.process.stdin.close()
            self.assertEqual(0, runner.finish())
        self.assertEqual("max_steps", runner.of("result")[0]["stop_reason"])

    def test_a_wrong_option_is_refused_before_set_up(self) -> None:
        runner = complete_run(external(idle_timeout_seconds=0))
        self.assertEqual("invalid_agent_config", runner.of("error")[0]["code"])
        self.assertEqual([], runner.of("phase"))


class PrivateInput(unittest.TestCase):
    def test_a_child_process_finds_standard_input_empty_and_takes_no_action_away(self) -> None:
        program = (
            "import subprocess\n"
            "from aiopslab_runner.inbox import Inbox, claim_stdin\n"
            "inbox = Inbox(claim_stdin())\n"
            "print(subprocess.run(['cat'], capture_output=True).stdout, inbox.readline(99))\n"
        )
        ended = subprocess.run(
            [sys.executable, "-c", program],
            input=b"an action\n",
            capture_output=True,
            env=surroundings(),
            timeout=20,
            check=True,
        )
        self.assertEqual(b"b'' b'an action\\n'\n", ended.stdout)


KEYS = ("reward", "stop_reason", "steps")


def values(message: dict[str, object], *names: str) -> list[object]:
    return [message[name] for name in names]


if __name__ == "__main__":
    unittest.main()
