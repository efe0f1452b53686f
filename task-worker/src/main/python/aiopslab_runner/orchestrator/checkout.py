"""AIOpsLab as it lies on the worker's disk, imported so that nothing of it is shared by runs."""

from __future__ import annotations

import importlib
import os
import sys
from functools import cache
from pathlib import Path
from typing import Any

from aiopslab_runner.failures import ENVIRONMENT_SETUP_FAILED, RunFailure
from aiopslab_runner.orchestrator.fixed_places import Places, rewrite_fixed_places

DEFAULTS = {"qualitative_eval": False, "print_session": False}


@cache
def open_checkout(home: str, cluster: str) -> Checkout:
    """The one of this process."""
    return Checkout(home, cluster)


class Checkout:
    """`home` holds the package `aiopslab`, and `clients` with AIOpsLab's own agents.

    Making one changes this process: the import path, what AIOpsLab reads as its configuration, and
    the places that its sources fix. Raises RunFailure (environment_setup_failed).
    """

    def __init__(self, home: str, cluster: str) -> None:
        self.home = Path(home).resolve()
        if not (self.home / "aiopslab" / "__init__.py").is_file():
            raise RunFailure(
                ENVIRONMENT_SETUP_FAILED,
                f"there is no package aiopslab in {self.home}; set the cluster's aiopslab-home to "
                "a checkout of AIOpsLab",
            )
        self.cluster = cluster
        self.scratch = Path.cwd()
        if str(self.home) not in sys.path:
            sys.path.insert(0, str(self.home))
        os.environ["AIOPSLAB_CLUSTER"] = cluster
        rewrite_fixed_places(Places.of_this_run(cluster))
        self._configure()

    def _configure(self) -> None:
        """AIOpsLab's config.yml, where there is one, under what a run here must have."""
        config = self.load("aiopslab.config").Config
        read = config._load_config
        private = {"k8s_host": "kind", "data_dir": str(self.scratch / "data")}

        def load(instance: Any) -> dict[str, Any]:
            try:
                found = read(instance) or {}
            except FileNotFoundError:
                found = {}
            return {**DEFAULTS, **found, **private}

        config._load_config = load

    def results(self) -> Path:
        """Where AIOpsLab writes its own result of this run."""
        return self.scratch / "results"

    def load(self, name: str) -> Any:
        """A module of AIOpsLab. Raises RunFailure when it cannot be imported from the checkout."""
        try:
            module = importlib.import_module(name)
        except Exception as reason:
            raise RunFailure(
                ENVIRONMENT_SETUP_FAILED,
                f"{name} cannot be imported from {self.home} ({type(reason).__name__}: {reason}); "
                "run the cluster's python there and install what AIOpsLab needs",
                {"module": name, "python": sys.executable},
            ) from reason
        origin = getattr(module, "__file__", None) or ""
        if not Path(origin).resolve().is_relative_to(self.home):
            raise RunFailure(
                ENVIRONMENT_SETUP_FAILED,
                f"{name} comes from {origin} and not from aiopslab-home {self.home}; uninstall the "
                "other one or correct aiopslab-home",
            )
        return module

    def version(self) -> str | None:
        """The commit that is checked out, as far as plain files tell; no git is run."""
        git = self.home / ".git"
        try:
            if git.is_file():
                git = (self.home / git.read_text().partition("gitdir:")[2].strip()).resolve()
            head = (git / "HEAD").read_text().strip()
            name = head.partition("ref: ")[2]
            return (git / name).read_text().strip() if name else head
        except OSError:
            return None


def kubeconfig() -> str:
    """Where this run's kubeconfig is. Raises RunFailure when the slot has none."""
    path = os.environ.get("KUBECONFIG", "")
    if not os.path.isfile(path):
        raise RunFailure(
            ENVIRONMENT_SETUP_FAILED,
            "this run has no kubeconfig; let the worker manage the cluster (kind.managed: true)",
        )
    return path
