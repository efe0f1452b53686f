"""Where the package under test is; imported first by every test."""

from __future__ import annotations

import sys
from pathlib import Path

MAIN = Path(__file__).resolve().parents[2] / "main"
PACKAGE_PATH = MAIN / "python"
RESOURCES = MAIN / "resources"
SUPERVISE = PACKAGE_PATH / "aiopslab_runner" / "supervise.py"
SHARED_BY_TESTS = MAIN.parents[2] / "infra" / "tests"

for _path in (SHARED_BY_TESTS, PACKAGE_PATH):
    if str(_path) not in sys.path:
        sys.path.insert(0, str(_path))
