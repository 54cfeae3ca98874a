"""Compressed bodies as text that people can read, and back to exactly the same bytes.

zlib gives the same bytes again if its parameters are known. Most servers use zlib, so these are
found by trying them. A cassette then holds the plain text without Content-Encoding, which vcrpy can
replay, and under `reprise:` the recipe:

    response_coding: gzip level=6 memory=8 start=1f8b0800000000000003 header=content-encoding@4

`start` is the header of the gzip format (RFC 1952, section 2.3) with its time and operating system.
`header` is the name of Content-Encoding as it was received, and its position among the headers.
Another implementation of zlib may give other bytes for the same recipe, with the same content.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from ..exchange import Headers, header

_MAX_PLAIN_SIZE = 1_000_000
"""Bytes. A bigger body stays compressed; also the bound for what is decompressed here."""
_SAMPLE_SIZE = 65_536
"""Bytes that are compressed to try parameters. The rest follows only if these fit."""
_GZIP_START = 10
"""Bytes of the gzip header without optional fields."""
_RECIPE = re.compile(
    r"(gzip|x-gzip|deflate|raw-deflate) level=([1-9]) memory=([89])"
    r"(?: start=([0-9a-f]{20}))? header=([^\s@]+)@([0-9]{1,4})"
)
_RAW = -zlib.MAX_WBITS


class PlainBody(NamedTuple):
    """A body without its compression, its headers, and the recipe to compress it again."""

    body: bytes
    headers: Headers
    recipe: str


class _Deflated(NamedTuple):
    """The parts of a compressed body: what is before and after the deflated data."""

    coding: str
    start: bytes
    data: bytes
    plain: bytes


def plain_body(body: bytes, headers: Headers) -> PlainBody | None:
    """Return a compressed body as text, or None if it is not text or cannot be restored."""
    found = _deflated(body, headers)
    if found is None or not _is_text(found.plain):
        return None
    if header(headers, "content-length") not in (None, str(len(body))):
        return None
    for level, memory in _parameters(found):
        if _fits(found, level, memory):
            position = _position(headers)
            start = f" start={found.start.hex()}" if "gzip" in found.coding else ""
            place = f"header={headers[position][0]}@{position}"
            recipe = f"{found.coding} level={level} memory={memory}{start} {place}"
            others = headers[:position] + headers[position + 1 :]
            made = PlainBody(found.plain, _with_length(others, len(found.plain)), recipe)
            is_exact = restored(*made) == (body, headers)
            return made if is_exact else None
    return None


def shown_body(body: bytes, headers: Headers) -> bytes | None:
    """Return the text in a compressed body, for readers; None if it is not text."""
    found = _deflated(body, headers)
    return found.plain if found and _is_text(found.plain) else None


def restored(plain: bytes, headers: Headers, recipe: str) -> tuple[bytes, Headers]:
    """Return the compressed body and the headers that `plain_body` was given.

    The text may have been edited. Raises ValueError for a recipe that is not one.
    """
    match = _RECIPE.fullmatch(recipe)
    if match is None:
        raise ValueError(recipe)
    coding, level, memory, start, name, position = match.groups()
    if ("gzip" in coding) != bool(start):
        raise ValueError(recipe)
    wrapped = zlib.MAX_WBITS if coding == "deflate" else _RAW
    compressor = zlib.compressobj(int(level), zlib.DEFLATED, wrapped, int(memory))
    body = compressor.compress(plain) + compressor.flush()
    if start:
        body = bytes.fromhex(start) + body + _trailer(plain)
    value = coding.removeprefix("raw-")
    place = int(position)
    others = _with_length(headers, len(body))
    return body, (*others[:place], (name, value), *others[place:])


def _deflated(body: bytes, headers: Headers) -> _Deflated | None:
    """Return the parts of a complete body in gzip or deflate, and in no other coding."""
    codings = [value for name, value in headers if name.lower() == "content-encoding"]
    coding = codings[0] if len(codings) == 1 else ""
    if coding in ("gzip", "x-gzip"):
        start, data, end = body[:_GZIP_START], body[_GZIP_START:-8], body[-8:]
        plain = _inflated(data, _RAW) if start[:4] == b"\x1f\x8b\x08\x00" else None
        is_whole = plain is not None and end == _trailer(plain)
        return _Deflated(coding, start, data, plain) if is_whole and plain is not None else None
    if coding == "deflate":
        for kind, bits in (("deflate", zlib.MAX_WBITS), ("raw-deflate", _RAW)):
            plain = _inflated(body, bits)
            if plain is not None:
                return _Deflated(kind, b"", body, plain)
    return None


def _inflated(data: bytes, bits: int) -> bytes | None:
    """Return the decompressed data, or None if it is broken, incomplete, or too big."""
    reader = zlib.decompressobj(bits)
    try:
        plain = reader.decompress(data, _MAX_PLAIN_SIZE)
    except zlib.error:
        return None
    return plain if reader.eof and not reader.unused_data else None


def _parameters(found: _Deflated) -> Iterator[tuple[int, int]]:
    """Yield levels and memory levels, the most likely first.

    The ninth byte of gzip says whether the best or the fastest level was used.
    """
    hint = {2: [9], 4: [1]}.get(found.start[8] if found.start else 0, [6, 9, 1, 5, 4, 3, 2, 7, 8])
    return ((level, memory) for level in hint for memory in (8, 9))


def _fits(found: _Deflated, level: int, memory: int) -> bool:
    """Whether these parameters give the data. A wrong first part ends the comparison."""
    bits = zlib.MAX_WBITS if found.coding == "deflate" else _RAW
    compressor = zlib.compressobj(level, zlib.DEFLATED, bits, memory)
    first = compressor.compress(found.plain[:_SAMPLE_SIZE])
    if not found.data.startswith(first):
        return False
    return (
        found.data == first + compressor.compress(found.plain[_SAMPLE_SIZE:]) + compressor.flush()
    )


def _trailer(plain: bytes) -> bytes:
    """Return the end of the gzip format: checksum and size of the plain data."""
    return struct.pack("<II", zlib.crc32(plain), len(plain) & 0xFFFFFFFF)


def _is_text(plain: bytes) -> bool:
    try:
        return bool(plain) and "\0" not in plain.decode()
    except UnicodeDecodeError:
        return False


def _position(headers: Headers) -> int:
    return next(n for n, h in enumerate(headers) if h[0].lower() == "content-encoding")


def _with_length(headers: Headers, length: int) -> Headers:
    """Return the headers with Content-Length, where they have one, set to `length` bytes."""
    return tuple((n, str(length) if n.lower() == "content-length" else v) for n, v in headers)
