"""Bodies as people can read them: JSON as an indented block, where that is exactly reversible."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterable
from functools import cache
from json.encoder import encode_basestring as _quoted
from typing import NamedTuple

_START = 4096


class Block(str):
    """Text that is written as a literal block."""


class JsonStyle(NamedTuple):
    """How a server or client wrote its JSON; with it the indented block gives the bytes back."""

    comma: str
    colon: str
    ascii_only: bool
    end: str = ""

    def write(self, value: object) -> bytes:
        """Raises ValueError where UTF-8 cannot hold the text (a lone surrogate)."""
        return (_encoder(self).encode(value) + self.end).encode()


@cache
def _encoder(style: JsonStyle) -> json.JSONEncoder:
    separators = (style.comma, style.colon)
    return json.JSONEncoder(separators=separators, ensure_ascii=style.ascii_only)


JSON_STYLES: dict[str, JsonStyle] = {
    "compact": JsonStyle(",", ":", False),
    "spaced": JsonStyle(", ", ": ", False),
    "compact-ascii": JsonStyle(",", ":", True),
    "spaced-ascii": JsonStyle(", ", ": ", True),
    "compact-line": JsonStyle(",", ":", False, "\n"),
    "spaced-line": JsonStyle(", ", ": ", False, "\n"),
    "compact-ascii-line": JsonStyle(",", ":", True, "\n"),
    "spaced-ascii-line": JsonStyle(", ", ": ", True, "\n"),
}


_SPACED = sorted(JSON_STYLES, key=lambda name: not name.startswith("spaced"))


def text_of(body: bytes) -> str | None:
    """The body as text, or None where it is no UTF-8.

    Of a big one the start is looked at first: Python's error would hold a copy of all of it, which
    of 50 MB takes 25 ms.
    """
    try:
        if len(body) > _START:
            codecs.utf_8_decode(body[:_START], "strict", False)
        return body.decode()
    except UnicodeDecodeError:
        return None


def indented(body: bytes) -> tuple[str, str] | None:
    """A JSON object or array as an indented block and the name of its style, or None."""
    if body[:1] not in (b"{", b"["):
        return None
    try:
        value = json.loads(body)
        style = next((n for n in _styles(body) if JSON_STYLES[n].write(value) == body), None)
        return (_block(value, "\n"), style) if style else None
    except (ValueError, RecursionError):
        return None


def _styles(body: bytes) -> Iterable[str]:
    """The names of the styles, the likeliest first; where a body fits two, their order decides."""
    has_separators = body.startswith((b"{", b"[{")) and b'": ' in body
    return _SPACED if has_separators else JSON_STYLES


def _block(value: object, pad: str) -> str:
    """What `json.dumps` gives with an indent of 2, in two thirds of the time."""
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, dict) and value:
        inner, items = f"{pad}  ", []
        for name, item in value.items():
            items.append(f"{_quoted(name)}: {_block(item, inner)}")
        return f"{{{inner}{f',{inner}'.join(items)}{pad}}}"
    if isinstance(value, list) and value:
        inner, items = f"{pad}  ", []
        for item in value:
            items.append(_block(item, inner))
        return f"[{inner}{f',{inner}'.join(items)}{pad}]"
    return repr(value) if type(value) is int else json.dumps(value)


def from_indented(block: str, style: str) -> bytes:
    """The body that `indented` was given; also after the block was edited by hand.

    Raises KeyError for an unknown style, ValueError for a block that is no JSON.
    """
    return JSON_STYLES[style].write(json.loads(block))
