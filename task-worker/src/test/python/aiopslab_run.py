"""A runner process on an AIOpsLab checkout, in surroundings such as the worker makes them."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from types import TracebackType

from recording_tools import RecordingTools, kubeconfig_of
from runner_path import PACKAGE_PATH, SUPERVISE
from runner_process import RunnerProcess, run_request

STAND_IN = Path(__file__).resolve().parent / "stand_in"
DETECTION = "pod_failure_hotel_res-detection-1"


class Host:
    """A worker host: tools that all its clusters share, and a folder for each run."""

    def __init__(self, home: Path = STAND_IN, python: str = sys.executable) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self.folder = Path(self._folder.name)
        self.tools = RecordingTools(self.folder / "tools")
        self.home = home
        self.python = python
        self.server = "http://127.0.0.1:9"
        self.python_path = [str(PACKAGE_PATH)]
        self.grace: float | None = None
        self.variables: dict[str, str] = {}
        self._runs = 0

    def __enter__(self) -> Host:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._folder.cleanup()

    def start(
        self, cluster: str = "kind-a", popen: dict[str, int] | None = None, **request: object
    ) -> RunnerProcess:
        """A run in its own scratch directory, laid out as docs/runner-protocol.md says."""
        self._runs += 1
        scratch = self.folder / f"run-{self._runs}"
        for name in ("home/.kube", "work", "tmp"):
            (scratch / name).mkdir(parents=True)
        kubeconfig = scratch / "home/.kube/config"
        kubeconfig.write_text(kubeconfig_of(cluster, self.server))
        environment = {
            "PATH": f"{self.tools.bin}:{os.environ.get('PATH', '')}",
            "PYTHONPATH": os.pathsep.join(self.python_path),
            "HOME": str(scratch / "home"),
            "TMPDIR": str(scratch / "tmp"),
            "KUBECONFIG": str(kubeconfig),
            "AIOPSLAB_CLUSTER": cluster,
            "PYTHONDONTWRITEBYTECODE": "1",
            **self.variables,
        }
        message = {
            "environment": "aiopslab",
            "cluster": cluster,
            "aiopslab_home": str(self.home),
            "problem_id": DETECTION,
            **request,
        }
        output = scratch / "stderr"
        with output.open("wb") as errors:
            runner = RunnerProcess(
                run_request(**message),
                command=[*self._supervisor(), self.python, "-m", "aiopslab_runner"],
                cwd=str(scratch / "work"),
                env=environment,
                **{"stderr": errors, **(popen or {})},
            )
        runner.output = output
        return runner

    def _supervisor(self) -> list[str]:
        """In front of the runner where the test sets a grace, as the worker does."""
        if self.grace is None:
            return []
        return [sys.executable, "-I", "-S", str(SUPERVISE), "--grace", str(self.grace), "--"]

    def run(self, cluster: str = "kind-a", **request: object) -> RunnerProcess:
        """A run to its end; its scratch directory stays until the host is closed."""
        with self.start(cluster, **request) as runner:
            runner.finish()
        return runner

    def scratch(self, number: int = 1) -> Path:
        return self.folder / f"run-{number}"
