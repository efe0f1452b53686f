"""SIGTERM at several moments of a run: clean-up, exit status 143, no result."""

from __future__ import annotations

import unittest

from runner_process import RunnerProcess, run_request, scripted


class Stopping(unittest.TestCase):
    def stopped_after(self, kind: str, **fields: object) -> RunnerProcess:
        config = scripted(*['exec_shell("kubectl get pods -A")'] * 900, delay_ms=10)
        request = run_request(
            agent_config=config, max_steps=900, problem_id="revoke_auth_mongodb-detection-1"
        )
        with RunnerProcess(request) as runner:
            runner.wait_for(kind, **fields)
            runner.stop()
            self.assertEqual(143, runner.finish())
            self.assertEqual("", runner.stderr())
        self.assertEqual([], runner.of("result") + runner.of("error"))
        return runner

    def test_while_the_agent_works(self) -> None:
        runner = self.stopped_after("step", index=5)
        self.assertEqual("cleanup", runner.of("phase")[-1]["phase"])
        self.assertIn("fault is taken back", runner.of("log")[-1]["message"])

    def test_during_setup(self) -> None:
        runner = self.stopped_after("phase", phase="setup")
        self.assertEqual("cleanup", runner.of("phase")[-1]["phase"])

    def test_while_the_agent_waits(self) -> None:
        config = scripted('submit("No")', delay_ms=60000)
        with RunnerProcess(run_request(agent_config=config)) as runner:
            runner.wait_for("phase", phase="running")
            runner.stop()
            self.assertEqual(143, runner.finish())
        self.assertEqual("cleanup", runner.of("phase")[-1]["phase"])

    def test_before_the_request(self) -> None:
        with RunnerProcess() as runner:
            runner.wait_for("ready")
            runner.stop()
            self.assertEqual(143, runner.finish())


if __name__ == "__main__":
    unittest.main()
