"""Every problem: its fault shows, it can be solved honestly, and it can be taken back."""

from __future__ import annotations

import unittest

from simulated import Simulated

from aiopslab_runner.reward import rate
from aiopslab_runner.simulator.problems import PROBLEMS


class EveryProblem(unittest.TestCase):
    def test_is_solved_by_the_rule_based_agent(self) -> None:
        for problem_id in PROBLEMS:
            with self.subTest(problem=problem_id):
                simulated = Simulated(problem_id, seed=3)
                self.addCleanup(simulated.close)
                rating = rate(simulated.converse())
                self.assertEqual((True, 1.0), (rating.success, rating.reward), simulated.trace)

    def test_has_an_id_of_a_shape_that_aiopslab_uses(self) -> None:
        self.assertGreaterEqual(len(PROBLEMS), 9)
        self.assertGreaterEqual(len({p.fault for p in PROBLEMS.values()} - {None}), 3)
        types = {p.task_type for p in PROBLEMS.values()}
        self.assertEqual({"detection", "localization", "analysis", "mitigation"}, types)


class EveryFault(unittest.TestCase):
    def problems(self) -> dict[str, str]:
        return {p.fault: p.id for p in PROBLEMS.values() if p.fault}

    def test_is_taken_back(self) -> None:
        for fault, problem_id in self.problems().items():
            with self.subTest(fault=fault):
                simulated = Simulated(problem_id)
                self.addCleanup(simulated.close)
                simulated.recover()
                simulated.simulation.advance(60)
                self.assertTrue(simulated.simulation.healthy())

    def test_is_not_hidden_and_not_named(self) -> None:
        """The pods, logs, traces or restarts differ from those of a healthy application."""
        healthy = Simulated()
        self.addCleanup(healthy.close)
        self.assertEqual(0, healthy.simulation.traffic.failed)
        for fault, problem_id in self.problems().items():
            with self.subTest(fault=fault):
                simulated = Simulated(problem_id)
                self.addCleanup(simulated.close)
                traffic = simulated.simulation.traffic
                restarts = sum(pod.restarts for pod in simulated.simulation.cluster.pods)
                slow = any(span.seconds > 5 for trace in traffic.traces for span in trace)
                self.assertTrue(traffic.failed or restarts or slow)
                self.assertNotIn(fault, simulated.kubectl("get events"))


class WrongAnswers(unittest.TestCase):
    def graded(self, problem_id: str, call: str) -> tuple[bool | None, float | None]:
        simulated = Simulated(problem_id)
        self.addCleanup(simulated.close)
        simulated.act(call)
        rating = rate(simulated.grade())
        return rating.success, rating.reward

    def test_are_worth_nothing(self) -> None:
        for problem_id, call in (
            ("noop_detection_hotel_reservation-1", 'submit("Yes")'),
            ("revoke_auth_mongodb-detection-1", 'submit("No")'),
            ("revoke_auth_mongodb-detection-1", "submit(True)"),
            ("revoke_auth_mongodb-localization-1", 'submit(["frontend"])'),
            ("revoke_auth_mongodb-localization-1", "submit([])"),
            ("revoke_auth_mongodb-analysis-1", 'submit("Application")'),
            ("revoke_auth_mongodb-mitigation-1", "submit()"),
            ("wrong_bin_usage-mitigation-1", "submit()"),
        ):
            with self.subTest(problem=problem_id, call=call):
                self.assertEqual((False, 0.0), self.graded(problem_id, call))

    def test_partly_right_ones_are_worth_a_part(self) -> None:
        call = 'submit(["frontend", "geo"])'
        self.assertEqual((False, 0.5), self.graded("revoke_auth_mongodb-localization-1", call))
        call = "submit({'system_level': 'Application', 'fault_type': 'Code Defect'})"
        self.assertEqual((False, 0.5), self.graded("revoke_auth_mongodb-analysis-1", call))

    def test_deleting_the_sick_is_no_cure(self) -> None:
        simulated = Simulated("misconfig_app_hotel_res-mitigation-1")
        self.addCleanup(simulated.close)
        self.assertIn("deleted", simulated.kubectl("delete deployment geo"))
        simulated.act("submit()")
        self.assertEqual(0.0, rate(simulated.grade()).reward)

    def test_restarting_the_database_does_not_bring_its_user_back(self) -> None:
        simulated = Simulated("user_unregistered_mongodb-mitigation-1")
        self.addCleanup(simulated.close)
        simulated.kubectl("rollout restart deployment/mongodb-geo")
        simulated.simulation.advance(120)
        self.assertFalse(simulated.simulation.healthy())


if __name__ == "__main__":
    unittest.main()
