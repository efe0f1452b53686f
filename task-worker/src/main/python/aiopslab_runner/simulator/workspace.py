"""The saved metrics and traces of a run: below its working directory, and nowhere else."""

from __future__ import annotations

import os
from pathlib import Path

FOLDERS = ("metrics_output", "trace_output")


class Workspace:
    """Paths are relative to the working directory; whatever leads out of it does not exist."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()

    def save(self, path: str, text: str) -> None:
        target = self._root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    def read(self, path: str) -> str | None:
        """The text of a saved file, or None when there is no such file in reach."""
        target = self._within(path)
        if target is None or not os.path.isfile(target):
            return None
        return target.read_text(encoding="utf-8", errors="replace")

    def list(self, path: str) -> list[str] | None:
        """The names in a folder, folders with a slash, or None when there is no such folder."""
        if self._is_root(path):
            return [f"{name}/" for name in FOLDERS if (self._root / name).is_dir()]
        target = self._within(path)
        if target is None or not os.path.isdir(target):
            return None
        return sorted(f"{item.name}/" if item.is_dir() else item.name for item in target.iterdir())

    def _is_root(self, path: str) -> bool:
        return path in ("", ".", "./", "$PWD")

    def _within(self, path: str) -> Path | None:
        if "\0" in path or len(path) > 1000:
            return None
        try:
            resolved = Path(os.path.realpath(self._root / path))
            parts = resolved.relative_to(self._root).parts
        except (OSError, ValueError):
            return None
        return resolved if parts and parts[0] in FOLDERS else None
