"""Find known secrets in a text, in any encoding, and replace them in the same encoding.

Most texts hold no secret. One search over the text and all its unescaped variants shows that. Only
if there is a hit, each chain of escapes is undone with a record of positions, so that exactly the
characters that encode the secret are replaced in the original text.
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
    edit_encoded,
    encoded_forms,
    unescape,
    unescaped_variants,
)
from .placeholders import PLACEHOLDER

_CHUNK = 1 << 16
"""Characters that are searched at once, which bounds the memory."""
_MAX_SEPARATE_SEARCHES = 64
"""Up to so many needles are searched one by one, which saves 23 % of a recording: one pass over the
text is slower for few needles."""
_MAX_DEPTH = 3
"""Levels of base64 or hex within each other that are decoded."""


class _Needles:
    """A set of strings to search for. The time of a search does not grow with their number."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._all: list[str] = []
        self._by_start: dict[str, dict[int, set[str]]] = {}
        """By the first MIN_SEARCH_LENGTH characters, then by length, the longest first."""

    def add(self, needle: str) -> None:
        with self._lock:
            self._all.append(needle)
            by_length = self._by_start.get(needle[:MIN_SEARCH_LENGTH], {})
            if len(needle) in by_length:
                by_length[len(needle)].add(needle)
                return
            # A new dict, since another thread may be iterating over the old one.
            items = {**by_length, len(needle): {needle}}.items()
            longest_first = dict(sorted(items, key=itemgetter(0), reverse=True))
            self._by_start[needle[:MIN_SEARCH_LENGTH]] = longest_first

    def any_in(self, text: str) -> bool:
        if len(self._all) < _MAX_SEPARATE_SEARCHES:
            return any(needle in text for needle in list(self._all))
        return self._has_start_in(text) and next(self._scan(text), None) is not None

    def _has_start_in(self, text: str) -> bool:
        for chunk in range(0, len(text), _CHUNK):
            end = min(chunk + _CHUNK, len(text) - MIN_SEARCH_LENGTH + 1)
            starts = {text[n : n + MIN_SEARCH_LENGTH] for n in range(chunk, end)}
            with self._lock:
                if self._by_start.keys() & starts:
                    return True
        return False

    def positions_in(self, text: str) -> Iterator[tuple[int, str]]:
        """Yield position and needle in order; of needles at one position, the longest first."""
        if len(self._all) < _MAX_SEPARATE_SEARCHES:
            found = [(at, needle) for needle in list(self._all) for at in _positions(needle, text)]
            return iter(sorted(found, key=lambda hit: (hit[0], -len(hit[1]))))
        return self._scan(text)

    def _scan(self, text: str) -> Iterator[tuple[int, str]]:
        for at in range(len(text) - MIN_SEARCH_LENGTH + 1):
            by_length = self._by_start.get(text[at : at + MIN_SEARCH_LENGTH])
            for length, needles in by_length.items() if by_length else ():
                if (found := text[at : at + length]) in needles:
                    yield at, found


def _positions(needle: str, text: str) -> Iterator[int]:
    at = text.find(needle)
    while at >= 0:
        yield at
        at = text.find(needle, at + 1)


class Finder:
    """Finds a growing set of values in texts; safe to use from several threads."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._lock = threading.Lock()
        self._values = _Needles()
        self._encoded = _Needles()
        for value in values:
            self.add(value)

    def add(self, value: str) -> None:
        """Add a value of at least MIN_SEARCH_LENGTH characters."""
        with self._lock:
            self._values.add(value)
            for needle in encoded_forms(value):
                self._encoded.add(needle)

    def values_in(self, text: str) -> set[str]:
        """Return the values in `text`, except those that are only a part of a placeholder."""
        found: set[str] = set()

        def note(value: str) -> str:
            found.add(value)
            return value

        self.replace(text, note)
        return found

    def replace(self, text: str, replacement: Callable[[str], str], depth: int = 0) -> str:
        """Return the text with `replacement(value)` in the place of each value.

        `depth` counts the base64 or hex strings that the text was decoded from.
        """
        variants = "\0".join(unescaped_variants(text))
        has_value, has_encoded = self._values.any_in(variants), self._encoded.any_in(variants)
        if not (has_value or has_encoded) or depth > _MAX_DEPTH:
            return text
        # The longest chain first: if a value starts with a quote, the backslash that escapes the
        # quote has to be replaced too.
        for chain in reversed(ESCAPE_CHAINS):
            if has_value and (unescaped := unescape(text, chain)):
                edits = list(self._edits(unescaped.text, replacement))
                text = unescaped.apply(edits, text)
            if has_encoded and (unescaped := unescape(text, chain)):
                inner = edit_encoded(
                    unescaped.text, lambda decoded: self.replace(decoded, replacement, depth + 1)
                )
                text = unescaped.apply(sorted(_without_overlaps(inner)), text)
        return text

    def _edits(self, text: str, replacement: Callable[[str], str]) -> Iterator[Edit]:
        """Yield an edit for each value, except within a placeholder."""
        placeholders = _Matches(PLACEHOLDER, text)
        done = 0
        for at, value in self._values.positions_in(text):
            if at < done:
                continue
            end = at + len(value)
            if not placeholders.contain(at, end):
                yield at, end, replacement(value)
                done = end


class _Matches:
    """The matches of a pattern in a text, searched for when they are first needed."""

    def __init__(self, pattern: re.Pattern[str], text: str) -> None:
        self._search = pattern.finditer
        self._text = text
        self._ends: dict[int, int] | None = None
        self._starts: list[int] = []

    def contain(self, start: int, end: int) -> bool:
        """Whether the span is a part of one match, and not the whole of it."""
        if self._ends is None:
            self._ends = dict(found.span() for found in self._search(self._text))
            self._starts = list(self._ends)
        n = bisect_right(self._starts, start) - 1
        if n < 0:
            return False
        first, last = self._starts[n], self._ends[self._starts[n]]
        return end <= last and (first, last) != (start, end)


def _without_overlaps(edits: Iterable[Edit]) -> Iterator[Edit]:
    """Yield the edits, of those that overlap only the first."""
    taken: list[tuple[int, int]] = []
    for start, end, text in edits:
        if all(end <= a or b <= start for a, b in taken):
            taken.append((start, end))
            yield start, end, text
