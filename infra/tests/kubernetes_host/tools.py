#!/usr/bin/env python3
"""
kind, kubectl and docker of a host whose clusters somebody else has made.

`clusters.json` in the folder of the link that this is called by has their kubeconfigs by name.
kind tells of these clusters. kubectl is the one behind it on the PATH; where it is given the
address of OpenEBS' manifest, it gets openebs.yaml. docker runs a command in a control plane with
the kubeconfig of that cluster, where the cluster is in no container that docker knows.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import NoReturn

OPENEBS = "https://openebs.github.io/charts/openebs-operator.yaml"
HERE = Path(__file__).resolve().parent


def main() -> None:
    link = Path(sys.argv[0])
    clusters: dict[str, str] = json.loads((link.parent / "clusters.json").read_text())
    words = sys.argv[1:]
    if link.name == "kind":
        kind(words, clusters)
    elif link.name == "kubectl":
        program = behind(link.parent, "kubectl")
        stand_in = str(HERE / "openebs.yaml")
        os.execv(program, [program, *(stand_in if w == OPENEBS else w for w in words)])
    else:
        docker(words, clusters, link.parent)


def kind(words: list[str], clusters: dict[str, str]) -> None:
    if words == ["get", "clusters"]:
        print("\n".join(clusters))
    elif words[:3] == ["get", "kubeconfig", "--name"] and words[3] in clusters:
        print(Path(clusters[words[3]]).read_text())
    else:
        refuse(f"kind {' '.join(words)}: these clusters are neither made nor deleted by the test")


def docker(words: list[str], clusters: dict[str, str], own: Path) -> None:
    if words[:1] != ["exec"]:
        refuse(f"docker {' '.join(words)}: there is no container engine, only exec")
    container, *command = [w for w in words[1:] if w not in ("-i", "-t")]
    name = container.removesuffix("-control-plane")
    if name not in clusters:
        refuse(f"docker exec {container}: no such control plane")
    environment = {"KUBECONFIG": clusters[name], "PATH": path_behind(own), "HOME": "/"}
    os.chdir("/")
    os.execvpe(command[0], command, environment)


def behind(own: Path, program: str) -> str:
    found = shutil.which(program, path=path_behind(own))
    return found or refuse(f"there is no {program} on the PATH behind {own}")


def path_behind(own: Path) -> str:
    folders = os.environ["PATH"].split(os.pathsep)
    return os.pathsep.join(f for f in folders if Path(f).resolve() != own.resolve())


def refuse(sentence: str) -> NoReturn:
    print(sentence, file=sys.stderr)
    raise SystemExit(1)


if __name__ == "__main__":
    main()
