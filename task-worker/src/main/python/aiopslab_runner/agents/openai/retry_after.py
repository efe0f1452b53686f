"""What a server asks for by Retry-After."""

from __future__ import annotations

from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

LONGEST_SECONDS = 120.0


def seconds_to_wait(header: str | None, now: datetime | None = None) -> float | None:
    """From seconds or an HTTP date: 0 to 120; None when it says nothing that can be read."""
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]) if len(text) < 10 else LONGEST_SECONDS, LONGEST_SECONDS)
    try:
        date = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=timezone.utc)
    seconds = (date - (now or datetime.now(timezone.utc))).total_seconds()
    return min(max(seconds, 0.0), LONGEST_SECONDS)
