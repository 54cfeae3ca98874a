"""The codings of Content-Encoding (RFC 9110, section 8.4): gzip, deflate, br, zstd.

1 MB of gzip can hold 1 GB, and 1 kB of brotli can too. So a body is decompressed piece by piece, up
to a bound that the caller gives.
"""

from __future__ import annotations

import gzip
import importlib
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from .exchange import Headers, header

_INPUT = 4096
_OUTPUT = 1 << 20
"""Bytes that are read and made at once."""
_ZSTD_INPUT = 256
"""Bytes of zstd that are read at once: up to 64 blocks, of at most 128 kB each (RFC 8878)."""
_WINDOW = 8 << 20
"""Bytes of the largest window of zstd that a server may use for HTTP (RFC 9659, section 3)."""


_ZEROS = re.compile(rb"\0*")


class TooLargeError(Exception):
    """The decompressed body is larger than the bound."""


class Decompressed(NamedTuple):
    """A decompressed body, or the readable start of a broken one."""

    plain: bytes
    is_complete: bool = True


class _Codec(NamedTuple):
    """`decompress` takes a bound in bytes, and raises TooLargeError if the result is larger."""

    decompress: Callable[[bytes, int], Decompressed | None]
    compress: Callable[[bytes], bytes]


def _joined(pieces: Iterator[bytes], limit: int) -> bytes:
    """Return the pieces together; raise TooLargeError as soon as they exceed the limit."""
    size, made = 0, list[bytes]()
    for piece in pieces:
        size += len(piece)
        if size > limit:
            raise TooLargeError
        made.append(piece)
    return made[0] if len(made) == 1 else b"".join(made)


def _decompress_gzip(body: bytes, limit: int) -> Decompressed | None:
    try:
        return Decompressed(_joined(_inflate(body, zlib.MAX_WBITS | 16), limit))
    except (EOFError, zlib.error):
        return _readable_start(body, zlib.MAX_WBITS | 16, limit)


def _decompress_deflate(body: bytes, limit: int) -> Decompressed | None:
    """Decompress deflate with zlib's header, or without it, as some servers send it.

    RFC 9110, section 8.4.1.2, mentions both.
    """
    for bits in (zlib.MAX_WBITS, -zlib.MAX_WBITS):
        try:
            return Decompressed(_joined(_inflate(body, bits), limit))
        except (EOFError, zlib.error):
            continue
    start = _readable_start(body, zlib.MAX_WBITS, limit)
    return start or _readable_start(body, -zlib.MAX_WBITS, limit)


def _inflate(body: bytes, bits: int) -> Iterator[bytes]:
    """Yield the decompressed body in pieces; `bits` is zlib's `wbits`.

    gzip may have several members, one after the other, with zeros behind them (RFC 1952, 2.2).
    Raises zlib.error for a broken body, and EOFError for one that was cut off.
    """
    is_gzip, position = bits > zlib.MAX_WBITS, 0
    while position < len(body) or not is_gzip:
        reader = zlib.decompressobj(bits)
        while not reader.eof:
            given = reader.unconsumed_tail
            if not given:
                given = body[position : position + _INPUT]
                position += len(given)
            piece = reader.decompress(given, _OUTPUT)
            if not given and not piece and not reader.eof:
                raise EOFError
            yield piece
        if not is_gzip:
            return
        position -= len(reader.unused_data)
        zeros = _ZEROS.match(body, position)
        position = zeros.end() if zeros else position


def _readable_start(body: bytes, bits: int, limit: int) -> Decompressed | None:
    """Return what can be decompressed of a broken body; `bits` is zlib's `wbits`."""
    found = _joined(_readable_pieces(body, bits), limit)
    return Decompressed(found, is_complete=False) if found else None


def _readable_pieces(body: bytes, bits: int) -> Iterator[bytes]:
    reader = zlib.decompressobj(bits)
    for start in range(0, len(body), _INPUT):
        before, piece = reader.copy(), body[start : start + _INPUT]
        try:
            yield reader.decompress(piece)
        except zlib.error:
            yield from _byte_by_byte(before, piece)
            return


