"""A service's jar, unpacked and with an archive of its classes, so that it starts in half the time.

Spring Boot unpacks it; the JDK writes the archive while the service comes up once, without servers,
and ends. Made once a build, in a folder named for all that it was made of.

    python3 -m local_run.program JAR FOLDER

prepares the jar in that folder and prints the command that starts it, an argument a line.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from local_run import ending
from local_run.settings import ROOT

JVM = ROOT / "infra" / "jvm"
SERVICE_OPTIONS = (JVM / "service.options", JVM / "small.options")
TRAINING_OPTIONS = JVM / "training.options"
FIRST_WITH_AOT_CACHE = 25
TIMEOUT = 180


@dataclass(frozen=True)
class Program:
    """`options` and `jar` are what java is called with; `trouble` is why it is not the fast way."""

    options: tuple[str, ...]
    jar: Path
    trouble: str = ""

    def command(self) -> list[str]:
        return ["java", *_files(*SERVICE_OPTIONS), *self.options, "-jar", str(self.jar)]


class CannotPrepareError(Exception):
    pass


def prepare(jar: Path, programs: Path) -> Program:
    """The fast way to start the jar; the plain one if that cannot be had."""
    try:
        folder = programs / _fingerprint(jar)
        if not folder.exists():
            _make(jar, folder)
        return Program(_archive_options(folder), folder / jar.name)
    except (CannotPrepareError, OSError, subprocess.SubprocessError) as reason:
        return Program((), jar, f"{jar.name} starts the slow way: {reason}")


def forget_others(programs: Path, kept: set[Path]) -> None:
    """Removes what was made of earlier builds."""
    for folder in programs.glob("*"):
        if folder not in kept:
            shutil.rmtree(folder, ignore_errors=True)


def _make(jar: Path, folder: Path) -> None:
    draft = folder.with_name(f"{folder.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    _java(["-Djarmode=tools", "-jar", str(jar), "extract", "--destination", str(draft)], ROOT)
    # The archive holds the path of the jar: it has to be made where it will be used.
    shutil.rmtree(folder, ignore_errors=True)
    draft.rename(folder)
    try:
        _train(folder / jar.name, folder)
    except BaseException:
        shutil.rmtree(folder)
        raise


def _train(jar: Path, folder: Path) -> None:
    archive = folder / _archive_name()
    write = "AOTCacheOutput" if _has_aot_cache() else "ArchiveClassesAtExit"
    options = [*_files(*SERVICE_OPTIONS, TRAINING_OPTIONS), f"-XX:{write}={archive}"]
    said = _java([*options, "-jar", str(jar)], folder)
    if not archive.exists():
        raise CannotPrepareError(f"java wrote no archive:\n{_last_lines(said)}")


def _files(*files: Path) -> list[str]:
    return [f"@{file}" for file in files]


def _archive_options(folder: Path) -> tuple[str, ...]:
    read = "AOTCache" if _has_aot_cache() else "SharedArchiveFile"
    return (f"-XX:{read}={folder / _archive_name()}",)


def _archive_name() -> str:
    return "classes.aot" if _has_aot_cache() else "classes.jsa"


def _has_aot_cache() -> bool:
    version = re.search(r'version "(\d+)', _java_version())
    return version is not None and int(version.group(1)) >= FIRST_WITH_AOT_CACHE


@cache
def _java_version() -> str:
    command = ["java", "-version"]
    return subprocess.run(command, stderr=subprocess.PIPE, text=True, check=True).stderr


def _fingerprint(jar: Path) -> str:
    digest = hashlib.sha256(_java_version().encode())
    for file in (*SERVICE_OPTIONS, TRAINING_OPTIONS, jar):
        digest.update(file.read_bytes())
    return f"{jar.stem}-{digest.hexdigest()[:12]}"


def _java(arguments: list[str], folder: Path) -> str:
    """What it said. Sees none of the settings of the environment, which are for the real run."""
    kept = ("PATH", "JAVA_HOME", "HOME", "LANG", "TMPDIR")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    code, said = ending.call(["java", *arguments], folder, environment, timeout=TIMEOUT)
    if code != 0:
        raise CannotPrepareError(f"java ended with {code}:\n{_last_lines(said)}")
    return said


def _last_lines(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.strip().splitlines()[-8:])


def main(jar: Path, folder: Path) -> None:
    """Once at a time for a jar; what earlier builds of it have left goes."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / f"{jar.stem}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        program = prepare(jar, folder)
        of_others = set(folder.glob("*")) - set(folder.glob(f"{jar.stem}-*"))
        forget_others(folder, of_others | {program.jar.parent})
    if program.trouble:
        print(program.trouble, file=sys.stderr)
    print("\n".join(program.command()))


if __name__ == "__main__":
    main(*(Path(argument).absolute() for argument in sys.argv[1:]))
