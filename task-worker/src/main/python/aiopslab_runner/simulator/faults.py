"""The faults: what each one changes in the cluster, and how that is taken back.

Each does what AIOpsLab's fault injector of the same name does to a real cluster.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Callable

from aiopslab_runner.simulator import controllers, images, kubelet
from aiopslab_runner.simulator.application import NAMESPACE
from aiopslab_runner.simulator.cluster import Cluster, Manifest
from aiopslab_runner.simulator.mongo import ADMIN
from aiopslab_runner.simulator.pods import Network

Change = Callable[[Cluster, str], None]


@dataclass(frozen=True)
class Fault:
    inject: Change
    recover: Change


def _revoke_auth(cluster: Cluster, target: str) -> None:
    server = cluster.mongo_servers[target]
    server.users[ADMIN].roles.discard(("readWrite", server.database))
    _restart(cluster, target.removeprefix("mongodb-"))


def _unregister_user(cluster: Cluster, target: str) -> None:
    cluster.mongo_servers[target].users.pop(ADMIN)
    _restart(cluster, target.removeprefix("mongodb-"))


def _restore_users(cluster: Cluster, target: str) -> None:
    cluster.mongo_servers[target].register(ADMIN)
    _restart(cluster, target.removeprefix("mongodb-"))


def _misconfigure(cluster: Cluster, target: str) -> None:
    _set_container(cluster, target, "image", images.MISCONFIGURED_GEO)


def _configure_again(cluster: Cluster, target: str) -> None:
    _set_container(cluster, target, "image", images.HOTEL)


def _use_wrong_binary(cluster: Cluster, target: str) -> None:
    _deploy_again(cluster, target, ["geo"])


def _use_right_binary(cluster: Cluster, target: str) -> None:
    _deploy_again(cluster, target, [target])


def _fail_pod(cluster: Cluster, target: str) -> None:
    """Chaos Mesh's pod-failure: the container's image becomes one that does nothing."""
    pod = cluster.pods_of(NAMESPACE, target)[0]
    pod.image_override = images.PAUSE
    kubelet.kill_container(cluster, pod)


def _kill_container(cluster: Cluster, target: str) -> None:
    kubelet.kill_container(cluster, cluster.pods_of(NAMESPACE, target)[0])


def _delay_packets(cluster: Cluster, target: str) -> None:
    cluster.pods_of(NAMESPACE, target)[0].network = Network(delay_seconds=10.0)


def _lose_packets(cluster: Cluster, target: str) -> None:
    cluster.pods_of(NAMESPACE, target)[0].network = Network(lost_share=0.99)


def _end_chaos(cluster: Cluster, target: str) -> None:
    for pod in cluster.pods_of(NAMESPACE, target):
        pod.network = Network()
        if pod.image_override:
            pod.image_override = None
            kubelet.kill_container(cluster, pod)


FAULTS: dict[str, Fault] = {
    "revoke_auth": Fault(_revoke_auth, _restore_users),
    "user_unregistered": Fault(_unregister_user, _restore_users),
    "misconfig_app": Fault(_misconfigure, _configure_again),
    "wrong_bin_usage": Fault(_use_wrong_binary, _use_right_binary),
    "pod_failure": Fault(_fail_pod, _end_chaos),
    "pod_kill": Fault(_fail_pod, _end_chaos),
    "container_kill": Fault(_kill_container, _end_chaos),
    "network_delay": Fault(_delay_packets, _end_chaos),
    "network_loss": Fault(_lose_packets, _end_chaos),
}


def _restart(cluster: Cluster, deployment: str) -> None:
    for pod in cluster.pods_of(NAMESPACE, deployment):
        controllers.delete_pod(cluster, pod)


def _set_container(cluster: Cluster, deployment: str, key: str, value: object) -> None:
    manifest = cluster.find("Deployment", NAMESPACE, deployment)
    if manifest is not None:
        manifest["spec"]["template"]["spec"]["containers"][0][key] = value


def _deploy_again(cluster: Cluster, deployment: str, command: list[str]) -> None:
    """Deletes the deployment and applies it with another command, as AIOpsLab does."""
    manifest = cluster.find("Deployment", NAMESPACE, deployment)
    if manifest is None:
        return
    again: Manifest = copy.deepcopy(manifest)
    again["metadata"] = {k: manifest["metadata"][k] for k in ("name", "namespace", "labels")}
    again["spec"]["template"]["spec"]["containers"][0]["command"] = command
    cluster.remove("Deployment", NAMESPACE, deployment)
    controllers.reconcile(cluster)
    cluster.add(again)
