"""Runs on AIOpsLab's Orchestrator (the stand-in's, with recorded tools), alone and side by side."""

from __future__ import annotations

import json
import os
import shutil
import time
import unittest
from pathlib import Path

from aiopslab_run import DETECTION, STAND_IN, Host
from model_server import ModelServer, plain
from runner_process import RunnerProcess, scripted

YES = 'submit("Yes")'
LOOK = 'exec_shell("kubectl get pods -A")'


class OnAIOpsLab(unittest.TestCase):
    def setUp(self) -> None:
        self.host = Host()
        self.addCleanup(self.host.__exit__, None, None, None)

    def result_of(self, runner: RunnerProcess) -> dict:
        self.assertEqual([], runner.of("error"))
        return runner.of("result")[0]

    def facts_of(self, runner: RunnerProcess) -> dict:
        return runner.of("attestation")[-1]["facts"]

    def wait_for_call(self, words: str) -> None:
        end = time.monotonic() + 20
        while not any(words in command for command in self.host.tools.commands()):
            self.assertLess(time.monotonic(), end, self.host.tools.commands())
            time.sleep(0.02)

    def messages_of(self, runner: RunnerProcess) -> str:
        return "\n".join(line["message"] for line in runner.of("log"))


class TheRun(OnAIOpsLab):
    def test_is_told_as_it_happens_and_graded_by_aiopslab(self) -> None:
        runner = self.host.run(agent_config=scripted(LOOK, YES))
        phases = [message["phase"] for message in runner.of("phase")]
        self.assertEqual(["setup", "running", "grading", "cleanup"], phases)
        steps = runner.of("step")
        self.assertEqual([0, 1, 2, 3], [step["index"] for step in steps])
        self.assertEqual(["assistant", "env"] * 2, [step["role"] for step in steps])
        self.assertEqual("VALID_SUBMISSION", steps[-1]["content"])
        result = self.result_of(runner)
        self.assertEqual(1.0, result["reward"])
        self.assertEqual("submitted", result["stop_reason"])
        self.assertEqual("Correct", result["results"]["Detection Accuracy"])
        self.assertEqual("Yes", result["output"])
        self.assertEqual(set(phases), set(result["phases"]))
        values = runner.of("metrics")[0]["values"]
        self.assertEqual((3, 4), (values["in_tokens"], values["out_tokens"]))
        self.assertIn("framework_overhead", values)

    def test_aiopslab_s_own_result_is_kept_before_the_end(self) -> None:
        runner = self.host.run(agent_config=scripted(LOOK, YES))
        own = runner.of("aiopslab_result")[0]["content"]
        self.assertEqual("Correct", own["results"]["Detection Accuracy"])
        self.assertEqual(DETECTION, own["problem_id"])
        self.assertEqual(self.facts_of(runner)["aiopslab_session_id"], own["session_id"])
        told = [(step["role"], step["content"]) for step in runner.of("step")]
        self.assertEqual(told[0], (own["trace"][0]["role"], own["trace"][0]["content"]))
        self.assertEqual(4, len(own["trace"]))
        kinds = [message["type"] for message in runner.messages]
        self.assertEqual(["aiopslab_result", "result"], kinds[-2:])

    def test_a_run_without_a_grade_has_no_result_of_aiopslab(self) -> None:
        runner = self.host.run(agent_config=scripted('submit("refuse this")'))
        self.assertEqual([], runner.of("aiopslab_result"))

    def test_steps_arrive_before_the_next_one_is_taken(self) -> None:
        slow = scripted(LOOK, LOOK, YES, delay_ms=200)
        with self.host.start(agent_config=slow) as runner:
            first = runner.wait_for("step", index=1)
            later = runner.wait_for("step", index=3)
            runner.finish()
        self.assertLess(first["ts"], later["ts"])
        self.assertEqual([], [m for m in runner.messages[:4] if m["type"] == "result"])

    def test_attests_what_was_done_to_the_cluster(self) -> None:
        facts = self.facts_of(self.host.run(agent_config=scripted(YES)))
        self.assertTrue(facts["fault_injected"])
        self.assertTrue(facts["fault_recovered"])
        self.assertTrue(facts["cleanup_finished"])
        self.assertRegex(facts["aiopslab_session_id"], r"^[0-9a-f-]{36}$")

    def test_prints_are_the_run_s_output(self) -> None:
        runner = self.host.run(agent_config=scripted(YES))
        self.assertIn("== Fault Injection ==", runner.stderr())

    def test_wandb_cannot_come_between_the_grade_and_the_recovery(self) -> None:
        self.host.variables["USE_WANDB"] = "true"
        runner = self.host.run(agent_config=scripted(YES))
        self.assertEqual(1.0, self.result_of(runner)["reward"])
        self.assertTrue(self.facts_of(runner)["cleanup_finished"])
        self.assertIn("USE_WANDB is set and not used", self.messages_of(runner))

    def test_an_exhausted_script_is_graded_without_a_submission(self) -> None:
        result = self.result_of(self.host.run(agent_config=scripted(LOOK)))
        self.assertEqual("max_steps", result["stop_reason"])
        self.assertEqual(0.0, result["reward"])

    def test_max_steps_is_aiopslab_s_own_limit(self) -> None:
        runner = self.host.run(agent_config=scripted(*[LOOK] * 9), max_steps=2)
        self.assertEqual(2, self.result_of(runner)["steps"])

    def test_a_localization_is_worth_its_accuracy(self) -> None:
        runner = self.host.run(
            problem_id="pod_failure_hotel_res-localization-1",
            agent_config=scripted('submit(["geo", "rate"])'),
        )
        self.assertEqual("localization", runner.of("session")[0]["task_type"])
        result = self.result_of(runner)
        self.assertEqual((0.5, False), (result["reward"], result["success"]))

    def test_a_mitigation_is_worth_all_or_nothing(self) -> None:
        runner = self.host.run(
            problem_id="misconfig_app_hotel_res-mitigation-1", agent_config=scripted("submit()")
        )
        self.assertEqual({"mitigation": 1.0}, self.result_of(runner)["reward_components"])

    def test_a_submission_that_is_refused_or_unreadable_is_the_agent_s_doing(self) -> None:
        localization = "pod_failure_hotel_res-localization-1"
        for problem, submission, more, reward in (
            (DETECTION, 'submit("refuse this")', {}, 0.0),
            (localization, "submit(7)", {}, 0.0),
            (localization, 'submit([["geo"]])', {}, 0.0),
            (localization, "submit(7)", {"invalid_submission_reward": "null"}, None),
        ):
            with self.subTest(submission):
                config = scripted(submission, **more)
                runner = self.host.run(problem_id=problem, agent_config=config)
                result = self.result_of(runner)
                self.assertEqual("invalid_submission", result["stop_reason"])
                self.assertEqual(reward, result["reward"])
                self.assertTrue(result["results"]["grader_error"])
                self.assertTrue(self.facts_of(runner)["fault_recovered"])

    def test_a_grader_that_trips_over_the_state_has_failed_the_agent(self) -> None:
        for script, stop_reason in ((["submit()"], "submitted"), ([LOOK], "max_steps")):
            with self.subTest(stop_reason):
                runner = self.host.run(
                    problem_id="pending_pod-mitigation-1", agent_config=scripted(*script)
                )
                result = self.result_of(runner)
                self.assertEqual(stop_reason, result["stop_reason"])
                self.assertEqual((0.0, False), (result["reward"], result["success"]))
                self.assertIn("NoneType", result["results"]["grader_error"])
                self.assertIn("TTM", runner.of("metrics")[0]["values"])
                facts = self.facts_of(runner)
                self.assertTrue(facts["fault_recovered"] and facts["cleanup_finished"], facts)

    def test_a_grader_that_cannot_work_is_not_the_agent_s_doing(self) -> None:
        runner = self.host.run(problem_id="no_vocabulary-detection-1", agent_config=scripted(YES))
        error = runner.of("error")[0]
        self.assertEqual("environment_setup_failed", error["code"])
        self.assertIn("during grading", error["message"])

    def test_only_announced_actions_can_be_called(self) -> None:
        for name in ("__init__", "__class__", "_secret"):
            runner = self.host.run(agent_config=scripted(f"{name}()", YES))
            self.assertIn(f"Invalid action: {name}", runner.of("step")[1]["content"])
            self.assertEqual(1.0, self.result_of(runner)["reward"])

    def test_an_action_without_an_answer_does_not_end_the_run(self) -> None:
        runner = self.host.run(agent_config=scripted("say_nothing()", YES))
        self.assertEqual("None", runner.of("step")[1]["content"])
        self.assertEqual(1.0, self.result_of(runner)["reward"])


