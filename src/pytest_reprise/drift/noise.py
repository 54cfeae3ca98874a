"""Noise: what differs between two recordings of an API that has not changed.

`Noise` compares two texts of the same place, one of the old recording and one of the new. Text is
compared by tokens: the marks between the tokens have to be equal.

| rule | what is noise |
|---|---|
| `header` | values of headers that differ each time: dates, ids of requests, durations |
| `time` | two times in the same form, each close to the time of its own recording |
"""

from __future__ import annotations

import re
from typing import NamedTuple

from ..matching.times import map_times, shifted, time_form

VOLATILE_HEADERS = frozenset(
    "date age expires server-timing x-runtime x-response-time cf-ray x-request-id request-id "
    "x-correlation-id x-trace-id x-amzn-requestid x-amzn-trace-id x-amz-request-id x-amz-id-2 "
    "x-amz-cf-id x-ms-request-id x-github-request-id traceresponse traceparent tracestate".split()
)
"""Headers that differ each time: dates, ids of requests, durations."""

TIME_MARK = "\0"
"""The text in the place of a time while the words around it are found."""
_TOKEN = re.compile(rf"{TIME_MARK}|[\w-]+")


class Clocks(NamedTuple):
    """When two recordings began, in seconds since 1970."""

    old: float
    new: float


class Noise:
    """The rules for one cassette: what may differ between its old and its new recording.

    With `keeps_clock` the cassette stays on the clock of its old recording: times are noise, and
    those of a change are moved to that clock.
    """

    def __init__(self, clocks: Clocks, keeps_clock: bool = True) -> None:
        self._clocks = clocks
        self._keeps_clock = keeps_clock
        self.took_time = False
        """Whether a time of the new recording was taken."""

    def is_noise(self, old: str, new: str) -> bool:
        """Whether two texts of the same place have the same meaning."""
        if old == new:
            return True
        before, now = tokens(old, self._clocks.old), tokens(new, self._clocks.new)
        if before is None or now is None or before.marks != now.marks:
            return False
        return all(map(self._is_noise, before.found, now.found))

    def _is_noise(self, old: Token, new: Token) -> bool:
        if old.is_time and new.is_time and self._keeps_clock:
            return time_form(old.text) == time_form(new.text)
        return old == new

    def to_recorded(self, text: str) -> str:
        """Return a text of the new recording with its times on the clock of the cassette."""
        later = self._clocks.old - self._clocks.new if self._keeps_clock else 0.0

        def move(written: str, _seconds: float) -> str:
            self.took_time = True
            return shifted(written, later) if later else written

        return map_times(text, self._clocks.new, move)


class Token(NamedTuple):
    """A word, a number or a time in a text."""

    text: str
    is_time: bool


class Tokens(NamedTuple):
    """The tokens of a text, and the marks before, between and after them."""

    found: list[Token]
    marks: list[str]


def tokens(text: str, now: float) -> Tokens | None:
    """Return the tokens of a text that was recorded at `now`, in seconds since 1970.

    None for a text that contains the mark which is used for times.
    """
    if TIME_MARK in text:
        return None
    times: list[str] = []
    marked = marked_times(text, now, times)
    left = iter(times)
    words = _TOKEN.findall(marked)
    found = [Token(next(left), True) if w == TIME_MARK else Token(w, False) for w in words]
    return Tokens(found, _TOKEN.split(marked))


def marked_times(text: str, now: float, times: list[str] | None = None) -> str:
    """Return the text with TIME_MARK in the place of each time, and append these to `times`."""

    def mark(written: str, _seconds: float) -> str:
        if times is not None:
            times.append(written)
        return TIME_MARK

    return map_times(text, now, mark)
