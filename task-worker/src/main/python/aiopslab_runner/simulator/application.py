"""The hotel-reservation application as manifests: what gets deployed, before any fault.

Names, ports, images and labels are those of the application that AIOpsLab deploys.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aiopslab_runner.simulator import images
from aiopslab_runner.simulator.mongo import init_script, repair_scripts

Manifest = dict[str, Any]
NAMESPACE = "test-hotel-reservation"
LABEL = "io.kompose.service"
NAMESPACES = ("default", "kube-node-lease", "kube-public", "kube-system", "observe", NAMESPACE)
NODES = (("kind-control-plane", "control-plane"), ("kind-worker", ""))


@dataclass(frozen=True)
class Component:
    """One deployment with the service in front of it."""

    name: str
    container: str
    image: str
    ports: tuple[int, ...]
    command: tuple[str, ...] = ()
    namespace: str = NAMESPACE
    scripts: tuple[str, ...] = ()


def _go(name: str) -> Component:
    port = images.GO_PORTS[name]
    return Component(name, f"hotel-reserv-{name}", images.HOTEL, (port,), (name,))


def _mongo(owner: str, scripts: tuple[str, ...] = ()) -> Component:
    container = f"hotel-reserv-{owner}-mongo"
    return Component(f"mongodb-{owner}", container, images.MONGO, (27017,), scripts=scripts)


def _memcached(name: str, container: str) -> Component:
    return Component(name, container, images.MEMCACHED, (11211,))


COMPONENTS = (
    Component("consul", "consul", images.CONSUL, (8300, 8400, 8500, 53)),
    Component("jaeger", "hotel-reserv-jaeger", images.JAEGER, (16686, 14269, 5778, 6831, 6832)),
    _mongo("geo", ("mongo-geo-script", "failure-admin-geo")),
    _mongo("profile"),
    _mongo("rate", ("mongo-rate-script", "failure-admin-rate")),
    _mongo("recommendation"),
    _mongo("reservation"),
    _mongo("user"),
    _memcached("memcached-profile", "hotel-reserv-profile-mmc"),
    _memcached("memcached-rate", "hotel-reserv-rate-mmc"),
    _memcached("memcached-reserve", "hotel-reserv-reservation-mmc"),
    _go("profile"),
    _go("search"),
    _go("geo"),
    _go("rate"),
    _go("recommendation"),
    _go("user"),
    _go("reservation"),
    _go("frontend"),
    Component("coredns", "coredns", images.COREDNS, (53,), namespace="kube-system"),
    Component("prometheus-server", "prometheus", images.PROMETHEUS, (9090,), namespace="observe"),
)


def deployment(component: Component) -> Manifest:
    container: Manifest = {
        "name": component.container,
        "image": component.image,
        "ports": [{"containerPort": port, "protocol": "TCP"} for port in component.ports],
        "resources": {"limits": {"cpu": "1"}, "requests": {"cpu": "100m"}},
        "imagePullPolicy": "IfNotPresent",
    }
    if component.command:
        container["command"] = list(component.command)
    if component.scripts:
        container["volumeMounts"] = [{"name": "scripts", "mountPath": "/scripts"}]
    pod_spec: Manifest = {"containers": [container], "restartPolicy": "Always"}
    if component.scripts:
        sources = [{"configMap": {"name": name}} for name in component.scripts]
        pod_spec["volumes"] = [{"name": "scripts", "projected": {"sources": sources}}]
    labels = {LABEL: component.name}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": component.name, "namespace": component.namespace, "labels": labels},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": dict(labels)},
            "template": {"metadata": {"labels": dict(labels)}, "spec": pod_spec},
        },
    }


def service(component: Component) -> Manifest:
    ports = [
        {"name": str(port), "port": port, "protocol": "TCP", "targetPort": port}
        for port in component.ports
    ]
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {
            "name": component.name,
            "namespace": component.namespace,
            "labels": {LABEL: component.name},
        },
        "spec": {"ports": ports, "selector": {LABEL: component.name}, "type": "ClusterIP"},
    }


def config_maps() -> list[Manifest]:
    """The scripts AIOpsLab mounts into its two MongoDB pods: the first start, and repairs."""
    found = []
    for owner in ("geo", "rate"):
        for name, data in (
            (f"mongo-{owner}-script", init_script(owner)),
            (f"failure-admin-{owner}", repair_scripts(owner)),
        ):
            metadata = {"name": name, "namespace": NAMESPACE}
            found.append(
                {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}
            )
    return found
