"""Times in a request: taken out, and compared apart, since no clock runs twice alike.

`{"at": "2026-01-31T12:00:00.123Z"}` and the same a moment later are one call; a day later they are
two. A number counts as a time only where it lies near the time at which the request was made.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import unquote, unquote_plus

MAX_DIFFERENCE = 10.0
"""Seconds by which two times may differ that stand for the same moment of a test."""
MAX_DISTANCE_FROM_NOW = 400 * 86400.0
"""Seconds around now within which a number can be meant as a time."""
TIME_MARK = "0"
"""What stands for a time that was taken out: valid in JSON with quotes and without."""

_BLANK = "(?:%20|[ +])"
_TIME = re.compile(
    r"(?<![\w.+-])(?:"
    r"(?P<iso>\d{4}-\d\d-\d\d(?:T|%20|[ +])\d\d(?::|%3A)\d\d(?:(?::|%3A)\d\d(?:\.\d{1,9})?)?"
    r"(?:Z|(?:[+-]|%2B)\d\d(?::|%3A)?\d\d)?)"
    r"|(?P<basic>\d{8}T\d{6}Z)"
    rf"|(?P<http>[A-Z][a-z]{{2}}(?:,|%2C){_BLANK}\d\d{_BLANK}[A-Z][a-z]{{2}}{_BLANK}\d{{4}}"
    rf"{_BLANK}\d\d(?:(?::|%3A)\d\d){{2}}{_BLANK}GMT)"
    r"|(?P<epoch>[12]\d{9}(?:\d{3}|\d{6}|\d{9})?(?:\.\d{1,9})?)"
    r")(?![\w-])",
    re.ASCII,
)


def extract_times(text: str, now: float, found: list[tuple[str, float]]) -> str:
    """`text` without the times in it; what was taken is added to `found`, as text and in seconds.

    `now` is when the request was made, in seconds since 1970.
    """

    def empty(match: re.Match[str]) -> str:
        seconds = _seconds(match)
        if seconds is None or abs(seconds - now) > MAX_DISTANCE_FROM_NOW:
            return match[0]
        found.append((match[0], seconds))
        return TIME_MARK

    return _TIME.sub(empty, text)


def are_close(left: float, right: float) -> bool:
    return abs(left - right) <= MAX_DIFFERENCE


def _seconds(match: re.Match[str]) -> float | None:
    written = match[0]
    try:
        if match["epoch"]:
            whole, _, fraction = written.partition(".")
            return float(f"{whole[:10]}.{whole[10:]}{fraction}")
        if match["http"]:
            return parsedate_to_datetime(unquote_plus(written)).timestamp()
        if match["basic"]:
            moment = datetime.strptime(written, "%Y%m%dT%H%M%SZ")
        else:
            day, clock = written[:10], written[10:]
            plain = unquote(clock.replace("+", " ", clock.startswith("+")))
            moment = datetime.fromisoformat(day + plain)
    except (ValueError, OverflowError):
        return None
    # A time without a zone is compared with others without one, so that any zone will do.
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
