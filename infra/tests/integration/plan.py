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

# Tags of classes: with nothing beside it, because it measures seconds; a test of the tests' own
# fixtures; begun early, because it takes more than a minute and a half, or than half a minute.
ALONE, FIXTURES = "alone", "fixtures"
# Need what no machine has by itself, or only measure: run only where they are named.
OPT_IN = frozenset({"kubernetes", "clusters", "measured"})
WEIGHTS = {"longest": 16, "long": 8}

_CLASS_TAG = re.compile(r'^@Tag\("([\w-]+)"\)', re.MULTILINE)
_METHOD_TAG = re.compile(r'^\s+@Tag\("([\w-]+)"\)', re.MULTILINE)


@dataclass(frozen=True)
class TestClass:
    """
    A class of tests, `…IT` with servers or `…Test` without. `tags` are those of the whole class,
    `method_tags` of some.
    """

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
    def weight(self) -> float:
        """How long it takes beside others, about."""
        for tag, weight in WEIGHTS.items():
            if tag in self.tags:
                return weight
        return 1 if self.name.endswith("IT") else 0.1


def find(root: Path = ROOT) -> list[TestClass]:
    """All test classes of Java, those that take longest first."""
    classes = [_read(root, module, path) for module in MODULES for path in _sources(root, module)]
    return sorted(classes, key=lambda c: (-c.weight, MODULES.index(c.module), c.name))


def unnamed(classes: list[TestClass]) -> list[TestClass]:
    """Those that run though nobody names them."""
    return [c for c in classes if not OPT_IN & c.tags]


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
    sources = (root / module / "src/test/java").rglob("*.java")
    return sorted(p for p in sources if p.stem.endswith(("IT", "Test")))


def _read(root: Path, module: str, path: Path) -> TestClass:
    text = path.read_text(encoding="utf-8")
    name = path.relative_to(root / module / "src/test/java").with_suffix("")
    return TestClass(
        module,
        ".".join(name.parts),
        frozenset(_CLASS_TAG.findall(text)),
        frozenset(_METHOD_TAG.findall(text)),
    )
