"""How each part says it is, in a word or a few."""

from __future__ import annotations

from pathlib import Path

from local_run import passwords, postgres, rabbitmq, web
from local_run.processes import Running
from local_run.settings import Settings


def of(process: Running, settings: Settings) -> str:
    if process.name == postgres.NAME:
        return "up" if postgres.answers(process.port) else "does not answer"
    if process.name == rabbitmq.EPMD:
        return "up"
    if process.name == rabbitmq.NAME:
        return _of_broker(process.port, settings.folder)
    return _of_service(process.port, settings.address)


def is_ready(address: str, port: int) -> bool:
    return web.call(address, port, "/actuator/health/readiness").status == 200


def _of_broker(port: int, folder: Path) -> str:
    password = passwords.read(folder).broker[rabbitmq.ADMINISTRATOR]
    user = (rabbitmq.ADMINISTRATOR, password)
    answer = web.call(rabbitmq.HOST, port, "/api/health/checks/alarms", user=user)
    if answer.status == 200:
        return "up"
    reason = answer.body.get("reason") if isinstance(answer.body, dict) else None
    return str(reason or "does not answer")


def _of_service(port: int, address: str) -> str:
    answer = web.call(address, port, "/actuator/health")
    if not isinstance(answer.body, dict):
        return "does not answer"
    parts = answer.body.get("components", {}).items()
    ill = [name for name, part in parts if part.get("status") not in ("UP", "UNKNOWN")]
    word = str(answer.body.get("status", "?")).lower()
    return f"{word}: {', '.join(ill)}" if ill else word