class Trouble(OnAIOpsLab):
    def error_of(self, runner: RunnerProcess) -> dict:
        self.assertEqual([], runner.of("result"))
        return runner.of("error")[0]

    def test_an_unknown_problem_lists_what_there_is(self) -> None:
        runner = self.host.run(problem_id="nothing-1", agent_config=scripted(YES))
        error = self.error_of(runner)
        self.assertEqual("unknown_problem", error["code"])
        self.assertIn(DETECTION, error["details"]["problems"])
        self.assertEqual([], self.host.tools.calls())

    def test_a_problem_on_the_host_s_docker_is_no_problem_here(self) -> None:
        runner = self.host.run(problem_id="flower_node_stop-detection", agent_config=scripted(YES))
        self.assertEqual("unknown_problem", self.error_of(runner)["code"])

    def test_a_bad_agent_is_refused_before_the_cluster_is_touched(self) -> None:
        runner = self.host.run(agent_config={"agent": "scripted"})
        self.assertEqual("invalid_agent_config", self.error_of(runner)["code"])
        self.assertEqual([], self.host.tools.calls())

    def test_a_set_up_that_fails_has_no_reward_and_is_taken_back(self) -> None:
        runner = self.host.run(
            problem_id="broken_deployment-detection-1", agent_config=scripted(YES)
        )
        error = self.error_of(runner)
        self.assertEqual("environment_setup_failed", error["code"])
        self.assertIn("Not all pods reached the Ready state", error["message"])
        facts = self.facts_of(runner)
        self.assertTrue(facts["fault_recovered"])
        self.assertTrue(facts["application_deleted"])
        self.assertFalse(facts["cleanup_finished"])

    def test_a_set_up_that_hangs_is_stopped_and_the_fault_recovered_once(self) -> None:
        with self.host.start(
            problem_id="hanging_workload-detection-1", agent_config=scripted(YES)
        ) as runner:
            self.wait_for_call("apply -f")
            runner.stop()
            self.assertEqual(143, runner.finish())
        self.assertEqual(1, runner.stderr().count("== Fault Recovery =="))
        self.assertTrue(self.facts_of(runner)["fault_recovered"])
        self.assertEqual("cleanup", runner.of("phase")[-1]["phase"])

    def test_the_fault_is_recovered_also_when_nobody_reads_any_more(self) -> None:
        slow = scripted(*[LOOK] * 50, delay_ms=50)
        reader, writer = os.pipe()
        with self.host.start(popen={"stdout": writer, "stderr": writer}, agent_config=slow) as run:
            os.close(writer)
            with os.fdopen(reader, "rb") as output:
                while b'"index":1' not in output.readline():
                    continue
            self.assertEqual(141, run.process.wait(20))
        self.assertIn("kubectl delete -f", " ".join(self.host.tools.commands()))

    def test_a_failed_clean_up_keeps_the_result_and_says_so(self) -> None:
        runner = self.host.run(problem_id="stuck_cleanup-detection-1", agent_config=scripted(YES))
        self.assertEqual([], runner.of("error"))
        self.assertEqual(1.0, runner.of("result")[0]["reward"])
        self.assertFalse(self.facts_of(runner)["cleanup_finished"])
        self.assertIn("namespace was not deleted", self.messages_of(runner))

    def test_a_cluster_that_dies_is_not_the_agent_s_fault(self) -> None:
        config = scripted(*[LOOK] * 100, delay_ms=50)
        with self.host.start(agent_config=config, max_steps=100) as runner:
            runner.wait_for("step", index=3)
            self.host.tools.kill("kind-a")
            runner.finish()
        error = self.error_of(runner)
        self.assertEqual("environment_setup_failed", error["code"])
        self.assertIn("kind-a stopped answering in turn", error["message"])

    def test_an_agent_that_fails_is_an_agent_error_after_the_recovery(self) -> None:
        runner = self.host.run(agent_config=scripted(LOOK, "```\nno end"))
        self.assertEqual([], runner.of("error"))  # an unparsable response is an observation
        self.assertIn("fenced block", runner.of("step")[-1]["content"])

    def test_a_home_without_aiopslab_is_named(self) -> None:
        self.host.home = Path(self.host.folder)
        error = self.error_of(self.host.run(agent_config=scripted(YES)))
        self.assertEqual("environment_setup_failed", error["code"])
        self.assertIn("set the cluster's aiopslab-home", error["message"])

    def test_a_version_that_cannot_be_isolated_is_not_let_loose(self) -> None:
        self.host.home = Path(self.host.folder) / "changed"
        shutil.copytree(STAND_IN, self.host.home)
        shell = self.host.home / "aiopslab/service/shell.py"
        shell.write_text(shell.read_text().replace("def docker_exec", "def run_somewhere"))
        error = self.error_of(self.host.run(agent_config=scripted(YES)))
        self.assertIn("cannot be isolated", error["message"])
        self.assertEqual([], self.host.tools.calls())


