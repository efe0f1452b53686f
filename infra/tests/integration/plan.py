"""Which test classes there are, and in which order they are best begun."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]

MODULES = (
    "infra/system-tests",
    "infra/standalone",
    "task-worker",
    "result-collector",
    "task-api",
    "shared",
)

# Tags of classes: with nothing beside it, because it measures seconds; begun early, because it
# takes more than half a minute; a test of the tests' own fixtures.
ALONE, LONG, FIXTURES = "alone", "long", "fixtures"

_CLASS_TAG = re.compile(r'^@Tag\("([\w-]+)"\)', re.MULTILINE)
_METHOD_TAG = re.compile(r'^\s+@Tag\("([\w-]+)"\)', re.MULTILINE)


@dataclass(frozen=True)
class TestClass:
    """A class of integration tests. `tags` are those of the whole class, `method_tags` of some."""

    module: str
    name: str
    tags: frozenset[str]
    method_tags: frozenset[str]

    @property
    def short_name(self) -> str:
        return self.name.rsplit(".", 1)[-1]

    @property
    def is_alone(self) -> bool:
        return ALONE in self.tags

    @property
    def is_long(self) -> bool:
        return LONG in self.tags


def find(root: Path = ROOT) -> list[TestClass]:
    """All integration tests, those that ought to begin first first."""
    classes = [_read(root, module, path) for module in MODULES for path in _sources(root, module)]
    return sorted(classes, key=lambda c: (not c.is_long, MODULES.index(c.module), c.name))


def select(classes: list[TestClass], only: set[str], without: set[str]) -> list[TestClass]:
    """Those in which something is left after the tags were looked at."""
    return [
        c for c in classes if (not only or only & (c.tags | c.method_tags)) and not without & c.tags
    ]


def named(classes: list[TestClass], name: str) -> list[TestClass]:
    """Those whose name has this part; after a # stands the one method that is meant."""
    part, _, method = name.partition("#")
    found = [c for c in classes if part in c.name]
    return [replace(c, name=f"{c.name}#{method}") for c in found] if method else found


def _sources(root: Path, module: str) -> list[Path]:
    return sorted((root / module / "src/test/java").rglob("*IT.java"))


def _read(root: Path, module: str, path: Path) -> TestClass:
    text = path.read_text(encoding="utf-8")
    name = path.relative_to(root / module / "src/test/java").with_suffix("")
    return TestClass(
        module,
        ".".join(name.parts),
        frozenset(_CLASS_TAG.findall(text)),
        frozenset(_METHOD_TAG.findall(text)),
    )
