"""Times in a request: extracted before matching and compared separately, since each run has others.

`{"at": "2026-01-31T12:00:00.123Z"}` and the same a moment later are the same call; a day later they
are not. A number is a time only if it is close to the time at which the request was made.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import unquote, unquote_plus

MAX_DIFFERENCE = 10.0
"""The largest difference, in seconds, between two times that count as equal."""
MAX_DISTANCE_FROM_NOW = 400 * 86400.0
"""Seconds around the time of the request. Anything further away is an ordinary number or date."""
TIME_MARK = "0"
"""The text in the place of an extracted time. It is valid JSON with quotes and without."""

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
"""Times as ISO 8601 (also in its basic form, as AWS signs it), as an HTTP date (RFC 9110, 5.6.7),
and as seconds, milliseconds, microseconds or nanoseconds since 1970; each also percent-encoded."""


def extract_times(text: str, now: float, found: list[tuple[str, float]]) -> str:
    """Return `text` with TIME_MARK in the place of each time, and append the times to `found`.

    Each is appended as it was written, and in seconds since 1970. `now` is when the request was
    made, in seconds since 1970.
    """

    def mark(match: re.Match[str]) -> str:
        seconds = _seconds(match)
        if seconds is None or abs(seconds - now) > MAX_DISTANCE_FROM_NOW:
            return match[0]
        found.append((match[0], seconds))
        return TIME_MARK

    return _TIME.sub(mark, text)


def are_close(left: float, right: float) -> bool:
    """Whether two times, in seconds, count as the same moment of a test."""
    return abs(left - right) <= MAX_DIFFERENCE


def _seconds(match: re.Match[str]) -> float | None:
    """Return a time in seconds since 1970, or None for one that does not exist, as month 13."""
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
    # A time without a zone is only compared with others without a zone, so any zone serves.
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