class WhatIsAttested(OnAIOpsLab):
    """AIOpsLab drops the failures of kubectl and helm; the attestation must not."""

    def test_a_fault_whose_injection_failed_has_no_grade(self) -> None:
        said = 'error: no matches for kind "PodChaos" in version "chaos-mesh.org/v1alpha1"'
        self.host.tools.fail("apply -f", said)
        runner = self.host.run(agent_config=scripted(YES))
        self.assertEqual([], runner.of("result"))
        error = runner.of("error")[0]
        self.assertEqual("environment_setup_failed", error["code"])
        self.assertIn('no matches for kind "PodChaos"', error["message"])
        self.assertIs(False, self.facts_of(runner)["fault_injected"])

    def test_an_injector_that_changes_nothing_has_injected_nothing(self) -> None:
        runner = self.host.run(problem_id="idle_injector-detection-1", agent_config=scripted(YES))
        self.assertIn("it changed nothing", runner.of("error")[0]["message"])
        self.assertIs(False, self.facts_of(runner)["fault_injected"])

    def test_a_recovery_that_failed_is_not_attested(self) -> None:
        self.host.tools.fail("delete -f", "error: the server could not do it")
        runner = self.host.run(agent_config=scripted(YES))
        self.assertEqual(1.0, self.result_of(runner)["reward"])
        facts = self.facts_of(runner)
        self.assertIs(True, facts["fault_injected"])
        self.assertIs(False, facts["fault_recovered"])
        self.assertIn("the server could not do it", facts["recovery_error"])

    def test_what_is_gone_already_needs_no_recovery(self) -> None:
        self.host.tools.fail("delete -f", 'Error from server (NotFound): podchaos "x" not found')
        facts = self.facts_of(self.host.run(agent_config=scripted(YES)))
        self.assertIs(True, facts["fault_recovered"])

    def test_a_recovery_whose_command_is_killed_is_not_attested(self) -> None:
        self.host.tools.slow_down("delete -f", 60.0)
        self.host.grace = 0.7
        slow = scripted(*[LOOK] * 50, delay_ms=50)
        with self.host.start(agent_config=slow, max_steps=50) as runner:
            runner.wait_for("step", index=1)
            runner.stop()
            self.assertEqual(137, runner.finish())
        # Between the death of its command and its own it may still say what it saw.
        said = [a["facts"]["fault_recovered"] for a in runner.of("attestation")]
        self.assertNotIn(True, said)

    def test_a_database_that_could_not_be_told_is_not_recovered(self) -> None:
        for said, recovered in (
            ("Error: Authentication failed. :", False),
            ('uncaught exception: Error: couldn\'t add user: User "a" already exists', True),
        ):
            with self.subTest(said):
                self.host.tools.fail("mitigate.sh", said, status=0)
                facts = self.facts_of(
                    self.host.run(
                        problem_id="revoke_auth_mongodb-detection-1", agent_config=scripted(YES)
                    )
                )
                self.assertIs(recovered, facts["fault_recovered"])
            (self.host.folder / "tools/failing").unlink()

    def test_a_database_that_is_gone_is_not_recovered(self) -> None:
        runner = self.host.run(problem_id="lost_database-detection-1", agent_config=scripted(YES))
        facts = self.facts_of(runner)
        self.assertIs(False, facts["fault_recovered"])
        self.assertIn("is not there any more", facts["recovery_error"])

    def test_where_there_is_no_fault_nothing_is_injected_or_recovered(self) -> None:
        runner = self.host.run(
            problem_id="noop_detection_hotel_reservation-1", agent_config=scripted('submit("No")')
        )
        facts = self.facts_of(runner)
        self.assertEqual((None, None), (facts["fault_injected"], facts["fault_recovered"]))
        self.assertTrue(facts["cleanup_finished"])

    def test_a_clean_up_that_failed_in_silence_is_not_finished(self) -> None:
        self.host.tools.fail("helm uninstall", "Error: uninstall: connection refused")
        facts = self.facts_of(self.host.run(agent_config=scripted(YES)))
        self.assertIs(True, facts["fault_recovered"])
        self.assertIs(False, facts["cleanup_finished"])
        self.assertIn("helm uninstall", facts["cleanup_error"])


