"""The kinds of objects there are, by the many names that kubectl takes for them."""

from __future__ import annotations

from dataclasses import dataclass

from aiopslab_runner.simulator.kubectl.errors import KubectlError


@dataclass(frozen=True)
class Kind:
    """`resource` is the plural name, as kubectl prints it in names and errors."""

    name: str
    resource: str
    short: str
    group: str = ""
    namespaced: bool = True

    @property
    def qualified(self) -> str:
        """As in `deployment.apps/geo`."""
        return self.name.lower() + (f".{self.group}" if self.group else "")

    @property
    def qualified_resource(self) -> str:
        """As in `deployments.apps "geo" not found`."""
        return self.resource + (f".{self.group}" if self.group else "")


POD = Kind("Pod", "pods", "po")
SERVICE = Kind("Service", "services", "svc")
DEPLOYMENT = Kind("Deployment", "deployments", "deploy", "apps")
REPLICA_SET = Kind("ReplicaSet", "replicasets", "rs", "apps")
ENDPOINTS = Kind("Endpoints", "endpoints", "ep")
EVENT = Kind("Event", "events", "ev")
CONFIG_MAP = Kind("ConfigMap", "configmaps", "cm")
NODE = Kind("Node", "nodes", "no", namespaced=False)
NAMESPACE = Kind("Namespace", "namespaces", "ns", namespaced=False)

KINDS = (
    POD,
    SERVICE,
    DEPLOYMENT,
    REPLICA_SET,
    ENDPOINTS,
    EVENT,
    CONFIG_MAP,
    NODE,
    NAMESPACE,
)
ALL = (POD, SERVICE, DEPLOYMENT, REPLICA_SET)
BY_ALIAS = {
    alias: kind
    for kind in KINDS
    for alias in (kind.resource, kind.name.lower(), kind.short, kind.qualified)
    + ((kind.qualified_resource,) if kind.group else ())
}


def find_kinds(text: str) -> list[Kind]:
    """For `pods`, `po,svc` or `all`."""
    if text == "all":
        return list(ALL)
    return [find_kind(alias) for alias in text.split(",")]


def find_kind(alias: str) -> Kind:
    kind = BY_ALIAS.get(alias.lower())
    if kind is None:
        known = ", ".join(kind.resource for kind in KINDS)
        raise KubectlError(
            f'error: the server doesn\'t have a resource type "{alias[:100]}" '
            f"(this simulated cluster has: {known})"
        )
    return kind
