"""Puts the package under test on the path."""

import sys
from pathlib import Path

LOCAL = Path(__file__).resolve().parents[2]
SHARED_BY_TESTS = LOCAL.parent / "tests"

sys.path[:0] = [str(LOCAL), str(SHARED_BY_TESTS)]