class WholeApplications(OnAIOpsLab):
    """AIOpsLab grades some applications as mitigated that are deleted, or not touched."""

    MITIGATION = "misconfig_app_hotel_res-mitigation-1"

    def play(
        self, replicas: dict[str, tuple[int, int]], served: list[str], **config: object
    ) -> tuple[dict, dict]:
        """Result and attestation of a run whose agent leaves the application like this."""
        self.host.tools.set_application({"geo": (1, 1), "rate": (2, 2)}, ["geo", "rate"])
        slow = scripted(LOOK, "submit()", delay_ms=300, **config)
        with self.host.start(problem_id=self.MITIGATION, agent_config=slow) as runner:
            runner.wait_for("step", index=1)
            self.host.tools.set_application(replicas, served)
            runner.finish()
        return self.result_of(runner), self.facts_of(runner)

    def test_one_that_is_whole_is_attested_and_a_component_of_its_own(self) -> None:
        result, facts = self.play({"geo": (1, 1), "rate": (3, 2)}, ["rate", "geo", "new"])
        self.assertEqual({"mitigation": 1.0, "application_whole": 1.0}, result["reward_components"])
        self.assertEqual(1.0, result["reward"])
        self.assertIs(True, facts["application_whole"])

    def test_one_that_is_not_costs_the_reward_only_by_the_strict_rule(self) -> None:
        broken = {
            "a deployment is gone": ({"rate": (2, 2)}, ["geo", "rate"]),
            "one is not available": ({"geo": (1, 0), "rate": (2, 2)}, ["geo", "rate"]),
            "one is scaled down": ({"geo": (1, 1), "rate": (1, 1)}, ["geo", "rate"]),
            "a service has no endpoint": ({"geo": (1, 1), "rate": (2, 2)}, ["geo"]),
        }
        for what, (replicas, served) in broken.items():
            for rule, reward in (("aiopslab", 1.0), ("strict", 0.0)):
                with self.subTest(what, rule=rule):
                    config = {"reward_rule": rule, "settle_seconds": 0}
                    result, facts = self.play(replicas, served, **config)
                    self.assertEqual(reward, result["reward"])
                    self.assertEqual(0.0, result["reward_components"]["application_whole"])
                    self.assertIs(False, facts["application_whole"])

    def test_what_was_just_repaired_gets_a_moment_to_come_up(self) -> None:
        self.host.tools.set_application({"geo": (1, 1)}, ["geo"])
        config = scripted(LOOK, "submit()", delay_ms=300, reward_rule="strict")
        with self.host.start(problem_id=self.MITIGATION, agent_config=config) as runner:
            runner.wait_for("step", index=1)
            self.host.tools.set_application({"geo": (1, 0)}, [])
            runner.wait_for("phase", phase="grading")
            self.wait_for_call("readyz")
            self.host.tools.set_application({"geo": (1, 1)}, ["geo"])
            runner.finish()
        self.assertEqual(1.0, self.result_of(runner)["reward"])


