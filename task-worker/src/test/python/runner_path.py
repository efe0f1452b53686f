"""Where the package under test is; imported first by every test."""

from __future__ import annotations

import sys
from pathlib import Path

MAIN = Path(__file__).resolve().parents[2] / "main"
PACKAGE_PATH = MAIN / "python"
RESOURCES = MAIN / "resources"
SUPERVISE = PACKAGE_PATH / "aiopslab_runner" / "supervise.py"

if str(PACKAGE_PATH) not in sys.path:
    sys.path.insert(0, str(PACKAGE_PATH))
