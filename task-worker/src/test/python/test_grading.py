"""AIOpsLab's result keys, and the one mapping from results to a reward."""

from __future__ import annotations

import unittest

import runner_path  # noqa: F401

from aiopslab_runner.reward import Rating, rate
from aiopslab_runner.simulator.grading import UnreadableSubmission, grade
from aiopslab_runner.simulator.problems import PROBLEMS

GEO = "revoke_auth_mongodb-{}-1"


class Grading(unittest.TestCase):
    def graded(self, task: str, submission: object, healthy: bool = False) -> dict:
        trace = [("assistant", "abcd"), ("env", "efghi")]
        return grade(PROBLEMS[GEO.format(task)], submission, healthy, 12.5, trace)

    def test_effort_and_time(self) -> None:
        for task, key in (("detection", "TTD"), ("localization", "TTL"), ("analysis", "TTA")):
            results = self.graded(task, None)
            self.assertEqual(12.5, results[key])
            self.assertEqual(
                (1, 2, 1), tuple(results[k] for k in ("steps", "in_tokens", "out_tokens"))
            )

    def test_detection(self) -> None:
        for submission, accuracy in (
            (" yes ", "Correct"),
            ("No", "Incorrect"),
            (1, "Invalid Format"),
        ):
            self.assertEqual(accuracy, self.graded("detection", submission)["Detection Accuracy"])

    def test_localization(self) -> None:
        for submission, accuracy, success, subset in (
            (["geo"], 100.0, True, True),
            (["mongodb-geo"], 100.0, True, True),
            ("geo", 100.0, True, False),
            (["geo", "a", "b", "c"], 25.0, False, True),
            (["rate"], 0.0, False, False),
            (None, 0.0, False, False),
        ):
            with self.subTest(submission=submission):
                results = self.graded("localization", submission)
                self.assertEqual(accuracy, results["Localization Accuracy"])
                self.assertEqual((success, subset), (results["success"], results["is_subset"]))

    def test_mitigation_looks_at_the_application_alone(self) -> None:
        self.assertTrue(self.graded("mitigation", [], healthy=True)["success"])
        self.assertFalse(self.graded("mitigation", [], healthy=False)["success"])

    def test_what_the_grader_cannot_read(self) -> None:
        for task, submission in (
            ("localization", 7),
            ("localization", [["a"]]),
            ("analysis", {"system_level": 1}),
        ):
            with self.subTest(submission=submission), self.assertRaises(UnreadableSubmission):
                self.graded(task, submission)


class Reward(unittest.TestCase):
    def test_is_a_function_of_the_results(self) -> None:
        for results, rating in (
            ({}, Rating(None, None, {})),
            ({"Detection Accuracy": "Correct"}, Rating(True, 1.0, {"detection": 1.0})),
            ({"Detection Accuracy": "Invalid Format"}, Rating(False, 0.0, {"detection": 0.0})),
            (
                {"Localization Accuracy": 50.0, "success": False},
                Rating(False, 0.5, {"localization": 0.5}),
            ),
            ({"success": True, "TTM": 3}, Rating(True, 1.0, {"mitigation": 1.0})),
        ):
            with self.subTest(results=results):
                self.assertEqual(rating, rate(results))

    def test_a_whole_application_is_a_component_and_counts_only_when_strict(self) -> None:
        for whole, strict, expected in (
            (True, False, Rating(True, 1.0, {"mitigation": 1.0, "application_whole": 1.0})),
            (False, False, Rating(True, 1.0, {"mitigation": 1.0, "application_whole": 0.0})),
            (True, True, Rating(True, 1.0, {"mitigation": 1.0, "application_whole": 1.0})),
            (False, True, Rating(False, 0.0, {"mitigation": 1.0, "application_whole": 0.0})),
            (None, True, Rating(None, None, {"mitigation": 1.0})),
        ):
            with self.subTest(whole=whole, strict=strict):
                self.assertEqual(expected, rate({"success": True}, whole, strict))
        nothing = Rating(False, 0.0, {"mitigation": 0.0})
        self.assertEqual(nothing, rate({"success": False}, None, strict=True))
        detected = Rating(True, 1.0, {"detection": 1.0})
        self.assertEqual(detected, rate({"Detection Accuracy": "Correct"}, False, strict=True))


if __name__ == "__main__":
    unittest.main()