class UnderTheSupervisor(OnAIOpsLab):
    """A stop ends what the run was doing; with what it takes back the fault is left alone."""

    RECOVERY = "delete -f"

    def setUp(self) -> None:
        super().setUp()
        self.host.grace = 15.0
        self.host.tools.slow_down(self.RECOVERY, 1.0)

    def assert_recovered(self, runner: RunnerProcess) -> None:
        ended = " ".join(self.host.tools.ended())
        self.assertIn(self.RECOVERY, ended, f"the recovery was ended: {self.host.tools.commands()}")
        self.assertTrue(self.facts_of(runner)["fault_recovered"])

    def test_the_fault_is_recovered_after_a_stop_in_a_turn(self) -> None:
        slow = scripted(*[LOOK] * 50, delay_ms=50)
        with self.host.start(agent_config=slow, max_steps=50) as runner:
            runner.wait_for("step", index=3)
            runner.stop()
            self.assertEqual(143, runner.finish())
        self.assert_recovered(runner)

    def test_after_a_stop_in_the_set_up(self) -> None:
        with self.host.start(
            problem_id="hanging_workload-detection-1", agent_config=scripted(YES)
        ) as runner:
            self.wait_for_call("apply -f")
            runner.stop()
            self.assertEqual(143, runner.finish())
        self.assert_recovered(runner)

    def test_after_a_stop_in_the_injection_which_comes_to_its_end(self) -> None:
        self.host.tools.slow_down("apply -f", 1.0)
        with self.host.start(agent_config=scripted(YES)) as runner:
            self.wait_for_call("apply -f")
            runner.stop()
            self.assertEqual(143, runner.finish())
        self.assertIn("apply -f", " ".join(self.host.tools.ended()))
        self.assert_recovered(runner)

    def test_after_a_stop_in_the_recovery_itself(self) -> None:
        with self.host.start(agent_config=scripted(YES)) as runner:
            self.wait_for_call(self.RECOVERY)
            runner.stop()
            runner.finish()
        self.assert_recovered(runner)

    def test_what_the_run_was_doing_is_ended(self) -> None:
        self.host.tools.slow_down("helm install", 60.0)
        with self.host.start(agent_config=scripted(YES)) as runner:
            self.wait_for_call("helm install")
            runner.stop()
            self.assertEqual(143, runner.finish())
        self.assertNotIn("helm install", " ".join(self.host.tools.ended()))


