import atexit
import os
import time

from aiopslab.orchestrator.parser import ResponseParser
from aiopslab.orchestrator.problems.registry import ProblemRegistry
from aiopslab.paths import CHART
from aiopslab.service.helm import Helm
from aiopslab.service.kubectl import KubeCtl
from aiopslab.session import Session
from aiopslab.utils.status import ResponseParsingError, SubmissionStatus

PROMPT = "Please take the next action"


class Orchestrator:
    def __init__(self, results_dir=None):
        self.agent = None
        self.session = None
        self.parser = ResponseParser()
        self.probs = ProblemRegistry()
        self.execution_start_time = None
        self.kubectl = KubeCtl()
        self.results_dir = results_dir
        self.use_wandb = os.getenv("USE_WANDB", "false").lower() == "true"

    def init_problem(self, problem_id):
        self.execution_start_time = time.time()
        self.session = Session(results_dir=self.results_dir)
        print(f"Session ID: {self.session.session_id}")
        problem = self.probs.get_problem_instance(problem_id)
        self.probs.get_problem_deployment(problem_id)
        self.session.set_problem(problem, pid=problem_id)
        self.session.set_agent(self.agent_name)
        self.kubectl.wait_for_ready("openebs")
        Helm.install(release_name="prometheus", chart_path=CHART, namespace="observe")
        problem.app.delete()
        problem.app.deploy()
        problem.inject_fault()
        atexit.register(exit_cleanup_fault, prob=problem)
        problem.start_workload()
        return (
            problem.get_task_description(),
            problem.get_instructions(),
            problem.get_available_actions(),
        )

    def register_agent(self, agent, name="agent"):
        self.agent = agent
        self.agent_name = name

    async def ask_agent(self, input):
        response = await self.agent.get_action(input)
        self.session.add({"role": "assistant", "content": response})
        return response

    async def ask_env(self, input):
        try:
            call = self.parser.parse(input)
        except ResponseParsingError as error:
            self.session.add({"role": "env", "content": str(error)})
            return str(error)
        args = call["args"]
        if call["api_name"] == "submit":
            self.session.set_solution(args[0] if len(args) == 1 else args)
        try:
            answer = self.session.problem.perform_action(call["api_name"], *args)
        except Exception as error:
            answer = str(error)
        self.session.add({"role": "env", "content": answer})
        return answer

    async def start_problem(self, max_steps):
        prompt, answer, results = PROMPT, "", {}
        self.session.start()
        problem = self.session.problem
        try:
            for _ in range(max_steps):
                answer = await self.ask_env(await self.ask_agent(prompt))
                if answer == SubmissionStatus.VALID_SUBMISSION:
                    break
                if answer == SubmissionStatus.INVALID_SUBMISSION:
                    raise ValueError("Invalid submission!")
                prompt = answer + "\n" + PROMPT
        except Exception:
            print("Some exception happened. Recovering the injected fault...")
            problem.recover_fault()
            atexit.unregister(exit_cleanup_fault)
            raise
        self.session.end()
        results = problem.eval(
            self.session.solution, self.session.history, self.session.get_duration()
        )
        self.session.set_results(results)
        self.session.to_json()
        if self.use_wandb:
            raise RuntimeError("You must call wandb.init() before wandb.log()")
        problem.recover_fault()
        atexit.unregister(exit_cleanup_fault)
        problem.app.cleanup()
        Helm.uninstall(release_name="prometheus", namespace="observe")
        self.kubectl.wait_for_namespace_deletion("openebs")
        overhead = time.time() - self.execution_start_time - results["TTD"]
        return {
            "history": self.session.history,
            "final_state": answer,
            "results": results,
            "framework_overhead": overhead,
        }


def exit_cleanup_fault(prob):
    print("Recovering fault before exit...")
    prob.recover_fault()
