"""Parameters with which a library compresses a text to exactly the same bytes again.

A compressed body does not name all of them, so the usual ones are tried. A recipe is their form in
a cassette:

    gzip level=6 memory=8 start=1f8b0800000000000003
    br quality=5 window=22
    zstd level=3 size=1 checksum=0

`start` is the header of the gzip format (RFC 1952, section 2.3) with its time and operating system.
`size` and `checksum` say whether a frame of Zstandard has these fields (RFC 8878, section 3.1.1).
Another version of a library may give other bytes for the same recipe, with the same content.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from ..content_codings import package
from ..patterns import lazy_regex

_PIECE = 65_536
"""Bytes that are compressed at once. Wrong parameters nearly always show in the first piece."""
_SLOW_SIZE = 10_000
"""Bytes of text for which slow parameters are tried. Each load compresses the text again, with
these at up to 3 ms for each kB."""
_GZIP_START = 10
"""Bytes of the gzip header without optional fields."""
_ZLIB_LEVELS = [6, 9, 1, 5, 4, 3, 2, 7, 8]
"""The most likely first, as in the other lists."""
_BROTLI_QUALITIES, _SLOW_BROTLI = [4, 5, 6, 1, 3, 2, 7, 8, 9, 0], [11, 10]
_ZSTD_LEVELS, _SLOW_ZSTD = [3, 1, 2, 4, 5, 6, 7, 8, 9], [*range(10, 23)]


class PackageMissingError(Exception):
    """The package for a coding is not installed."""


class _Compressor(Protocol):
    def compress(self, data: bytes, /) -> bytes: ...
    def flush(self) -> bytes: ...


def compress(recipe: str, plain: bytes) -> bytes:
    """Return the compressed text.

    Raises ValueError for a recipe that is not one, and PackageMissingError.
    """
    return b"".join(_pieces(_compressor(recipe, len(plain)), plain))


def coding_of(recipe: str) -> str:
    """Return the coding that a recipe is for, as Content-Encoding names it."""
    return recipe.partition(" ")[0].removeprefix("raw-")


def find_recipe(coding: str, body: bytes, plain: bytes) -> str | None:
    """Return the recipe that makes `body` of `plain`; None if none of the usual ones does.

    `plain` is the decompressed body, and not empty. `coding` is in lower case.
    """
    candidates = _CANDIDATES.get(coding)
    found = candidates(coding, body, plain) if candidates else ()
    return next((recipe for recipe in found if _gives(recipe, plain, body)), None)


def _gives(recipe: str, plain: bytes, body: bytes) -> bool:
    place = 0
    for made in _pieces(_compressor(recipe, len(plain)), plain):
        if not body.startswith(made, place):
            return False
        place += len(made)
    return place == len(body)


def _pieces(compressor: _Compressor, plain: bytes) -> Iterator[bytes]:
    for start in range(0, len(plain), _PIECE):
        yield compressor.compress(plain[start : start + _PIECE])
    yield compressor.flush()


# --- zlib -------------------------------------------------------------------------------------

_ZLIB = lazy_regex(
    r"(gzip|x-gzip|deflate|raw-deflate) level=([1-9]) memory=([89])(?: start=([0-9a-f]{20}))?"
)


def _gzip_candidates(coding: str, body: bytes, _plain: bytes) -> Iterator[str]:
    start = body[:_GZIP_START]
    if start[:4] != b"\x1f\x8b\x08\x00":  # it has optional fields, such as the name of a file
        return
    # The ninth byte says whether the best or the fastest level was used.
    for level in {2: [9], 4: [1]}.get(start[8], _ZLIB_LEVELS):
        for memory in (8, 9):
            yield f"{coding} level={level} memory={memory} start={start.hex()}"


def _deflate_candidates(_coding: str, body: bytes, _plain: bytes) -> Iterator[str]:
    # The first two bytes of zlib's format are divisible by 31 (RFC 1950, section 2.2).
    has_header = body[0] & 15 == zlib.DEFLATED and int.from_bytes(body[:2]) % 31 == 0
    for level in _ZLIB_LEVELS:
        for memory in (8, 9):
            yield f"{'deflate' if has_header else 'raw-deflate'} level={level} memory={memory}"


class _Gzip:
    """Deflated data between a given header, and checksum and size of the text."""

    def __init__(self, start: bytes, deflate: _Compressor) -> None:
        self._start = start
        self._deflate = deflate
        self._crc = self._size = 0

    def compress(self, data: bytes) -> bytes:
        start, self._start = self._start, b""
        self._crc = zlib.crc32(data, self._crc)
        self._size += len(data)
        return start + self._deflate.compress(data)

    def flush(self) -> bytes:
        end = struct.pack("<II", self._crc, self._size & 0xFFFFFFFF)
        return self._start + self._deflate.flush() + end


def _zlib_compressor(match: re.Match[str], _size: int) -> _Compressor:
    coding, level, memory, start = match.groups()
    if ("gzip" in coding) != bool(start):
        raise ValueError(match[0])
    bits = zlib.MAX_WBITS if coding == "deflate" else -zlib.MAX_WBITS
    deflate = zlib.compressobj(int(level), zlib.DEFLATED, bits, int(memory))
    return _Gzip(bytes.fromhex(start), deflate) if start else deflate


# --- Brotli -----------------------------------------------------------------------------------

_BROTLI = lazy_regex(r"br quality=([0-9]|1[01]) window=(1[0-9]|2[0-4])")


def _brotli_candidates(_coding: str, body: bytes, plain: bytes) -> Iterator[str]:
    slow = _SLOW_BROTLI if len(plain) <= _SLOW_SIZE else []
    for quality in (*_BROTLI_QUALITIES, *slow):
        yield f"br quality={quality} window={_brotli_window(body[0])}"


def _brotli_window(first: int) -> int:
    """Return the size of the window that the first byte names (RFC 7932, section 9.1)."""
    if not first & 1:
        return 16
    if more := first >> 1 & 7:
        return 17 + more
    return {0: 17}.get(first >> 4 & 7, 8 + (first >> 4 & 7))


class _Brotli:
    def __init__(self, quality: int, window: int) -> None:
        brotli = package("br")
        if brotli is None:
            raise PackageMissingError("brotli")
        made = brotli.Compressor(quality=quality, lgwin=window)
        self.compress: Callable[[bytes], bytes] = made.process
        self.flush: Callable[[], bytes] = made.finish


def _brotli_compressor(match: re.Match[str], _size: int) -> _Compressor:
    return _Brotli(int(match[1]), int(match[2]))


# --- Zstandard --------------------------------------------------------------------------------

_ZSTD = lazy_regex(r"zstd level=([1-9]|1[0-9]|2[0-2]) size=([01]) checksum=([01])")


def _zstd_candidates(_coding: str, body: bytes, plain: bytes) -> Iterator[str]:
    # The byte after the magic number describes the frame (RFC 8878, section 3.1.1.1.1).
    has_size, has_checksum = body[4] & 0b1110_0000 != 0, body[4] & 0b100 != 0
    slow = _SLOW_ZSTD if len(plain) <= _SLOW_SIZE else []
    for level in (*_ZSTD_LEVELS, *slow):
        yield f"zstd level={level} size={has_size:d} checksum={has_checksum:d}"


def _zstd_compressor(match: re.Match[str], size: int) -> _Compressor:
    zstandard = package("zstd")
    if zstandard is None:
        raise PackageMissingError("zstandard")
    level, has_size, has_checksum = map(int, match.groups())
    made = zstandard.ZstdCompressor(level=level, write_checksum=bool(has_checksum))
    found: _Compressor = made.compressobj(size=size if has_size else -1)
    return found


_CANDIDATES: dict[str, Callable[[str, bytes, bytes], Iterable[str]]] = {
    "gzip": _gzip_candidates,
    "x-gzip": _gzip_candidates,
    "deflate": _deflate_candidates,
    "br": _brotli_candidates,
    "zstd": _zstd_candidates,
}
_COMPRESSORS = [
    (_ZLIB, _zlib_compressor),
    (_BROTLI, _brotli_compressor),
    (_ZSTD, _zstd_compressor),
]


def _compressor(recipe: str, size: int) -> _Compressor:
    for pattern, make in _COMPRESSORS:
        if match := pattern.fullmatch(recipe):
            return make(match, size)
    raise ValueError(recipe)