def _byte_by_byte(reader: zlib._Decompress, piece: bytes) -> Iterator[bytes]:
    """Yield what comes before the error, which zlib does not return for a whole piece."""
    for start in range(len(piece)):
        try:
            yield reader.decompress(piece[start : start + 1])
        except zlib.error:
            return


def package(coding: str) -> Any:
    """Return the optional package for a coding, or None if it is not installed."""
    try:
        return importlib.import_module(PACKAGES[coding])
    except ImportError:
        return None


def _decompress_brotli(body: bytes, limit: int) -> Decompressed | None:
    brotli = package("br")
    if not is_usable(brotli):
        return None
    try:
        return Decompressed(_joined(_brotli_pieces(brotli.Decompressor(), body), limit))
    except brotli.error:
        return None


def _brotli_pieces(reader: Any, body: bytes) -> Iterator[bytes]:
    yield reader.process(body, output_buffer_limit=_OUTPUT)
    while not reader.is_finished():
        piece = reader.process(b"", output_buffer_limit=_OUTPUT)
        if not piece:  # the body was cut off
            raise importlib.import_module("brotli").error
        yield piece


def _decompress_zstd(body: bytes, limit: int) -> Decompressed | None:
    zstandard = package("zstd")
    if zstandard is None:
        return None
    reader = zstandard.ZstdDecompressor(max_window_size=_WINDOW).decompressobj()
    try:
        return Decompressed(_joined(_zstd_pieces(reader, body), limit))
    except zstandard.ZstdError:
        return None


def _zstd_pieces(reader: Any, body: bytes) -> Iterator[bytes]:
    for start in range(0, len(body), _ZSTD_INPUT):
        yield reader.decompress(body[start : start + _ZSTD_INPUT])
        if reader.eof:
            return


def _compress_brotli(plain: bytes) -> bytes:
    brotli = importlib.import_module("brotli")
    body: bytes = brotli.compress(plain, quality=_BROTLI_QUALITY)
    return body


def _compress_zstd(plain: bytes) -> bytes:
    body: bytes = importlib.import_module("zstandard").ZstdCompressor().compress(plain)
    return body


_BROTLI_QUALITY = 5
"""As servers use it. The best one takes 3 ms for each kB."""
PACKAGES = {"br": "brotli", "zstd": "zstandard"}
_GZIP = _Codec(_decompress_gzip, lambda plain: gzip.compress(plain, mtime=0))
CODECS = {
    "gzip": _GZIP,
    "x-gzip": _GZIP,
    "deflate": _Codec(_decompress_deflate, zlib.compress),
    "br": _Codec(_decompress_brotli, _compress_brotli),
    "zstd": _Codec(_decompress_zstd, _compress_zstd),
}


def codings_of(headers: Headers) -> list[str]:
    """Return the codings of a message in the order in which they were applied."""
    named = header(headers, "content-encoding")
    if not named:
        return []
    return [
        coding
        for name in named.lower().split(",")
        if (coding := name.strip()) not in ("", "identity")
    ]


def is_usable(found: Any) -> bool:
    """Return whether a package is installed and can limit its output, as brotli can from 1.2 on."""
    reader = getattr(found, "Decompressor", None)
    return found is not None and (reader is None or hasattr(reader, "can_accept_more_data"))


def decompress_all(body: bytes, codings: Iterable[str], limit: int) -> Decompressed | None:
    """Return a body without the codings, which are named in the order in which they were applied.

    Returns None if no byte is readable, or if a coding is unknown or its package is missing. Raises
    TooLargeError for more than `limit` bytes.
    """
    result = Decompressed(body)
    for coding in reversed([*codings]):
        codec = CODECS.get(coding)
        plain = codec and codec.decompress(result.plain, limit)
        if not plain:
            return None
        result = Decompressed(plain.plain, result.is_complete and plain.is_complete)
    return result


def compress_all(plain: bytes, codings: Iterable[str]) -> bytes:
    """Return a body with the codings applied; the same input gives the same bytes."""
    for coding in codings:
        plain = CODECS[coding].compress(plain)
    return plain
