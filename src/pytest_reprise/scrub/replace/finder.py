"""Find known secrets in a text, in any encoding, and replace them in the same encoding.

Most texts hold no secret. One search over the text and all its unescaped variants shows that. Only
if there is a hit, each chain of escapes is undone with a record of positions, so that exactly the
characters that encode the secret are replaced in the original text.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from operator import itemgetter

from ...patterns import lazy_regex
from .encodings import (
    ESCAPE_CHAINS,
    MIN_SEARCH_LENGTH,
    Edit,
    edit_encoded,
    encoded_forms,
    unescape,
    variants_by_chain,
)
from .forms import to_json_integer
from .placeholders import placeholders_in
from .readings import readings_without_escapes

_ASCII = lazy_regex(r"[\t\n\r -~]*")
_CHUNK = 1 << 16
"""Characters that are searched at once, which bounds the memory."""
_FEW, _MANY = 64, 128
"""Up to so many needles are searched one by one, in a short and in a long text. This saves 23 % of
a recording: one pass over the text is slower for few needles."""
_LONG = 1000
"""Characters of a long text."""
_GRAM, _STRIDE = 5, 4
"""Characters that are compared first, and where: any needle of MIN_SEARCH_LENGTH covers a gram that
starts at a multiple of the stride."""
_MAX_DEPTH = 3
"""Levels of base64 or hex within each other that are decoded."""


class _Needles:
    """A set of strings to search for. The time of a search does not grow with their number."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._all: list[str] = []
        self._by_start: dict[str, dict[int, set[str]]] = {}
        """By the first MIN_SEARCH_LENGTH characters, then by length, the longest first."""
        self._grams: set[str] = set()
        """All that a text can have at a multiple of _STRIDE if a needle is there."""
        self.characters: set[str] = set()
        """All characters of needles."""
        self.longest = 0
        """Characters of the longest needle."""

    def add(self, needle: str) -> None:
        with self._lock:
            self._all.append(needle)
            self.longest = max(self.longest, len(needle))
            self.characters.update(needle)
            self._grams.update((needle[:5], needle[1:6], needle[2:7], needle[3:8]))
            by_length = self._by_start.get(needle[:MIN_SEARCH_LENGTH])
            if by_length is None:
                self._by_start[needle[:MIN_SEARCH_LENGTH]] = {len(needle): {needle}}
                return
            if len(needle) in by_length:
                by_length[len(needle)].add(needle)
                return
            # A new dict, since another thread may be iterating over the old one.
            items = {**by_length, len(needle): {needle}}.items()
            longest_first = dict(sorted(items, key=itemgetter(0), reverse=True))
            self._by_start[needle[:MIN_SEARCH_LENGTH]] = longest_first

    def any_in(self, text: str) -> bool:
        if len(self._all) < (_MANY if len(text) > _LONG else _FEW):
            return any(map(text.__contains__, list(self._all)))
        return next(self._scan(text), None) is not None

    def positions_in(self, text: str) -> Iterator[tuple[int, str]]:
        """Yield position and needle in order; of needles at one position, the longest first."""
        if len(self._all) < (_MANY if len(text) > _LONG else _FEW):
            found = [(at, needle) for needle in list(self._all) for at in _positions(needle, text)]
            return iter(sorted(found, key=lambda hit: (hit[0], -len(hit[1]))))
        return self._scan(text)

    def _scan(self, text: str) -> Iterator[tuple[int, str]]:
        done = 0
        for gram in self._grams_in(text):
            for at in range(max(done, gram - _STRIDE + 1), gram + 1):
                by_length = self._by_start.get(text[at : at + MIN_SEARCH_LENGTH])
                for length, needles in by_length.items() if by_length else ():
                    if (found := text[at : at + length]) in needles:
                        yield at, found
            done = gram + 1

    def _grams_in(self, text: str) -> Iterator[int]:
        """Yield the positions at which a gram of a needle is, in order."""
        for chunk in range(0, len(text), _CHUNK):
            starts = range(chunk, min(chunk + _CHUNK, len(text)), _STRIDE)
            with self._lock:
                is_possible = not self._grams.isdisjoint([text[n : n + _GRAM] for n in starts])
            if is_possible:
                yield from (n for n in starts if text[n : n + _GRAM] in self._grams)


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
        self.is_ascii = True
        """Whether all values are ASCII without control characters other than white space."""
        for value in values:
            self.add(value)

    def add(self, value: str) -> None:
        """Add a value of at least MIN_SEARCH_LENGTH characters."""
        with self._lock:
            self._values.add(value)
            self.is_ascii = self.is_ascii and _ASCII.fullmatch(value) is not None
            for needle in encoded_forms(value):
                self._encoded.add(needle)

    def is_any_in(self, text: str) -> bool:
        """Return whether a value is in the text, in any encoding, or may be in a part of it."""
        if self._values.any_in(text) or self._encoded.any_in(text):
            return True
        width = max(self._values.longest, self._encoded.longest)
        return any(
            not reading.characters.isdisjoint(needles.characters) and needles.any_in(reading.text)
            for reading in readings_without_escapes(text, width)
            for needles in (self._values, self._encoded)
        )

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
        if depth > _MAX_DEPTH or not self.is_any_in(text):
            return text
        hits = {
            chain: (has_value, has_encoded)
            for chain, variant in variants_by_chain(text)
            if (has_value := self._values.any_in(variant))
            | (has_encoded := self._encoded.any_in(variant))
        }
        # The longest chain first: if a value starts with a quote, the backslash that escapes the
        # quote has to be replaced too.
        for chain in reversed(ESCAPE_CHAINS):
            has_value, has_encoded = hits.get(chain, (False, False))
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
        placeholders = _Placeholders(text)
        done = 0
        for at, value in self._values.positions_in(text):
            if at < done:
                continue
            end = at + len(value)
            if not placeholders.contain(at, end) and not _is_part_of_number(text, at, end):
                made = replacement(value)
                is_number = _is_json_number(text, at, end)
                yield at, end, _as_json_number(made, end - at) if is_number else made
                done = end


