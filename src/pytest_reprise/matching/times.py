"""Times in a request: extracted before matching and compared separately, since each run has others.

`{"at": "2026-01-31T12:00:00.123Z"}` and the same a moment later are the same call; a day later they
are not. A number is a time only if it is close to the time at which the request was made.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
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
    rf"{_BLANK}\d\d(?:(?::|%3A)\d\d){{2}}{_BLANK}(?:GMT|(?:[+-]|%2B)\d{{4}}))"
    r"|(?P<epoch>[12]\d{9}(?:\d{3}|\d{6}|\d{9})?(?:\.\d{1,9})?)"
    r")(?![\w-])",
    re.ASCII,
)
"""Times as ISO 8601 (also in its basic form, as AWS signs it), as an HTTP date (RFC 9110, 5.6.7)
or a date of mail (RFC 5322, 3.3), and as seconds, milliseconds, microseconds or nanoseconds since
1970; each also percent-encoded."""

_FIELD = re.compile("%[0-9A-F]{2}|[0-9]+|[A-Z][a-z]{2}")
"""A number or name in a time, or an escape, whose digits are not a number."""
_FRACTION = re.compile(r"\.#+")
_ZONE = r"(?:Z|(?:[+-]|%2B)\d\d(?::|%3A)?\d\d)$"
_DAYS = "Mon Tue Wed Thu Fri Sat Sun".split()
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def extract_times(text: str, now: float, found: list[tuple[str, float]]) -> str:
    """Return `text` with TIME_MARK in the place of each time, and append the times to `found`.

    Each is appended as it was written, and in seconds since 1970. `now` is when the request was
    made, in seconds since 1970.
    """

    def mark(written: str, seconds: float) -> str:
        found.append((written, seconds))
        return TIME_MARK

    return map_times(text, now, mark)


def map_times(text: str, now: float, change: Callable[[str, float], str]) -> str:
    """Return `text` with each time replaced by what `change` returns for it.

    `change` is given the time as it is written, and in seconds since 1970.
    """

    def changed(match: re.Match[str]) -> str:
        seconds = _seconds(match)
        if seconds is None or abs(seconds - now) > MAX_DISTANCE_FROM_NOW:
            return match[0]
        return change(match[0], seconds)

    return _TIME.sub(changed, text)


def time_form(written: str) -> str:
    """Return the form of a time: two times are written in the same way if these are equal.

    Fractions of a second may have any number of digits, since zeros at their end may be missing.
    """
    form = _FIELD.sub(lambda field: field[0] if "%" in field[0] else "#" * len(field[0]), written)
    return _FRACTION.sub(".#", form)


def shifted(written: str, seconds: float) -> str:
    """Return a time that is `seconds` later, written in the same form and zone."""
    match = _TIME.fullmatch(written)
    moment = match and _seconds(match)
    if match is None or moment is None:
        return written
    if match["epoch"]:
        return _shifted_epoch(written, seconds)
    zone = _mail_moment(written).tzinfo if match["http"] else _zone(written)
    try:
        later = datetime.fromtimestamp(moment, zone) + timedelta(seconds=seconds)
    except (ValueError, OverflowError):
        return written
    if match["http"]:
        fields = [_DAYS[later.weekday()], f"{later:%d}", _MONTHS[later.month - 1]]
        fields += [f"{later.year:04}", *f"{later:%H %M %S}".split()]
    else:
        fraction = f"{later.microsecond:06}".ljust(9, "0")
        if match["basic"]:
            return f"{later:%Y%m%dT%H%M%SZ}"
        fields = [f"{later.year:04}", *f"{later:%m %d %H %M %S}".split(), fraction]
    rest = iter(fields)

    def field(found: re.Match[str]) -> str:
        is_escape = "%" in found[0]
        return found[0] if is_escape else next(rest, found[0])[: len(found[0])]

    has_zone = re.search(_ZONE, written) if match["iso"] else None
    end = has_zone.start() if has_zone else len(written)
    return _FIELD.sub(field, written[:end]) + written[end:]


def _shifted_epoch(written: str, seconds: float) -> str:
    """Return a number of seconds, or of a fraction of seconds, that is so much later."""
    whole, dot, fraction = written.partition(".")
    later = int(whole) + round(seconds * 10 ** (len(whole) - 10))
    return f"{later}{dot}{fraction}"


def _zone(written: str) -> tzinfo:
    """Return the time zone of an ISO time; UTC where it has none."""
    found = re.search(_ZONE, written)
    return _iso_moment(written).tzinfo or UTC if found else UTC


def _mail_moment(written: str) -> datetime:
    moment = parsedate_to_datetime(unquote_plus(written))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)  # -0000: no zone is known


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
            moment = _mail_moment(written)
        elif match["basic"]:
            moment = datetime.strptime(written, "%Y%m%dT%H%M%SZ")
        else:
            moment = _iso_moment(written)
    except (ValueError, OverflowError):
        return None
    # A time without a zone is only compared with others without a zone, so any zone serves.
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _iso_moment(written: str) -> datetime:
    """Return an ISO time. Raises ValueError for one that does not exist."""
    day, clock = written[:10], written[10:]
    plain = unquote(clock.replace("+", " ", clock.startswith("+")))
    return datetime.fromisoformat(day + plain)
