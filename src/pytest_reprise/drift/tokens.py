"""Tokens of texts, and the forms by which values that a server or a seed makes are recognised."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Literal, NamedTuple, TypeAlias

from ..matching.times import map_times, time_form
from ..scrub.replace.placeholders import replace_placeholders

Kind: TypeAlias = Literal["word", "time", "secret"]

TIME_MARK = "\0"
SECRET_MARK = "\1"
"""The texts in the place of times and of secrets' placeholders while the words are found."""
_TOKEN = re.compile(rf"[{TIME_MARK}{SECRET_MARK}]|(?:(?<!%)(?<!%.)[\w-])+", re.DOTALL)
"""The two digits of a percent-escape belong to no word."""
_KINDS: dict[str, Kind] = {TIME_MARK: "time", SECRET_MARK: "secret"}


class Token(NamedTuple):
    """A word, a number, a time or a placeholder in a text."""

    text: str
    kind: Kind = "word"


class Tokens(NamedTuple):
    """The tokens of a text, and the marks before, between and after them."""

    found: list[Token]
    marks: list[str]

    def joined(self) -> str:
        """Return the text."""
        parts = [self.marks[0]]
        for token, mark in zip(self.found, self.marks[1:], strict=True):
            parts += token.text, mark
        return "".join(parts)


def tokens(text: str, now: float) -> Tokens:
    """Return the tokens of a text that was recorded at `now`, in seconds since 1970."""
    if TIME_MARK in text or SECRET_MARK in text:
        return Tokens([Token(text)], ["", ""])
    times: list[str] = []
    secrets: list[str] = []
    plain = replace_placeholders(text, lambda found: secrets.append(found) or SECRET_MARK)  # type: ignore[func-returns-value]
    marked = marked_times(plain, now, times)
    left = {TIME_MARK: iter(times), SECRET_MARK: iter(secrets)}
    words = _TOKEN.findall(marked)
    found = [Token(next(left[w]), _KINDS[w]) if w in left else Token(w) for w in words]
    return Tokens(found, _TOKEN.split(marked))


_LONGEST_BINARY = 65536
"""Bytes of a binary body in which words are searched, so that a large upload takes no time."""


def has_words(old: bytes, new: bytes) -> bool:
    """Whether words are searched in two binary bodies."""
    return max(len(old), len(new)) <= _LONGEST_BINARY


_NO_MARKS = str.maketrans({ord(TIME_MARK): 0xDC00, ord(SECRET_MARK): 0xDC01})
_MARKS_AGAIN = str.maketrans({0xDC00: TIME_MARK, 0xDC01: SECRET_MARK})


def as_text(body: bytes) -> str:
    """Return a binary body as a text in which bytes that are not ASCII belong to no word."""
    return body.decode("ascii", "surrogateescape").translate(_NO_MARKS)


def as_bytes(text: str) -> bytes:
    """Return the body of such a text."""
    return text.translate(_MARKS_AGAIN).encode("utf-8", "surrogateescape")


def folded(pair: tuple[str, str]) -> tuple[str, str]:
    """Return a pair of words in one case: code that sends a value may have changed it."""
    return pair[0].casefold(), pair[1].casefold()


def marked_times(text: str, now: float, times: list[str] | None = None) -> str:
    """Return the text with TIME_MARK in the place of each time, and append these to `times`."""

    def mark(written: str, _seconds: float) -> str:
        if times is not None:
            times.append(written)
        return TIME_MARK

    return map_times(text, now, mark)


# --- forms ------------------------------------------------------------------------------------

_UUID = re.compile(
    r"(?<![0-9a-z])[0-9a-f]{8}(-?)[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{12}(?![0-9a-z])",
    re.IGNORECASE,
)
_HEX = re.compile(r"[0-9a-f]{8,}|[0-9A-F]{8,}")
_LETTERS_AND_DIGITS = re.compile(r"[A-Za-z0-9]{10,}")
_OPAQUE = re.compile(r"[\w-]{16,}", re.ASCII)
_ATOMS = re.compile("[-_]")
_MOST_REMEMBERED = 4096
"""Words, most of which come again in other interactions."""


UUID1 = re.compile(
    r"(?<![0-9a-f])[0-9a-f]{8}(-?)[0-9a-f]{4}\1(?=1)[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{12}"
    r"(?![0-9a-f])",
    re.IGNORECASE,
)
"""A UUID of version 1, which has a time."""


def on_old_clock(word: str, moved: Mapping[str, str]) -> str:
    """Return the word with the old UUIDs, which are given by the new ones in lower case."""
    if not moved:
        return word

    def old(found: re.Match[str]) -> str:
        text = moved.get(found[0].lower(), found[0])
        return text.upper() if found[0].isupper() else text

    return UUID1.sub(old, word)


_PART = re.compile(rf"{_UUID.pattern}|[A-Za-z0-9]+", re.IGNORECASE)
_NUMBER = re.compile(r"[0-9]+")


def with_parts(word: str, old_of: Mapping[str, str], min_digits: int = 1) -> str:
    """Return a word with the old parts by the new ones: a test may make `name-7` of the id 7.

    Parts are UUIDs, what is between `-` and `_`, and numbers with so many digits.
    """

    def number(found: re.Match[str]) -> str:
        return old_of.get(found[0], found[0]) if len(found[0]) >= min_digits else found[0]

    def part(found: re.Match[str]) -> str:
        text = found[0]
        if text in old_of and not text.isdecimal():
            return old_of[text]
        return text if _UUID.fullmatch(text) else _NUMBER.sub(number, text)

    return _PART.sub(part, word)


def are_generated(old: str, new: str) -> bool:
    """Whether two different words were made at random, in the same form.

    So are UUIDs, and words of the same length with hexadecimal or with random parts, as
    `cus_9aF0bX21kZ`. Names, dates and numbers are not.
    """
    old, new = _UUID.sub("uuid", old), _UUID.sub("uuid", new)
    if old == new:
        return True
    if len(old) != len(new):
        return False
    if all(map(_OPAQUE.fullmatch, (old, new))) and _is_mixed(old, 3) and _is_mixed(new, 3):
        return True
    if _ATOMS.findall(old) != _ATOMS.findall(new):
        return False
    atoms = zip(_ATOMS.split(old), _ATOMS.split(new), strict=True)
    return all(one == other or _are_random(one, other) for one, other in atoms)


def _are_random(old: str, new: str) -> bool:
    """Whether two parts of words are random and have the same form."""
    if len(old) != len(new) or not (_is_mixed(old) or _is_mixed(new)):
        return False
    if _HEX.fullmatch(old) and _HEX.fullmatch(new):
        return True
    is_long = _LETTERS_AND_DIGITS.fullmatch(old) and _LETTERS_AND_DIGITS.fullmatch(new)
    return is_long is not None and _is_mixed(old) and _is_mixed(new)


def _is_mixed(text: str, kinds: int = 2) -> bool:
    """Whether a text has letters and at least two digits; with 3 kinds letters in both cases."""
    digits = sum(character.isdecimal() for character in text)
    if digits < 2 or digits == len(text):
        return False
    return kinds == 2 or (text != text.lower() and text != text.upper())


@lru_cache(_MOST_REMEMBERED)
def is_generated(word: str) -> bool:
    """Whether a word alone looks as if it was made at random."""
    backwards = word[::-1]
    is_random = word != backwards and are_generated(word, backwards)
    return is_random or _UUID.sub("", word) != word


def are_same_time(old: Token, new: Token) -> bool:
    """Whether both are times in the same form."""
    return old.kind == new.kind == "time" and time_form(old.text) == time_form(new.text)
