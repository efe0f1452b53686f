import os
from pathlib import Path

from aiopslab.observer.metric_api import PrometheusAPI
from aiopslab.observer.trace_api import TraceAPI
from aiopslab.service.dock import Docker
from aiopslab.service.shell import Shell
from aiopslab.utils.status import SubmissionStatus


class TaskActions:
    @staticmethod
    def get_logs(namespace, service):
        """Logs of a service."""
        return Docker().get_logs(service) if namespace == "docker" else f"log of {service}"

    @staticmethod
    def exec_shell(command, timeout=30):
        """Runs a command."""
        result = Shell.exec(command)
        print(result)
        return result

    @staticmethod
    def get_metrics(namespace, duration=5):
        """Exports metrics; says where to."""
        api = PrometheusAPI("http://localhost:32000", namespace)
        folder = Path(os.getcwd(), "metrics_output")
        folder.mkdir(exist_ok=True)
        (folder / "kpi.csv").write_text(api.client.ask())
        api.cleanup()
        return str(folder / "kpi.csv")

    @staticmethod
    def read_metrics(file_path):
        """Shows exported metrics."""
        return Path(file_path).read_text()

    @staticmethod
    def get_traces(namespace, duration=5):
        """Exports traces; says where to."""
        api = TraceAPI(namespace=namespace)
        folder = Path(os.getcwd(), "trace_output")
        folder.mkdir(exist_ok=True)
        (folder / "traces.csv").write_text(api.ask())
        api.cleanup()
        return str(folder / "traces.csv")

    @staticmethod
    def read_traces(file_path):
        """Shows exported traces."""
        return Path(file_path).read_text()

    @staticmethod
    def say_nothing():
        """Answers with nothing."""

    @staticmethod
    def submit(*solution):
        """submit(has_anomaly: str): ends the session."""
        invalid = solution == ("refuse this",)
        return SubmissionStatus(2) if invalid else SubmissionStatus(1)
