"""
Gives the clusters of `make test-kubernetes` a stand-in under every name of an image that they need.

AIOPSLAB_TEST_LOAD_IMAGE is a shell command that gets the name as "$1" and lets all nodes have the
image, for example: kind load docker-image "$1" --name worker-001-kind. Without it nothing is done,
and the nodes pull what they need. AIOPSLAB_TEST_BASE_IMAGE: an image with perl and sh, which the
engine (docker, or podman) has or can pull.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
NEEDED = ("AIOPSLAB_TEST_KUBECONFIGS", "AIOPSLAB_TEST_HOME")
BASE = os.environ.get("AIOPSLAB_TEST_BASE_IMAGE", "docker.io/library/debian:bookworm-slim")

HOTEL = "aiopslab-applications/hotelReservation/kubernetes"
CHARTS = {
    "aiopslab-applications/socialNetwork/helm-chart/socialnetwork": "test-social-network",
    "aiopslab/observer/prometheus/prometheus": "observe",
}
# What no manifest names: the image of a fault, the load, and openebs.yaml's.
BESIDES = (
    "yinfangchen/geo:app3",
    "deathstarbench/wrk2-client:latest",
    "docker.io/openebs/provisioner-localpv:stand-in",
)
HOTEL_SERVICES = (
    "frontend=5000 profile=8081 search=8082 geo=8083 rate=8084 recommendation=8085 user=8086"
    " reservation=8087"
)
STANDS_FOR = {
    "mongo": "27017",
    "memcached": "11211",
    "redis": "6379",
    "consul": "8500",
    "all-in-one": "16686 14268 9411 5778",
    "hotelreservation": HOTEL_SERVICES,
    "geo": "crash",
    "wrk2-client": "load",
    "social-network-microservices": " ".join(
        f"{name}Service=9090"
        for name in (
            "ComposePost",
            "HomeTimeline",
            "Media",
            "PostStorage",
            "SocialGraph",
            "Text",
            "UniqueId",
            "UrlShorten",
            "User",
            "UserMention",
            "UserTimeline",
        )
    ),
    "openresty-thrift": "8080",
    "media-frontend": "8081",
    "git": "git",
    "prometheus": "9090",
    "prometheus-config-reloader": "8080",
    "alertmanager": "9093",
    "kube-state-metrics": "8080 8081",
    "node-exporter": "9100",
    "pushgateway": "9091",
    "blackbox-exporter": "9115",
    "provisioner-localpv": "9500",
}


def main() -> int:
    missing = [name for name in NEEDED if not os.environ.get(name)]
    if missing:
        sys.exit(
            f"Set {' and '.join(missing)}: two kubeconfigs, joined by a colon, whose contexts are"
            " kind-NAME, and a checkout of AIOpsLab (CONTRIBUTING.md, docs/aiopslab.md)."
        )
    load = os.environ.get("AIOPSLAB_TEST_LOAD_IMAGE")
    if not load:
        print("AIOPSLAB_TEST_LOAD_IMAGE is not set: the nodes are to pull the images themselves.")
        return 0
    engine = os.environ.get("AIOPSLAB_TEST_ENGINE") or shutil.which("docker") or "podman"
    names = sorted({full_name(name) for name in asked_for(Path(os.environ["AIOPSLAB_TEST_HOME"]))})
    unknown = [name for name in names if part(name) not in STANDS_FOR]
    if unknown:
        sys.exit(f"No stand-in for {', '.join(unknown)}: add what it listens on to {__file__}.")
    with tempfile.TemporaryDirectory() as folder:
        lay_out(Path(folder))
        for name in names:
            build = [engine, "build", "--quiet", "--no-cache", "--tag", name]
            arguments = {"BASE": BASE, "STANDS_FOR": STANDS_FOR[part(name)]}
            build += [f"--build-arg={key}={value}" for key, value in arguments.items()]
            subprocess.run([*build, folder], check=True, stdout=subprocess.DEVNULL)
            subprocess.run(["sh", "-c", load, "sh", name], check=True)
            print(f"{name} stands for {STANDS_FOR[part(name)]}", flush=True)
    return 0


def asked_for(home: Path) -> list[str]:
    """The names in AIOpsLab's manifests and charts."""
    texts = [file.read_text() for file in sorted((home / HOTEL).rglob("*.yaml"))]
    for chart, namespace in CHARTS.items():
        template = ["helm", "template", "any", str(home / chart), "--namespace", namespace]
        texts.append(subprocess.run(template, check=True, capture_output=True, text=True).stdout)
    found = re.findall(r"^[\s-]*image:\s*[\"']?([^\s\"']+)", "\n".join(texts), re.MULTILINE)
    return [*found, *BESIDES]


def full_name(name: str) -> str:
    """With registry and tag, as a node asks for it."""
    first, slash, _ = name.partition("/")
    if not slash:
        name = f"docker.io/library/{name}"
    elif "." not in first and ":" not in first:
        name = f"docker.io/{name}"
    return name if ":" in name.rsplit("/", 1)[-1] else f"{name}:latest"


def part(name: str) -> str:
    """The last part of the repository's name."""
    return name.rsplit("/", 1)[-1].partition(":")[0]


def lay_out(folder: Path) -> None:
    """The build's context: the program under every name that a command has."""
    shutil.copy(HERE / "images/Containerfile", folder / "Containerfile")
    programs = folder / "programs"
    programs.mkdir()
    for program in ("stand-in", "git"):
        shutil.copy(HERE / "images" / program, programs / program)
    for pairs in STANDS_FOR.values():
        for name in re.findall(r"([\w-]+)=", pairs):
            (programs / name).symlink_to("stand-in")


if __name__ == "__main__":
    sys.exit(main())
