"""What a text has only without its escapes, for a quick search.

Most texts have few escapes. Only around these can something be that the text as it is written does
not have, and it contains a character that is escaped there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ...patterns import lazy_regex
from .encodings import INNER_ESCAPES

_MARKERS = "\\%&+"
_ANY_MARKER = lazy_regex(r"[\\%&+]")
_LONGEST_ESCAPE = 12
"""Characters."""


class Reading(NamedTuple):
    """A text without its escapes."""

    text: str
    characters: frozenset[str]
    """What the escapes stood for."""


def readings_without_escapes(text: str, width: int) -> Iterator[Reading]:
    """Yield what a text has only without its escapes, by each chain that applies to it.

    These are the parts around the escapes, in which something of up to `width` characters may be
    that was not in the text as it is written. It contains one of the decoded characters.
    """
    if not ("\\" in text or "%" in text or "&" in text):
        return
    text = _around_escapes(text, width)
    for outer, inner in INNER_ESCAPES.items():
        if outer.marker in text and (characters := outer.characters_in(text)):
            reading = outer.undo(text)
            yield Reading(reading, characters)
            for escapes in inner:
                if escapes.marker in reading and (more := escapes.characters_in(reading)):
                    yield Reading(escapes.undo(reading), characters | more)


def _around_escapes(text: str, width: int) -> str:
    """Return what is around escapes, up to `width` characters before and behind each."""
    if sum(map(text.count, _MARKERS)) * 2 * width > len(text):
        return text
    parts: list[str] = []
    start = end = 0
    for found in _ANY_MARKER.finditer(text):
        at = found.start()
        if at > end + width:
            parts.append(text[start : end + width])
            start = max(0, at - width)
        end = at + _LONGEST_ESCAPE
    return "\n".join([*parts, text[start : end + width]])
