"""JSON bodies as indented blocks that people can read and edit.

A body becomes a block only if the block gives exactly its bytes back. For that, the cassette keeps
the name of the style in which the server or client wrote the JSON.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterable
from json.encoder import encode_basestring as _quoted
from math import isfinite

_START_SIZE = 4096


class Block(str):
    """Text that YAML writes as a literal block (`|`)."""


class JsonStyle:
    """How JSON is written: its separators, whether it is pure ASCII, and what follows it."""

    def __init__(self, comma: str, colon: str, ascii_only: bool, end: str = "") -> None:
        # `json.dumps` would make an encoder for each body: 4 % of loading a cassette.
        self._encoder = json.JSONEncoder(separators=(comma, colon), ensure_ascii=ascii_only)
        self._end = end

    def write(self, value: object) -> bytes:
        """Return the JSON text of `value` in this style.

        Raises ValueError for text that UTF-8 cannot hold (a lone surrogate).
        """
        return (self._encoder.encode(value) + self._end).encode()


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
"""The styles that a cassette can name. Cassettes on disk use these names: never rename one."""

_SPACED_FIRST = sorted(JSON_STYLES, key=lambda name: not name.startswith("spaced"))


def text_of(body: bytes) -> str | None:
    """Return the body as text, or None if it is not UTF-8.

    The first bytes of a big body are decoded alone first. Most binary bodies fail there, and
    Python's error would otherwise hold a copy of the whole body: 25 ms for 50 MB.
    """
    try:
        if len(body) > _START_SIZE:
            codecs.utf_8_decode(body[:_START_SIZE], "strict", False)
        return body.decode()
    except UnicodeDecodeError:
        return None


def indented(body: bytes) -> tuple[str, str] | None:
    """Return a JSON object or array as an indented block, and the name of its style.

    Returns None for a body that is something else, or that no style gives back byte for byte.
    """
    if body[:1] not in (b"{", b"["):
        return None
    try:
        value = json.loads(body)
        style = next((n for n in _styles(body) if JSON_STYLES[n].write(value) == body), None)
        return (_block(value, "\n"), style) if style else None
    except (ValueError, RecursionError):
        return None


def _styles(body: bytes) -> Iterable[str]:
    """Return the names of the styles, the most likely ones first.

    Some bodies, such as `{}`, fit two styles. The order decides then, and must not change.
    """
    has_separators = body.startswith((b"{", b"[{")) and b'": ' in body
    return _SPACED_FIRST if has_separators else JSON_STYLES


def _block(value: object, pad: str) -> str:
    """Return what `json.dumps` gives with an indent of 2. This saves 4 % of a recording."""
    if type(value) is str:
        return _quoted(value)
    if isinstance(value, dict) and value:
        inner, items = f"{pad}  ", []
        for name, item in value.items():
            # Most items are texts. Without a call for each, a body takes a third less.
            written = _quoted(item) if type(item) is str else _block(item, inner)
            items.append(f"{_quoted(name)}: {written}")
        return f"{{{inner}{f',{inner}'.join(items)}{pad}}}"
    if isinstance(value, list) and value:
        inner = f"{pad}  "
        if len(value) > _MAX_ITEMS:
            return f"[{inner}{_long_list(value, inner)}{pad}]"
        items = []
        for item in value:
            items.append(_quoted(item) if type(item) is str else _block(item, inner))
        return f"[{inner}{f',{inner}'.join(items)}{pad}]"
    return _written_scalar(value)


def _written_scalar(value: object) -> str:
    """Return what `json.dumps` gives for a number, a boolean, null, or an empty container."""
    if value is True or value is False:
        return "true" if value else "false"
    is_plain = type(value) is int or (type(value) is float and isfinite(value))
    return repr(value) if is_plain else json.dumps(value)


_MAX_ITEMS = 1000
"""Items of a list that are written at once. A list of all texts would take ten times their size."""


def _long_list(items: list[object], pad: str) -> str:
    parts = range(0, len(items), _MAX_ITEMS)
    texts = (f",{pad}".join(_block(i, pad) for i in items[n : n + _MAX_ITEMS]) for n in parts)
    return f",{pad}".join(texts)


def from_indented(block: str, style: str) -> bytes:
    """Return the body that `indented` was given. The block may have been edited by hand.

    Raises KeyError for an unknown style, ValueError for a block that is not JSON.
    """
    return JSON_STYLES[style].write(json.loads(block))
