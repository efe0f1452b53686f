"""What an agent is told: the application, its task, how to answer and the actions it has."""

from __future__ import annotations

from aiopslab_runner.environment import Briefing
from aiopslab_runner.simulator.problems import (
    ANALYSIS,
    DETECTION,
    LOCALIZATION,
    MITIGATION,
    Problem,
)

APPLICATION = """\
The application is Hotel Reservation, in the Kubernetes namespace test-hotel-reservation. It is made
of Go services that speak gRPC, with MongoDB databases, memcached caches, Consul for discovery and
Jaeger for traces. Its users look for hotels near a place with profiles and rates, get
recommendations, log in and book rooms. The cluster is simulated: it answers kubectl and a few text
tools, and time passes with every action."""

TASKS = {
    DETECTION: "Find out whether anything is wrong with the application.",
    LOCALIZATION: "Find the service, or services, in which the fault of the application lies.",
    ANALYSIS: "Find out what kind of fault the application has, and on which level of the system.",
    MITIGATION: "Repair the application, so that all of it is running and answering again.",
}

SUBMISSIONS = {
    DETECTION: 'Submit "Yes" if something is wrong, otherwise "No": submit("Yes")',
    LOCALIZATION: "Submit a list of service names, empty if nothing is wrong: "
    'submit(["service-a", "service-b"])',
    ANALYSIS: """\
Submit a dictionary: submit({"system_level": "...", "fault_type": "..."})
system_level: 'Hardware', 'Operating System', 'Virtualization' or 'Application'
fault_type: 'Misconfiguration', 'Code Defect', 'Authentication Issue', 'Network/Storage Issue',
'Operation Error' or 'Dependency Problem'""",
    MITIGATION: "Submit, without arguments, when the repair is done: submit()",
}

HOW_TO_ANSWER = """\
Answer every turn with exactly one call in a fenced block, and no second block:
```
exec_shell("kubectl get pods -n test-hotel-reservation")
```"""

SUBMIT_DOCUMENTATION = {
    DETECTION: 'submit(has_anomaly: str): ends the task; "Yes" or "No".',
    LOCALIZATION: "submit(faulty_components: list[str]): ends the task; names of services.",
    ANALYSIS: "submit(analysis: dict[str, str]): ends the task; system_level and fault_type.",
    MITIGATION: "submit(): ends the task; the state of the application is graded.",
}

ACTIONS = {
    "exec_shell": "exec_shell(command: str): runs one command line, such as kubectl, and returns "
    "what it prints. Each call is a new shell; interactive commands such as kubectl edit are "
    "refused.",
    "get_logs": "get_logs(namespace: str, service: str): the log of the service's pod.",
    "get_metrics": "get_metrics(namespace: str, duration: int = 5): saves the metrics of the last "
    "`duration` minutes as CSV files and returns where they are.",
    "read_metrics": "read_metrics(file_path: str): one of the saved metrics files, as a table.",
    "get_traces": "get_traces(namespace: str, duration: int = 5): saves the traces of the last "
    "`duration` minutes as a CSV file and returns where it is.",
    "read_traces": "read_traces(file_path: str): a saved traces file, as a table.",
}


def brief(problem: Problem) -> Briefing:
    task = problem.task_type
    return Briefing(
        task_type=task,
        description=f"{TASKS[task]}\n\n{APPLICATION}\n\n{SUBMISSIONS[task]}",
        instructions=f"{HOW_TO_ANSWER}\n\n{SUBMISSIONS[task]}",
        actions={**ACTIONS, "submit": SUBMIT_DOCUMENTATION[task]},
    )
