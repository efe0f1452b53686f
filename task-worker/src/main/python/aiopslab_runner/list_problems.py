"""Lists the problems that an environment can play, without touching any cluster.

Makes the working directory its home, with a kubeconfig; it is the caller's to delete.

    python3 -m aiopslab_runner.list_problems simulator
    python3 -m aiopslab_runner.list_problems aiopslab CHECKOUT

Writes one JSON object in one line: `problems` (id, task_type, application, level) and `unsupported`
(id, reason). Exit status 1, with a sentence on standard error, when it cannot.
"""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from aiopslab_runner.failures import RunFailure
from aiopslab_runner.protocol import Json

LEVELS = {"detection": 1, "localization": 2, "analysis": 3, "mitigation": 4}
ON_DOCKER = "runs on the host's Docker, which all runs of a host share, and not on a Kind cluster"


def list_simulated() -> Json:
    from aiopslab_runner.simulator.problems import PROBLEMS

    problems = [
        described(problem.id, problem.task_type, "hotel-reservation")
        for problem in PROBLEMS.values()
    ]
    return {"problems": problems, "unsupported": []}


def list_of_checkout(home: str) -> Json:
    """Raises RunFailure when AIOpsLab cannot be imported from there."""
    from aiopslab_runner.orchestrator.checkout import open_checkout
    from aiopslab_runner.orchestrator.watched import task_type_of_class

    pretend_kubeconfig(Path.cwd())
    checkout = open_checkout(home, "none")
    module = checkout.load("aiopslab.orchestrator.problems.registry")
    registry = module.ProblemRegistry()
    problems, unsupported = [], []
    for problem_id in registry.get_problem_ids():
        if registry.get_problem_deployment(problem_id) == "docker":
            unsupported.append({"id": problem_id, "reason": ON_DOCKER})
            continue
        entry = registry.PROBLEM_REGISTRY[problem_id]
        made = class_of(entry, module)
        task_type = task_type_of_class(made) if made is not None else "unknown"
        problems.append(described(problem_id, task_type, application_of(made, entry)))
    return {"problems": problems, "unsupported": unsupported}


def pretend_kubeconfig(home: Path) -> None:
    """AIOpsLab reads ~/.kube/config as it is imported; nobody is behind this one's address."""
    cluster = {"name": "kind-none", "cluster": {"server": "http://127.0.0.1:9"}}
    context = {"name": "kind-none", "context": {"cluster": "kind-none", "user": "none"}}
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [cluster],
        "contexts": [context],
        "current-context": "kind-none",
        "users": [{"name": "none", "user": {}}],
    }
    file = home / ".kube/config"
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(config))
    os.environ.update(HOME=str(home), KUBECONFIG=str(file))


def described(problem_id: str, task_type: str, application: str | None) -> Json:
    level = LEVELS.get(task_type)
    return {
        "id": problem_id,
        "task_type": task_type,
        "application": application,
        "level": level,
    }


def class_of(entry: Any, module: ModuleType) -> type | None:
    """The registry holds classes, and functions that make an instance of one."""
    if isinstance(entry, type):
        return entry
    names = getattr(getattr(entry, "__code__", None), "co_names", ())
    found = (getattr(module, name, None) for name in names)
    return next((one for one in found if isinstance(one, type)), None)


def application_of(made: type | None, entry: Any) -> str | None:
    """The one that its constructor names; made to choose among several by a word of the entry."""
    applications: dict[str, None] = {}
    for base in made.__mro__ if made is not None else ():
        code = getattr(base.__dict__.get("__init__"), "__code__", None)
        names = vars(sys.modules[base.__module__])
        for name in code.co_names if code is not None else ():
            if is_application(names.get(name)):
                applications[name] = None
    if len(applications) > 1:
        constants = getattr(getattr(entry, "__code__", None), "co_consts", ())
        words = [word for one in constants for word in (one if isinstance(one, tuple) else (one,))]
        squeezed = [word.replace("_", "") for word in words if isinstance(word, str)]
        applications = {
            name: None
            for name in applications
            if any(word and name.lower().startswith(word) for word in squeezed)
        }
    if len(applications) != 1:
        return None
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", next(iter(applications))).lower()


def is_application(value: Any) -> bool:
    return isinstance(value, type) and any(base.__name__ == "Application" for base in value.__mro__)


def main(arguments: list[str]) -> int:
    try:
        if arguments == ["simulator"]:
            found = list_simulated()
        elif len(arguments) == 2 and arguments[0] == "aiopslab":
            found = list_of_checkout(arguments[1])
        else:
            print("usage: list_problems simulator | aiopslab CHECKOUT", file=sys.stderr)
            return 2
    except RunFailure as failure:
        print(failure.message, file=sys.stderr)
        return 1
    print(json.dumps(found), file=sys.__stdout__)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
