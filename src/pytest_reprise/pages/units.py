"""Times, sizes and ages as short texts."""

from __future__ import annotations

from datetime import datetime


def seconds_text(seconds: float | None) -> str:
    """Return a duration: `3 ms`, `1.25 s`, `2 min 5 s`; "" for none."""
    if seconds is None:
        return ""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.2f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"


def size_text(size: int) -> str:
    """Return a size in bytes, kB or MB (powers of 1000)."""
    if size < 1000:
        return f"{size} B"
    if size < 1_000_000:
        return f"{size / 1000:.1f} kB"
    return f"{size / 1_000_000:.1f} MB"


def age_text(recorded: datetime, now: datetime) -> str:
    """Return how long ago something was recorded: `today`, `1 day`, `12 days`."""
    days = (now - recorded).days
    if days < 1:
        return "today"
    return "1 day" if days == 1 else f"{days} days"