def _is_part_of_number(text: str, start: int, end: int) -> bool:
    """Whether digits stand within a longer number, which is equal to them there by chance only."""
    around = text[max(0, start - 1) : start], text[end : end + 1]
    return any(map(str.isdecimal, around)) and text[start:end].isdecimal()


_JSON_START = lazy_regex(r"\s*[{\[]")
_BEFORE_NUMBER = lazy_regex(r"[:\[,]\s{0,100}$")
_AFTER_NUMBER = lazy_regex(r"\s{0,100}(?:[,\]}]|$)")


def _is_json_number(text: str, start: int, end: int) -> bool:
    """Whether digits in a text are a number of a JSON document, and not a part of a string."""
    if not text[start:end].strip().isdecimal() or not _JSON_START.match(text):
        return False
    before = _BEFORE_NUMBER.search(text, max(0, start - 101), start)
    return before is not None and _AFTER_NUMBER.match(text, end) is not None


def _as_json_number(placeholder: str, size: int) -> str:
    """Return a JSON number for a placeholder: it cannot contain letters or begin with 0."""
    number = placeholder if placeholder.isdecimal() else placeholder.rpartition("-")[2].zfill(size)
    return to_json_integer(number) if number.isdecimal() else f'"{placeholder}"'


class _Placeholders:
    """The placeholders in a text, searched for when they are first needed."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._ends: dict[int, int] | None = None
        self._starts: list[int] = []

    def contain(self, start: int, end: int) -> bool:
        """Whether the span is a part of one placeholder, and not the whole of it."""
        if self._ends is None:
            # What may be a prefix may also be a secret that stands before the placeholder.
            found = list(placeholders_in(self._text))
            self._ends = {max(each.start(), each.start("core")): each.end() for each in found}
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
