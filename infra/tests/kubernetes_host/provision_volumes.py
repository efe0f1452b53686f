"""
The work of OpenEBS' provisioner, from outside the cluster.

    python3 provision_volumes.py KUBECONFIG

As long as the Deployment of openebs.yaml is available, claims of its class get a volume once their
pod has a node, and volumes whose claim is gone are deleted. Ends with its standard input.
"""

from __future__ import annotations

import json
import select
import subprocess
import sys
from typing import Any

CLASS, PROVISIONER = "openebs-hostpath", "openebs.io/local"
OPERATOR = ["deployment", "openebs-localpv-provisioner", "-n", "openebs"]
NODE = "volume.kubernetes.io/selected-node"
PROVISIONED_BY = "pv.kubernetes.io/provisioned-by"


def main(kubeconfig: str) -> None:
    while not select.select([sys.stdin], [], [], 1.0)[0]:
        try:
            look(Cluster(kubeconfig))
        except (subprocess.SubprocessError, ValueError) as reason:
            print(f"the cluster does not answer, or not well: {reason}", file=sys.stderr)


class Cluster:
    """By kubectl; what is not there is an empty object."""

    def __init__(self, kubeconfig: str) -> None:
        self._kubectl = ["kubectl", "--kubeconfig", kubeconfig, "--request-timeout=10s"]

    def get(self, *what: str) -> dict[str, Any]:
        text = self._run("get", *what, "--ignore-not-found", "-o", "json")
        found: dict[str, Any] = json.loads(text) if text.strip() else {}
        return found

    def create(self, thing: dict[str, Any]) -> None:
        self._run("apply", "-f", "-", told=json.dumps(thing))

    def delete_volume(self, name: str) -> None:
        self._run("delete", "pv", name, "--ignore-not-found", "--wait=false")

    def _run(self, *words: str, told: str = "") -> str:
        return subprocess.run(
            [*self._kubectl, *words], input=told, capture_output=True, text=True, check=True
        ).stdout


def look(cluster: Cluster) -> None:
    if not cluster.get(*OPERATOR).get("status", {}).get("availableReplicas"):
        return
    for claim in cluster.get("pvc", "-A").get("items", []):
        node = claim["metadata"].get("annotations", {}).get(NODE)
        is_ours = claim["spec"].get("storageClassName") == CLASS
        if is_ours and node and claim["status"]["phase"] == "Pending":
            cluster.create(volume(claim, node))
    for held in cluster.get("pv").get("items", []):
        maker = held["metadata"].get("annotations", {}).get(PROVISIONED_BY)
        if maker == PROVISIONER and held["status"].get("phase") == "Released":
            cluster.delete_volume(held["metadata"]["name"])


def volume(claim: dict[str, Any], node: str) -> dict[str, Any]:
    about, wanted = claim["metadata"], claim["spec"]
    name = f"pvc-{about['uid']}"
    here = {"key": "kubernetes.io/hostname", "operator": "In", "values": [node]}
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": name, "annotations": {PROVISIONED_BY: PROVISIONER}},
        "spec": {
            "capacity": wanted["resources"]["requests"],
            "accessModes": wanted["accessModes"],
            "persistentVolumeReclaimPolicy": "Delete",
            "storageClassName": CLASS,
            "claimRef": {
                "apiVersion": "v1",
                "kind": "PersistentVolumeClaim",
                "namespace": about["namespace"],
                "name": about["name"],
                "uid": about["uid"],
            },
            "hostPath": {"path": f"/tmp/openebs-local/{name}", "type": "DirectoryOrCreate"},
            "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [here]}]}},
        },
    }


if __name__ == "__main__":
    main(sys.argv[1])
