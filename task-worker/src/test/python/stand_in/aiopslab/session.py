import json
import time
import uuid

from aiopslab.paths import RESULTS_DIR


class SessionItem:
    def __init__(self, role, content):
        self.role = role
        self.content = str(content)


class Session:
    def __init__(self, results_dir=None):
        self.session_id = uuid.uuid4()
        self.pid = None
        self.problem = None
        self.solution = None
        self.results = {}
        self.history = []
        self.start_time = None
        self.end_time = None
        self.agent_name = None
        self.results_dir = results_dir

    def set_problem(self, problem, pid=None):
        self.problem, self.pid = problem, pid

    def set_solution(self, solution):
        self.solution = solution

    def set_results(self, results):
        self.results = results

    def set_agent(self, agent_name):
        self.agent_name = agent_name

    def add(self, item):
        if not isinstance(item["content"], (str, int)) and not hasattr(item["content"], "name"):
            raise TypeError("the content of a message must be a text")
        self.history.append(SessionItem(item["role"], item["content"]))

    def start(self):
        self.start_time = time.time()

    def end(self):
        self.end_time = time.time()

    def get_duration(self):
        return self.end_time - self.start_time

    def to_dict(self):
        trace = [vars(item) for item in self.history]
        return {
            "agent": self.agent_name,
            "session_id": str(self.session_id),
            "problem_id": self.pid,
            "start_time": self.start_time,
            "end_time": self.end_time,
            "trace": trace,
            "results": self.results,
        }

    def to_json(self):
        folder = self.results_dir or RESULTS_DIR
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{self.session_id}_{self.start_time}.json").write_text(
            json.dumps(self.to_dict())
        )
