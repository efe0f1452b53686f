"""An agent's response, from its text to the answer."""

from __future__ import annotations

import unittest

from simulated import NAMESPACE, Simulated

from aiopslab_runner.environment import Submission
from aiopslab_runner.simulator.call_parser import Call, UnreadableCall, read_call


def fenced(call: str) -> str:
    return f"```\n{call}\n```"


class CallParser(unittest.TestCase):
    def test_reads_calls(self) -> None:
        for text, call in (
            ("submit()", Call("submit", [], {})),
            ('submit(["a", "b"])', Call("submit", [["a", "b"]], {})),
            ("submit({'a': 'b'})", Call("submit", [{"a": "b"}], {})),
            ('get_metrics("ns", duration=3)', Call("get_metrics", ["ns"], {"duration": 3})),
            ('exec_shell("ls "a" | b")', Call("exec_shell", ['ls "a" | b'], {})),
            ("exec_shell('''a\nb''')", Call("exec_shell", ["a\nb"], {})),
            ('exec_shell(command="ls")', Call("exec_shell", ["ls"], {})),
            ('exec_shell("echo \\"hi\\"")', Call("exec_shell", ['echo "hi\\'], {})),
            ('submit("Yes")\nsubmit("No")', Call("submit", ["Yes"], {})),
        ):
            with self.subTest(text=text):
                self.assertEqual(call, read_call(f"Because.\n{fenced(text)}\n"))

    def test_refuses_with_a_sentence(self) -> None:
        for response in (
            "",
            "submit()",
            "```\n```",
            fenced("no call"),
            fenced("submit()") + "\n" + fenced("submit()"),
            fenced("submit(__import__('os'))"),
            fenced("submit(*[1])"),
            fenced("submit(**{})"),
            fenced("submit(1) + f(2)"),
            fenced("submit(" + "[" * 5000 + "]" * 5000 + ")"),
            fenced("submit(" + "-" * 60000 + "1)"),
            fenced("exec_shell(ls)"),
            fenced("x" * 70000 + "()"),
        ):
            with self.subTest(response=response[:60]), self.assertRaises(UnreadableCall) as caught:
                read_call(response)
            self.assertTrue(str(caught.exception).startswith("Error parsing response: "))


class ActionsCase(unittest.TestCase):
    def setUp(self) -> None:
        self.simulated = Simulated()
        self.addCleanup(self.simulated.close)

    def say(self, call: str) -> str:
        return self.simulated.act(call).text

    def test_metrics_are_saved_and_read(self) -> None:
        paths = self.say(f'get_metrics("{NAMESPACE}", 2)').split("\n")[1:]
        self.assertGreaterEqual(len(paths), 4)
        for path in paths:
            self.assertIn("frontend-", self.say(f'read_metrics("{path}")'))
            self.assertTrue((self.simulated.folder / path).is_file())
        self.assertIn("metrics_output/", self.say('exec_shell("ls")'))

    def test_traces_are_saved_and_read(self) -> None:
        path = self.say(f'get_traces("{NAMESPACE}")').rpartition(" ")[2]
        self.assertIn("/geo.Geo/Nearby", self.say(f'read_traces("{path}")'))
        self.assertIn("geo", self.say(f'exec_shell("cat {path} | head -20")'))

    def test_logs_of_a_service(self) -> None:
        self.assertIn("listening on port", self.say(f'get_logs("{NAMESPACE}", "geo")'))
        self.assertIn("no pod in namespace", self.say(f'get_logs("{NAMESPACE}", "nope")'))

    def test_bad_calls_are_answered_not_raised(self) -> None:
        for call in (
            "fly()",
            "get_logs()",
            "get_logs(1, 2)",
            'get_metrics("nope")',
            f'get_metrics("{NAMESPACE}", 10000)',
            f'get_metrics("{NAMESPACE}", "5")',
            'read_metrics("../../etc/passwd")',
            "read_traces([])",
            "submit()",
            "submit(1, 2)",
        ):
            with self.subTest(call=call):
                observation = self.simulated.act(call)
                self.assertIsNone(observation.submission)
                self.assertTrue(observation.text)

    def test_any_value_is_a_valid_submission(self) -> None:
        self.assertIs(Submission.VALID, self.simulated.act("submit(5)").submission)
        self.assertEqual(5, self.simulated.actions.submitted)

    def test_every_action_lets_time_pass(self) -> None:
        before = self.simulated.simulation.cluster.now
        self.say('exec_shell("date")')
        self.assertGreater(self.simulated.simulation.cluster.now, before)


if __name__ == "__main__":
    unittest.main()
