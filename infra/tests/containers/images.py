"""The images that Dockerfile and compose file name: real ones, or stand-ins from Debian."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from containers.engine import ROOT, Engine
from containers.telling import tell

HERE = Path(__file__).resolve().parent / "stand_ins"
DOCKERFILE = ROOT / "infra/containers/Dockerfile"
# So that a stand-in that a killed run has left is never taken for the real image.
LABEL = "io.aiopslab.stand-in"
PREFIX = "aiopslab-stand-in/"
JAVA_SUITE, SERVER_SUITE = "bookworm", "trixie"


@dataclass(frozen=True)
class StandIn:
    """A stage of stand_ins/Containerfile, and the Debian package that does its work."""

    stage: str
    suite: str
    package: str


STAND_INS = {
    "maven": StandIn("maven", JAVA_SUITE, "maven"),
    "eclipse-temurin": StandIn("jre", JAVA_SUITE, "openjdk-17-jre-headless"),
    "docker": StandIn("docker-cli", SERVER_SUITE, "docker-cli"),
    "postgres": StandIn("postgres", SERVER_SUITE, "postgresql-17"),
    "rabbitmq": StandIn("rabbitmq", SERVER_SUITE, "rabbitmq-server"),
    "prom/prometheus": StandIn("prometheus", SERVER_SUITE, "prometheus"),
}
TOOLS = StandIn("tools", SERVER_SUITE, "kubernetes-client")


def base_images() -> dict[str, str]:
    """By the Dockerfile's arguments, such as JRE_IMAGE; without TOOLS_IMAGE, which is a stage."""
    found = dict(re.findall(r"^ARG (\w+_IMAGE)=(\S+)", DOCKERFILE.read_text(), re.MULTILINE))
    del found["TOOLS_IMAGE"]
    return found


