"""Keeps a run to its own cluster, ports and files, whatever AIOpsLab hard-codes.

Every replacement names what it replaces; where a checkout no longer has it, the run is refused
rather than let loose.
"""

from __future__ import annotations

from aiopslab_runner.failures import ENVIRONMENT_SETUP_FAILED, RunFailure
from aiopslab_runner.orchestrator.checkout import Checkout
from aiopslab_runner.orchestrator.isolation.control_plane import confine_shell
from aiopslab_runner.orchestrator.isolation.host_docker import refuse_docker
from aiopslab_runner.orchestrator.isolation.own_charts import install_copies_of_charts
from aiopslab_runner.orchestrator.isolation.own_files import confine_reads
from aiopslab_runner.orchestrator.isolation.port_forward import forward_on_free_ports


def isolate(checkout: Checkout) -> None:
    """Raises RunFailure (environment_setup_failed) when the checkout is not as expected."""
    try:
        confine_shell(checkout)
        forward_on_free_ports(checkout)
        confine_reads(checkout)
        install_copies_of_charts(checkout)
        refuse_docker(checkout)
    except AttributeError as reason:
        raise RunFailure(
            ENVIRONMENT_SETUP_FAILED,
            f"this checkout of AIOpsLab cannot be isolated ({reason}); use a version that the "
            "service is tested with (docs/aiopslab.md), or report the difference",
        ) from reason
