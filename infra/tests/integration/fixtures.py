"""
Whether the tests' own fixtures have changed since their tests passed: those take a minute and a
half, and prove nothing new about fixtures that are as they were.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from integration.plan import ROOT

SOURCES = ROOT / "shared/src/test/java/io/aiopslab/tasks/testing"
STAMP = ROOT / "infra/tests/fixtures.sha256"


def have_changed(sources: Path = SOURCES, stamp: Path = STAMP) -> bool:
    return not stamp.is_file() or stamp.read_text(encoding="utf-8").strip() != fingerprint(sources)


def passed(sources: Path = SOURCES, stamp: Path = STAMP) -> None:
    stamp.write_text(fingerprint(sources) + "\n", encoding="utf-8")


def fingerprint(sources: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(sources.rglob("*.java")):
        digest.update(path.relative_to(sources).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()
