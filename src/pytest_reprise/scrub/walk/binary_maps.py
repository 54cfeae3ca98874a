"""Visit the values of names in CBOR, MessagePack and BSON, without decoding the whole body.

All three write a name and its value one behind the other, each with its length. So a secret's name
is searched for, its length is checked, and the length of the value is read. A replacement has the
length of the value, so everything around it stays.

Sources: RFC 8949, section 3.1; MessagePack specification, formats str and bin; BSON specification.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ...patterns import lazy_regex
from ..rules.names import has_weak_head
from .anchors import lowered, positions
from .candidates import Walk

_NAME = lazy_regex(r"[A-Za-z_$][\w.$-]{1,40}", re.ASCII)
_LONGEST_NAME = 41
_TEXT = lazy_regex(r"[\t\n\r -~\x80-\xff]+")
"""Readable ASCII or UTF-8, as one character for each byte."""
_BSON_TYPES = ("\x02", "\x05")
"""A string, and binary data."""


def visit_binary_maps(text: str, walk: Walk) -> str:
    """Return a binary body, with one character for each byte, with its candidates replaced.

    The visitor has to keep the length of each value.
    """
    parts, done = list[str](), 0
    for at, end_of_hint in _hits(text, walk.rules.hints):
        found = _name_and_value(text, at, end_of_hint, walk) if at >= done else None
        if found:
            name, kind, first, last = found
            value = text[first:last]
            replaced = walk.replace_named(name, kind, value, "field", has_weak_head(name))
            parts += text[done:first], replaced
            done = last
    return "".join([*parts, text[done:]]) if parts else text


def _hits(text: str, hints: Iterable[str]) -> list[tuple[int, int]]:
    """Return the spans of what each name of a secret contains."""
    low = lowered(text)
    return sorted({(at, at + len(hint)) for hint in hints for at in positions(hint, low)})


def _name_and_value(
    text: str, at: int, end_of_hint: int, walk: Walk
) -> tuple[str, str, int, int] | None:
    """Return the secret's name around a hint, its kind, and the span of the value behind it."""
    for start in range(at, max(0, at - _LONGEST_NAME), -1):
        for length in _lengths(text, start):
            end = start + length
            if end < end_of_hint or not _NAME.fullmatch(text, start, end):
                continue
            kind = walk.rules.field_kind(text[start:end])
            span = _value_behind(text, start, end) if kind else None
            if kind and span and _TEXT.fullmatch(text, *span):
                return text[start:end], kind, *span
    return None


def _lengths(text: str, start: int) -> Iterator[int]:
    """Yield the lengths that the bytes before a name may give."""
    before = ord(text[start - 1])
    if 0x60 <= before <= 0x77:
        yield before - 0x60  # CBOR
    elif 0xA0 <= before <= 0xBF:
        yield before - 0xA0  # MessagePack
    elif text[start - 1] in _BSON_TYPES:
        end = text.find("\0", start, start + _LONGEST_NAME + 1)
        yield end - start
    if text[start - 2 : start - 1] in ("\x78", "\xd9"):
        yield before


def _value_behind(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Return the span of the string or bytes behind a name, or None if something else is there."""
    if text[start - 1] in _BSON_TYPES and text[end : end + 1] == "\0":
        size = int.from_bytes(text[end + 1 : end + 5].encode("latin-1"), "little")
        first = end + 5 if text[start - 1] == "\x02" else end + 6
        return _span(text, first, size - 1 if text[start - 1] == "\x02" else size)
    if end >= len(text):
        return None
    head = ord(text[end])
    for low, high in ((0x60, 0x77), (0x40, 0x57), (0xA0, 0xBF)):
        if low <= head <= high:
            return _span(text, end + 1, head - low)
    for heads, width in (((0x78, 0x58, 0xD9, 0xC4), 1), ((0x79, 0x59, 0xDA, 0xC5), 2)):
        if head in heads:
            size = int.from_bytes(text[end + 1 : end + 1 + width].encode("latin-1"), "big")
            return _span(text, end + 1 + width, size)
    return None


def _span(text: str, first: int, size: int) -> tuple[int, int] | None:
    return (first, first + size) if 0 < size <= len(text) - first else None
