"""What happens, with the seconds since the beginning."""

from __future__ import annotations

import time

BEGAN = time.monotonic()


def tell(what: str) -> None:
    print(f"{time.monotonic() - BEGAN:6.1f} s  {what}", flush=True)
