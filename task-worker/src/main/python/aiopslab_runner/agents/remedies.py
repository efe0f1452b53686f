"""What the rule-based agent does about a finding, and how it says what it found."""

from __future__ import annotations

import json

from aiopslab_runner.agents.investigation import Finding, Step, Steps, shell
from aiopslab_runner.agents.reading import NAMESPACE

APPLICATION = "Application"
# No user on a server is a registration that is missing, not a wrong password: the taxonomy's
# storage class, as AIOpsLab has it.
FAULT_TYPES = {
    "no_role": "Authentication Issue",
    "no_user": "Network/Storage Issue",
    "wrong_port": "Misconfiguration",
    "wrong_command": "Network/Storage Issue",
}


def submission(task: str, finding: Finding) -> str:
    healthy = finding.kind == "nothing"
    if task == "detection":
        return 'submit("No")' if healthy else 'submit("Yes")'
    if task == "localization":
        return f"submit({json.dumps([] if healthy else [finding.service])})"
    if task == "analysis":
        fault = FAULT_TYPES.get(finding.kind, "Operation Error")
        return f"submit({json.dumps({'system_level': APPLICATION, 'fault_type': fault})})"
    return "submit()"


def repair(finding: Finding) -> Steps[None]:
    service = finding.service
    if finding.kind in ("no_role", "no_user"):
        yield from _repair_database(finding)
    elif finding.kind == "wrong_port" and finding.detail:
        container = f"*={finding.detail}"
        yield Step(
            f"{service} gets the image of the other services.",
            shell(f"kubectl set image deployment/{service} '{container}' -n {NAMESPACE}"),
        )
        yield _wait_for(service)
    elif finding.kind == "wrong_command":
        patch = [
            {
                "op": "replace",
                "path": "/spec/template/spec/containers/0/command",
                "value": [service],
            }
        ]
        yield Step(
            f"{service} gets its own program again.",
            shell(
                f"kubectl patch deployment {service} -n {NAMESPACE} --type=json "
                f"-p '{json.dumps(patch)}'"
            ),
        )
        yield _wait_for(service)
    elif finding.kind != "nothing":
        yield _restart(service)
        yield _wait_for(service)


def _repair_database(finding: Finding) -> Steps[None]:
    """Gives the application's user back what it needs, with the server's own administrator."""
    server = finding.service
    owner = server.removeprefix("mongodb-")
    statements = [f"db.grantRolesToUser('admin', [{{role: 'readWrite', db: '{owner}-db'}}])"]
    if finding.kind == "no_user":
        statements.insert(0, "db.createUser({user: 'admin', pwd: 'admin', roles: []})")
    login = "mongo admin -u root -p root --authenticationDatabase admin"
    yield Step(
        f"I give the application's user on {server} its rights again.",
        shell(
            f"kubectl exec deploy/{server} -n {NAMESPACE} -- {login} --eval "
            f'"{"; ".join(statements)}"'
        ),
    )
    yield _restart(owner)
    yield _wait_for(owner)


def _restart(service: str) -> Step:
    command = f"kubectl rollout restart deployment/{service} -n {NAMESPACE}"
    return Step(f"{service} starts afresh.", shell(command))


def _wait_for(service: str) -> Step:
    command = f"kubectl rollout status deployment/{service} -n {NAMESPACE}"
    return Step(f"I wait until {service} is up.", shell(command))