class ItsOwnAgents(OnAIOpsLab):
    def refusal(self, config: dict, **request: object) -> dict:
        runner = self.host.run(agent_config=config, **request)
        self.assertEqual([], self.host.tools.calls())
        error = runner.of("error")[0]
        self.assertEqual("invalid_agent_config", error["code"])
        return error

    def test_play_by_their_name_in_the_registry(self) -> None:
        config = {"agent": "aiopslab", "name": "knowing", "options": {"answer": "Yes"}}
        runner = self.host.run(agent_config=config)
        self.assertEqual(1.0, self.result_of(runner)["reward"])

    def test_answers_of_another_run_are_never_reused(self) -> None:
        for answer, reward in (("Yes", 1.0), ("No", 0.0), ("Yes", 1.0)):
            config = {"agent": "aiopslab", "name": "knowing", "options": {"answer": answer}}
            self.assertEqual(reward, self.result_of(self.host.run(agent_config=config))["reward"])

    def test_a_wrong_configuration_is_named_before_the_cluster_is_touched(self) -> None:
        for more, field in (
            ({}, "name"),
            ({"name": "gpt-9"}, "name"),
            ({"name": "knowing", "options": {"wisdom": 1}}, "options"),
            ({"name": "knowing", "options": {"answer": "nothing"}}, "options"),
            ({"name": "knowing", "options": {"answer": []}}, "options.answer"),
            ({"name": "knowing", "options": {"base_url": "http://x"}}, "options.base_url"),
        ):
            with self.subTest(more):
                error = self.refusal({"agent": "aiopslab", **more})
                self.assertEqual(f"agent_config.{field}", error["details"]["field"])

    def test_what_they_told_their_models_is_what_the_run_says(self) -> None:
        config = {"agent": "aiopslab", "name": "talkative"}
        session = self.host.run(agent_config=config).of("session")[0]
        self.assertEqual("You: Something may be wrong with the hotel.", session["description"])
        self.assertEqual(
            ("One call in a fenced block.", {}), (session["instructions"], session["actions"])
        )

    def test_a_service_that_fails_is_no_action(self) -> None:
        runner = self.host.run(agent_config={"agent": "aiopslab", "name": "apologetic"})
        error = runner.of("error")[0]
        self.assertEqual("agent_error", error["code"])
        self.assertIn("401 no such key", error["message"])
        self.assertEqual([], runner.of("step"))

    def test_a_key_that_is_passed_to_runs_anyway_can_be_read_late(self) -> None:
        self.host.variables["LATE_KEY"] = "Yes"
        config = {"agent": "aiopslab", "name": "late"}
        for passed, reward in (([], 0.0), (["LATE_KEY"], 1.0)):
            runner = self.host.run(
                agent_config=config,
                model_keys={"LATE_KEY": "https://models.example/v1"},
                passed_variables=passed,
            )
            self.assertEqual(reward, self.result_of(runner)["reward"])

    def test_a_missing_package_is_named_with_the_line_that_installs_it(self) -> None:
        self.host.home = Path(self.host.folder) / "AIOpsLab"
        shutil.copytree(STAND_IN, self.host.home)
        registry = self.host.home / "clients/registry.py"
        registry.write_text("from groq import Groq\n")
        error = self.refusal({"agent": "aiopslab", "name": "knowing"})
        self.assertIn("-m pip install 'groq>=0.28,<0.29'", error["message"])

    def test_what_the_checkout_s_dotenv_sets_is_said_and_bounded(self) -> None:
        self.host.home = Path(self.host.folder) / "AIOpsLab"
        shutil.copytree(STAND_IN, self.host.home)
        registry = self.host.home / "clients/registry.py"
        dotenv = "os.environ.update(LATE_KEY='Yes', KUBE_CACHE='/tmp')\n"
        registry.write_text(registry.read_text() + dotenv)
        runner = self.host.run(agent_config={"agent": "aiopslab", "name": "late"})
        self.assertEqual(1.0, self.result_of(runner)["reward"])
        self.assertIn("The checkout's .env sets LATE_KEY.", self.messages_of(runner))
        self.assertIn("The checkout's .env may not set KUBE_CACHE.", self.messages_of(runner))

    def test_the_address_of_vllm_is_the_operator_s(self) -> None:
        config = {"agent": "aiopslab", "name": "vllm"}
        self.host.variables["EXPECTED_ADDRESS"] = "https://models.example/v1"
        self.assertEqual(0.0, self.result_of(self.host.run(agent_config=config))["reward"])
        self.host.variables["AIOPSLAB_VLLM_BASE_URL"] = "https://models.example/v1"
        self.assertEqual(1.0, self.result_of(self.host.run(agent_config=config))["reward"])

    def test_the_openai_agent_can_be_told_what_aiopslab_s_own_are_told(self) -> None:
        with ModelServer(plain('```\nsubmit("Yes")\n```')) as server:
            config = {"agent": "openai", "model": "m", "base_url": server.base_url}
            runner = self.host.run(agent_config={**config, "prompt": "aiopslab"})
            self.result_of(runner)
            system, user = server.asked[0].contents()[:2]
        session = runner.of("session")[0]
        self.assertEqual((system, {}), (session["description"], session["actions"]))
        self.assertTrue(user.startswith(session["instructions"]))
        self.assertRegex(system, r"Something may be wrong .* Shell: exec_shell\n.* End: submit\n")

    def test_need_aiopslab(self) -> None:
        config = {"agent": "aiopslab", "name": "knowing"}
        error = self.refusal(config, environment="simulator", aiopslab_home="")
        self.assertIn("environment is aiopslab", error["message"])