class Images:
    """Gets images, and takes away those that it has brought to the engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._brought: list[str] = []
        self.stood_in: dict[str, str] = {}

    def get(self, names: list[str]) -> list[str]:
        """Says where each comes from; answers with those that cannot be had."""
        with ThreadPoolExecutor(4) as several:
            there = dict(zip(names, several.map(self._is_there, names)))
        missing = [name for name in names if not there[name]]
        possible = [name for name in missing if repository(name) in STAND_INS]
        wanted = {STAND_INS[repository(name)].suite for name in possible}
        self._bootstrap(wanted | ({JAVA_SUITE, SERVER_SUITE} if possible else set()))
        with ThreadPoolExecutor(2) as both:
            list(both.map(self._stand_in, possible))
        return [name for name in missing if name not in possible]

    def tools(self) -> str | None:
        """The image for the Dockerfile's TOOLS_IMAGE; None where it can fetch the tools itself."""
        name = f"{PREFIX}tools"
        try:
            self._engine.build(ROOT, "-f", str(DOCKERFILE), "--target=fetched-tools")
            return None
        except subprocess.CalledProcessError as reason:
            said = re.findall(r"curl: .*", reason.output) or [last_line(reason)]
        self._bootstrap({JAVA_SUITE, SERVER_SUITE})
        self._build(name, TOOLS)
        why = f"they cannot be fetched ({said[0]})"
        self.stood_in[name] = f"kubectl by Debian's {TOOLS.package}; kind and helm only say"
        tell(f"STAND-IN for kind, kubectl and helm: {self.stood_in[name]} that {why}")
        return name

    def build_service(self, name: str, context: Path, arguments: list[str]) -> None:
        self._brought.append(name)
        self._engine.build(context, *arguments, "--tag", name)

    def remove(self) -> list[str]:
        """Answers with those that are still there."""
        for name in reversed(self._brought):
            self._engine.answers("image", "rm", "--force", name)
        return [name for name in self._brought if self._engine.inspect(name)]

    def _is_there(self, name: str) -> bool:
        found = self._engine.inspect(name)
        if found:
            label = (found["Config"].get("Labels") or {}).get(LABEL)
            if label:
                self._note(name, label, "kept from an earlier run")
            else:
                tell(f"{name} is there")
            return True
        try:
            self._engine.docker("pull", "--quiet", name, within=1800)
        except subprocess.SubprocessError as reason:
            what = "" if repository(name) in STAND_INS else ", and nothing stands in for it"
            tell(f"{name} cannot be pulled{what}: {last_line(reason)}")
            return False
        self._brought.append(name)
        tell(f"{name} was pulled")
        return True

    def _bootstrap(self, suites: set[str]) -> None:
        """Debian's smallest systems, as the stand-ins' own base images."""
        missing = [s for s in sorted(suites) if not self._engine.inspect(f"{PREFIX}{s}")]
        if missing and not shutil.which("debootstrap"):
            raise AssertionError(
                "debootstrap is missing, so nothing can stand in for what cannot be pulled:"
                " apt-get install debootstrap, or load the images named above into the engine"
            )
        with ThreadPoolExecutor(2) as both:
            list(both.map(self._bootstrap_one, missing))

    def _bootstrap_one(self, suite: str) -> None:
        mirror = os.environ.get("AIOPSLAB_TEST_DEBIAN_MIRROR")
        with tempfile.TemporaryDirectory(prefix=f"aiopslab-{suite}-") as folder:
            system = Path(folder) / "system"
            command = ["debootstrap", "--variant=minbase", suite, str(system)]
            done = subprocess.run(
                command + ([mirror] if mirror else []),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=900,
            )
            if done.returncode:
                raise AssertionError(
                    f"debootstrap of {suite} failed; AIOPSLAB_TEST_DEBIAN_MIRROR names another"
                    f" mirror than its own:\n{done.stdout[-1000:]}{done.stderr[-1000:]}"
                )
            self._brought.append(f"{PREFIX}{suite}")
            tell(f"Debian {suite} was fetched, for stand-ins")
            self._engine.import_image(system, f"{PREFIX}{suite}")

    def _stand_in(self, name: str) -> None:
        stand_in = STAND_INS[repository(name)]
        if stand_in.stage != "maven":
            self._build(name, stand_in)
        else:
            bare = f"{PREFIX}maven"
            self._build(bare, stand_in)
            self._add_downloads(bare, name)
        version = self._engine.docker(
            "run", "--rm", "--network=none", "--entrypoint=dpkg-query", name,
            "--show", "--showformat=${Version}", stand_in.package,
        )  # fmt: skip
        self._note(name, f"Debian {stand_in.suite}'s {stand_in.package} {version}", "made")

    def _note(self, name: str, what: str, how: str) -> None:
        self.stood_in[name] = what
        tell(f"STAND-IN for {name}: {what}, {how}")

    def _build(self, name: str, stand_in: StandIn) -> None:
        self._brought.append(name)
        self._engine.build(
            HERE, "-f", str(HERE / "Containerfile"), "--target", stand_in.stage, "--tag", name,
            "--build-arg", f"JAVA_BASE={PREFIX}{JAVA_SUITE}",
            "--build-arg", f"SERVER_BASE={PREFIX}{SERVER_SUITE}",
            "--label", f"{LABEL}=Debian {stand_in.suite}'s {stand_in.package}",
        )  # fmt: skip

    def _add_downloads(self, bare: str, name: str) -> None:
        """Maven's settings and downloads of this machine, so that nothing is fetched twice."""
        home = Path(os.environ.get("AIOPSLAB_TEST_MAVEN_HOME", Path.home() / ".m2"))
        self._brought.append(name)
        if not (home / "repository").is_dir():
            self._engine.docker("tag", bare, name)
            return
        file = str(HERE / "maven.Containerfile")
        self._engine.build(home, "-f", file, "--tag", name, "--build-arg", f"BASE={bare}")


def repository(name: str) -> str:
    """Without registry and tag."""
    return name.removeprefix("docker.io/").removeprefix("library/").rsplit(":", 1)[0]


def last_line(reason: subprocess.SubprocessError) -> str:
    said = str(getattr(reason, "output", "") or reason).strip()
    return said.splitlines()[-1] if said else str(reason)
