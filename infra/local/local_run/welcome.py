"""What a person needs to know once everything is up."""

from __future__ import annotations

from local_run import passwords, rabbitmq
from local_run.components import url
from local_run.settings import Settings


def welcome(settings: Settings, seconds: float) -> str:
    api = url(settings, settings.api_port)
    monitored = (settings.api_port, *settings.worker_ports, settings.collector_port)
    healths = "\n                 ".join(
        f"{url(settings, each)}/actuator/health" for each in monitored
    )
    return f"""
Everything is up, after {seconds:.1f} s.
  API            {api}/api/v1/tasks
  Try it         {api}/docs
  RabbitMQ       http://localhost:{settings.management_port}, as {rabbitmq.ADMINISTRATOR}
  Passwords      {settings.folder / passwords.FILE}
  Health         {healths}
  Metrics        /actuator/prometheus of each; RabbitMQ: http://localhost:{
        settings.ports["UP_PROMETHEUS_PORT"]
    }/metrics
  Data and logs  {settings.folder}

Submit a task:
  curl -s {api}/api/v1/tasks -H 'Content-Type: application/json' \\
    -d '{{"problem_id": "misconfig_app_hotel_res-detection-1"}}'

make status shows what runs; make down stops it, and the data stays."""
