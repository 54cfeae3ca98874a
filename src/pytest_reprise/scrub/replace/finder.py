"""Find known values in a text, in whatever disguise.

Most texts hold none, which one search over all readings of a text tells. Only where there is one,
the reading that it was found in is laid over the text as it is written, so that the right
characters are replaced.
"""

from __future__ import annotations

import re
import threading
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from operator import itemgetter

from .encodings import (
    ESCAPE_CHAINS,
    MIN_SEARCH_LENGTH,
    Edit,
    blobs,
    coded,
    read,
    unescaped_variants,
)
from .placeholders import PLACEHOLDER

_CHUNK = 1 << 16
_FEW = 64
"""So many needles are looked for one by one, which is faster than one pass over the text."""
_DEEPEST = 3
"""Codes within codes that are opened."""


class _Needles:
    """Strings to look for; the cost of a look does not grow with their number."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._all: list[str] = []
        self._by_start: dict[str, dict[int, set[str]]] = {}
        """By first characters, and then by length, the longest first."""

    def add(self, needle: str) -> None:
        with self._lock:
            self._all.append(needle)
            begun = self._by_start.get(needle[:MIN_SEARCH_LENGTH], {})
            if len(needle) in begun:
                begun[len(needle)].add(needle)
                return
            # A new dict and not a longer one: another thread may be going through the old one.
            by_length = sorted(
                {**begun, len(needle): {needle}}.items(), key=itemgetter(0), reverse=True
            )
            self._by_start[needle[:MIN_SEARCH_LENGTH]] = dict(by_length)

    def any_in(self, text: str) -> bool:
        if len(self._all) < _FEW:
            return any(needle in text for needle in list(self._all))
        return self._may_be_in(text) and next(self._scan(text), None) is not None

    def _may_be_in(self, text: str) -> bool:
        for start in range(0, len(text), _CHUNK):
            end = min(start + _CHUNK, len(text) - MIN_SEARCH_LENGTH + 1)
            begins = {text[n : n + MIN_SEARCH_LENGTH] for n in range(start, end)}
            with self._lock:
                if self._by_start.keys() & begins:
                    return True
        return False

    def places_in(self, text: str) -> Iterator[tuple[int, str]]:
        """Where each needle stands, in order, the longest of those that begin at one place."""
        if len(self._all) < _FEW:
            found = [(at, n) for n in list(self._all) for at in _places(n, text)]
            return iter(sorted(found, key=lambda place: (place[0], -len(place[1]))))
        return self._scan(text)

    def _scan(self, text: str) -> Iterator[tuple[int, str]]:
        for at in range(len(text) - MIN_SEARCH_LENGTH + 1):
            begun = self._by_start.get(text[at : at + MIN_SEARCH_LENGTH])
            for length, needles in begun.items() if begun else ():
                if (found := text[at : at + length]) in needles:
                    yield at, found


def _places(needle: str, text: str) -> Iterator[int]:
    at = text.find(needle)
    while at >= 0:
        yield at
        at = text.find(needle, at + 1)


class Finder:
    """Safe to use from several threads; values may be added at any time."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._lock = threading.Lock()
        self._values = _Needles()
        self._coded = _Needles()
        for value in values:
            self.add(value)

    def add(self, value: str) -> None:
        """Know a value of at least MIN_SEARCH_LENGTH characters."""
        with self._lock:
            self._values.add(value)
            for needle in coded(value):
                self._coded.add(needle)

    def secrets_in(self, text: str) -> set[str]:
        """The values that stand in `text`, and not just as a part of a placeholder."""
        found: set[str] = set()

        def note(value: str) -> str:
            found.add(value)
            return value

        self.replace(text, note)
        return found

    def replace(self, text: str, put: Callable[[str], str], depth: int = 0) -> str:
        """`text` with `put(value)` in the place of each value."""
        whole = "\0".join(unescaped_variants(text))
        has_plain, has_coded = self._values.any_in(whole), self._coded.any_in(whole)
        if not (has_plain or has_coded) or depth > _DEEPEST:
            return text
        # Innermost first: a quote in a value takes along the backslash that escapes it.
        for way in reversed(ESCAPE_CHAINS):
            if has_plain and (reading := read(text, way)):
                text = reading.edited(text, list(self._plain_edits(reading.text, put)))
            if has_coded and (reading := read(text, way)):
                inner = blobs(reading.text, lambda inside: self.replace(inside, put, depth + 1))
                text = reading.edited(text, sorted(_apart(inner)))
        return text

    def _plain_edits(self, text: str, put: Callable[[str], str]) -> Iterator[Edit]:
        """A placeholder stays, whatever value a part of it happens to be."""
        kept = _Spans(PLACEHOLDER, text)
        done = 0
        for at, value in self._values.places_in(text):
            if at < done:
                continue
            end = at + len(value)
            if not kept.hold(at, end):
                yield at, end, put(value)
                done = end


class _Spans:
    """Where a pattern is found in a text, once it is asked for."""

    def __init__(self, pattern: re.Pattern[str], text: str) -> None:
        self._found = pattern.finditer
        self._text = text
        self._ends: dict[int, int] | None = None
        self._starts: list[int] = []

    def hold(self, start: int, end: int) -> bool:
        """Whether this is a part of one of them, and not the whole."""
        if self._ends is None:
            self._ends = dict(found.span() for found in self._found(self._text))
            self._starts = list(self._ends)
        n = bisect_right(self._starts, start) - 1
        if n < 0:
            return False
        first, last = self._starts[n], self._ends[self._starts[n]]
        return end <= last and (first, last) != (start, end)


def _apart(edits: Iterable[Edit]) -> Iterator[Edit]:
    """Of edits that overlap, the first."""
    taken: list[tuple[int, int]] = []
    for start, end, text in edits:
        if all(end <= a or b <= start for a, b in taken):
            taken.append((start, end))
            yield start, end, text
