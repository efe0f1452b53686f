"""Places that AIOpsLab's sources fix and two runs on a host would share, made this run's own.

`/tmp/…` becomes the run's own temporary directory, `kind-control-plane`, the container of a cluster
called "kind", that of this run's cluster, and the address of AIOpsLab's agent `vllm`
(clients/utils/llm.py) the operator's. The sources are changed as they are imported; nothing is
written. AIOpsLab writes fault manifests to fixed names in /tmp
(generators/fault/inject_symp.py, inject_virtual.py, inject_operator.py).
"""

from __future__ import annotations

import ast
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, ModuleType

PACKAGES = ("aiopslab", "clients")
VLLM = "http://localhost:8000/v1"
VLLM_VARIABLE = "AIOPSLAB_VLLM_BASE_URL"


@dataclass(frozen=True)
class Places:
    """What stands in the sources, and what stands there for this run."""

    replacements: tuple[tuple[str, str], ...]

    @staticmethod
    def of_this_run(cluster: str) -> Places:
        return Places(
            (
                ("/tmp/", f"{tempfile.gettempdir()}/"),
                ("kind-control-plane", f"{cluster}-control-plane"),
                *([(VLLM, vllm)] if (vllm := os.environ.get(VLLM_VARIABLE)) else []),
            )
        )

    def are_in(self, source: bytes) -> bool:
        return any(fixed.encode() in source for fixed, _ in self.replacements)

    def replaced_in(self, text: str) -> str:
        for fixed, own in self.replacements:
            text = text.replace(fixed, own)
        return text


def rewrite_fixed_places(places: Places) -> None:
    """For everything of AIOpsLab that is imported from here on."""
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, Finder)]
    sys.meta_path.insert(0, Finder(places))


class Finder(MetaPathFinder):
    def __init__(self, places: Places) -> None:
        self._places = places

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname.partition(".")[0] not in PACKAGES:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and type(spec.loader) is SourceFileLoader:
            spec.loader = Loader(fullname, spec.loader.path, self._places)
        return spec


class Loader(SourceFileLoader):
    def __init__(self, fullname: str, path: str, places: Places) -> None:
        super().__init__(fullname, path)
        self._places = places

    def get_code(self, fullname: str) -> CodeType | None:
        """Past the cache of compiled files, which all runs share, where the source is changed."""
        source = self.get_data(self.path)
        if not self._places.are_in(source):
            return super().get_code(fullname)
        tree = Rewriting(self._places).visit(ast.parse(source, self.path))
        return compile(tree, self.path, "exec", dont_inherit=True)


class Rewriting(ast.NodeTransformer):
    def __init__(self, places: Places) -> None:
        self._places = places

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        if not isinstance(node.value, str):
            return node
        changed = ast.Constant(self._places.replaced_in(node.value), kind=node.kind)
        return ast.copy_location(changed, node)