class Isolation(OnAIOpsLab):
    def test_the_agent_s_shell_is_in_its_own_control_plane_and_never_on_the_host(self) -> None:
        trap = Path(self.host.folder) / "trap"
        command = f"echo $(touch {trap}) `touch {trap}`; touch {trap}"
        runner = self.host.run(agent_config=scripted(f'exec_shell("{command}")', YES))
        self.assertFalse(trap.exists())
        docker = [call for call in self.host.tools.calls() if call["program"] == "docker"]
        expected = ["exec", "kind-a-control-plane", "sh", "-c", command]
        self.assertEqual([expected], [call["arguments"] for call in docker])
        self.assertIn("in kind-a-control-plane", runner.of("step")[1]["content"])

    def test_a_flood_from_the_shell_is_cut(self) -> None:
        flood = self.host.tools.bin / "docker"
        flood.write_text("#!/bin/sh\nhead -c 3000000 /dev/zero | tr '\\0' 'x'\n")
        runner = self.host.run(agent_config=scripted(LOOK, YES))
        self.assertIn("were left out]", runner.of("step")[1]["content"])

    def test_the_agent_reads_no_file_of_the_host(self) -> None:
        secret = Path(self.host.folder) / "secret.csv"
        secret.write_text("password\n")
        actions = [f'{read}("{secret}")' for read in ("read_metrics", "read_traces")]
        runner = self.host.run(agent_config=scripted(*actions, YES))
        for step in runner.of("step")[1:4:2]:
            self.assertIn("was not exported in this session", step["content"])

    def test_the_agent_reaches_no_container_of_the_host(self) -> None:
        runner = self.host.run(agent_config=scripted('get_logs("docker", "postgres")', YES))
        self.assertIn("not part of this problem", runner.of("step")[1]["content"])
        self.assertNotIn("docker", [call["program"] for call in self.host.tools.calls()])

    def test_two_runs_at_once_never_touch_each_other(self) -> None:
        config = scripted(
            LOOK, 'get_metrics("ns")', 'get_traces("ns")', 'exec_shell("date")', YES, delay_ms=20
        )
        clusters = ("kind-a", "kind-b")
        running = [self.host.start(cluster, agent_config=config) for cluster in clusters * 2]
        for runner in running:
            with runner:
                runner.finish()
        for runner, cluster in zip(running, clusters * 2):
            self.assertEqual(1.0, self.result_of(runner)["reward"])
            steps = [step["content"] for step in runner.of("step")]
            for place in (steps[3], steps[5]):
                self.assertEqual(f"telemetry of {cluster}", Path(place).read_text())
        self.assert_no_call_leaves_its_cluster(clusters)

    def assert_no_call_leaves_its_cluster(self, clusters: tuple[str, ...]) -> None:
        calls = self.host.tools.calls()
        self.assertGreater(len(calls), 40)
        for call in calls:
            own = call["AIOPSLAB_CLUSTER"]
            self.assertEqual(own, call["context"], call)
            scratch = Path(call["HOME"]).parent
            for place in ("folder", "KUBECONFIG", "TMPDIR"):
                self.assertTrue(Path(call[place]).is_relative_to(scratch), call)
            text = json.dumps(call)
            for other in set(clusters) - {own}:
                self.assertNotIn(other, text)
            if "manifest" in call:
                self.assertEqual(f"service: geo-{own}\n", call["manifest"])

    def test_helm_works_on_charts_of_the_run_s_own(self) -> None:
        self.host.run(agent_config=scripted(YES))
        helm = [command for command in self.host.tools.commands() if command.startswith("helm")]
        updates = [command for command in helm if "dependency update" in command]
        self.assertEqual(2, len(updates), helm)
        for command in updates:
            self.assertIn(str(self.host.scratch()), command)
        self.assertNotIn(str(self.host.home), " ".join(helm))

    def test_nothing_is_left_in_shared_places(self) -> None:
        before = set(Path("/tmp").glob("pod-failure*"))
        self.host.run(agent_config=scripted(YES))
        self.assertEqual(before, set(Path("/tmp").glob("pod-failure*")))
        self.assertEqual([], list((STAND_IN / "aiopslab").glob("data*")))
        results = list((self.host.scratch() / "work/results").iterdir())
        self.assertEqual(1, len(results))


if __name__ == "__main__":
    unittest.main()
