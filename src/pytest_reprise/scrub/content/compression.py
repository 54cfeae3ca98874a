"""Decompress bodies so that their secrets are seen, and compress them again.

The codings are those of Content-Encoding (RFC 9110, section 8.4); a body may have several. A body
that was cut off is decompressed as far as possible, and compressed again it is cut off too.

1 MB of gzip can hold 1 GB, and 1 kB of brotli can too. So a body is decompressed piece by piece, up
to `max_size` bytes. A body that is larger is not examined: it is kept as it is.
"""

from __future__ import annotations

import gzip
import importlib
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from ...exchange import Headers, Outcome, Response, header
from .charsets import is_text


def decompress_outcome(outcome: Outcome) -> Outcome:
    """Return the outcome with its body decompressed, or the same if that is not possible."""
    if not isinstance(outcome, Response):
        return outcome
    plain = decompress(outcome.body, outcome.headers)
    return outcome if plain is None or plain is outcome.body else replace(outcome, body=plain)


def compress_outcome(original: Outcome, plain: Outcome, changed: Outcome) -> Outcome:
    """Return `changed` with its body compressed as in the original.

    `plain` is the decompressed original, and `changed` was made from it. Where the body did not
    change, the result has the bytes of the original.
    """
    if changed is plain:
        return original
    if not (
        isinstance(original, Response)
        and isinstance(plain, Response)
        and isinstance(changed, Response)
    ):
        return changed
    if changed.body == plain.body:
        is_same = changed.body is original.body
        return changed if is_same else replace(changed, body=original.body)
    body = compress_body(original.body, plain.body, changed.body, changed.headers)
    # Chunks are sizes in bytes, and another size has no recorded chunks.
    chunks = changed.chunks if sum(changed.chunks) == len(body) else ()
    headers = with_content_length(changed.headers, len(body))
    return replace(changed, body=body, chunks=chunks, headers=headers)


def compress_body(original: bytes, plain: bytes, changed: bytes, headers: Headers) -> bytes:
    """Return `changed` compressed as the original; `plain` is the decompressed original."""
    if changed == plain:
        return original
    if plain is original:
        return changed
    body = compress(changed, headers)
    result = _decompress(original, headers)
    return body if result and result.is_complete else body[:-_CUT] or body[:1]


def with_content_length(headers: Headers, length: int) -> Headers:
    """Return the headers with Content-Length, if they have one, set to `length` bytes."""
    return tuple(
        (name, str(length) if name.lower() == "content-length" else value)
        for name, value in headers
    )


def decompress(body: bytes, headers: Headers) -> bytes | None:
    """Return the decompressed body, or the readable start of a broken one.

    Returns None if no byte is readable, or if the coding is unknown or its package is missing.
    """
    result = _decompress(body, headers)
    return result and result.plain


def decompress_or_keep(body: bytes, headers: Headers) -> bytes:
    """Return the decompressed body, or the body itself if it is broken or of unknown coding."""
    result = _decompress(body, headers)
    return result.plain if result and result.is_complete else body


def _decompress(body: bytes, headers: Headers) -> _Decompressed | None:
    try:
        return _decompress_all(body, headers)
    except _TooLargeError:
        return None


def _decompress_all(body: bytes, headers: Headers) -> _Decompressed | None:
    """Do what `decompress` does; raise _TooLargeError."""
    result, codings = _Decompressed(body), _codings(headers) if body else []
    # A body that is text though the header names a coding: a tool decompressed it earlier.
    if not codings or is_text(body):
        return result
    limit = max_size(body)
    for coding in reversed(codings):
        codec = _CODECS.get(coding)
        plain = codec and codec.decompress(result.plain, limit)
        if not plain:
            return None
        result = _Decompressed(plain.plain, result.is_complete and plain.is_complete)
    return result


def compress(plain: bytes, headers: Headers) -> bytes:
    """Compress a body with the codings in the headers; the same input gives the same bytes."""
    for coding in _codings(headers):
        plain = _CODECS[coding].compress(plain)
    return plain


def max_size(body: bytes) -> int:
    """Return how many bytes a compressed body may have when it is decompressed."""
    return 32_000_000 + 4 * len(body)


def is_too_large(body: bytes, headers: Headers) -> bool:
    """Return whether the body is kept compressed because it has more than `max_size` bytes."""
    try:
        _decompress_all(body, headers)
    except _TooLargeError:
        return True
    return False


def coding_without_package(body: bytes, headers: Headers) -> str | None:
    """Return the coding of the body if its package is not installed, such as "br", else None."""
    codings = _codings(headers) if body else []
    if not codings or is_text(body):
        return None
    return next((c for c in codings if c in _PACKAGES and not _is_usable(_package(c))), None)


def _is_usable(package: Any) -> bool:
    """Return whether a package is installed and can limit its output, as brotli can from 1.2 on."""
    reader = getattr(package, "Decompressor", None)
    return package is not None and (reader is None or hasattr(reader, "can_accept_more_data"))


def _codings(headers: Headers) -> list[str]:
    named = header(headers, "content-encoding")
    if not named:
        return []
    return [
        coding
        for name in named.lower().split(",")
        if (coding := name.strip()) not in ("", "identity")
    ]


_CUT = 9
"""Bytes to cut off: more than the trailer of any coding, so that each reader notices the cut."""
_INPUT = 4096
_OUTPUT = 1 << 20
"""Bytes that are read and made at once."""
_ZSTD_INPUT = 256
"""Bytes of zstd that are read at once: up to 64 blocks, of at most 128 kB each (RFC 8878)."""
_WINDOW = 8 << 20
"""Bytes of the largest window of zstd that a server may use for HTTP (RFC 9659, section 3)."""


_ZEROS = re.compile(rb"\0*")


class _TooLargeError(Exception):
    """The decompressed body is larger than the bound."""


class _Decompressed(NamedTuple):
    plain: bytes
    is_complete: bool = True


class _Codec(NamedTuple):
    """`decompress` takes a bound in bytes, and raises _TooLargeError if the result is larger."""

    decompress: Callable[[bytes, int], _Decompressed | None]
    compress: Callable[[bytes], bytes]


def _joined(pieces: Iterator[bytes], limit: int) -> bytes:
    """Return the pieces together; raise _TooLargeError as soon as they exceed the limit."""
    size, made = 0, list[bytes]()
    for piece in pieces:
        size += len(piece)
        if size > limit:
            raise _TooLargeError
        made.append(piece)
    return made[0] if len(made) == 1 else b"".join(made)


def _decompress_gzip(body: bytes, limit: int) -> _Decompressed | None:
    try:
        return _Decompressed(_joined(_inflate(body, zlib.MAX_WBITS | 16), limit))
    except (EOFError, zlib.error):
        return _readable_start(body, zlib.MAX_WBITS | 16, limit)


def _decompress_deflate(body: bytes, limit: int) -> _Decompressed | None:
    """Decompress deflate with zlib's header, or without it, as some servers send it.

    RFC 9110, section 8.4.1.2, mentions both.
    """
    for bits in (zlib.MAX_WBITS, -zlib.MAX_WBITS):
        try:
            return _Decompressed(_joined(_inflate(body, bits), limit))
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


def _readable_start(body: bytes, bits: int, limit: int) -> _Decompressed | None:
    """Return what can be decompressed of a broken body; `bits` is zlib's `wbits`."""
    found = _joined(_readable_pieces(body, bits), limit)
    return _Decompressed(found, is_complete=False) if found else None


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


def _package(coding: str) -> Any:
    """Return the optional package for a coding, or None if it is not installed."""
    try:
        return importlib.import_module(_PACKAGES[coding])
    except ImportError:
        return None


def _decompress_brotli(body: bytes, limit: int) -> _Decompressed | None:
    brotli = _package("br")
    if not _is_usable(brotli):
        return None
    try:
        return _Decompressed(_joined(_brotli_pieces(brotli.Decompressor(), body), limit))
    except brotli.error:
        return None


def _brotli_pieces(reader: Any, body: bytes) -> Iterator[bytes]:
    yield reader.process(body, output_buffer_limit=_OUTPUT)
    while not reader.is_finished():
        piece = reader.process(b"", output_buffer_limit=_OUTPUT)
        if not piece:  # the body was cut off
            raise importlib.import_module("brotli").error
        yield piece


def _decompress_zstd(body: bytes, limit: int) -> _Decompressed | None:
    zstandard = _package("zstd")
    if zstandard is None:
        return None
    reader = zstandard.ZstdDecompressor(max_window_size=_WINDOW).decompressobj()
    try:
        return _Decompressed(_joined(_zstd_pieces(reader, body), limit))
    except zstandard.ZstdError:
        return None


def _zstd_pieces(reader: Any, body: bytes) -> Iterator[bytes]:
    for start in range(0, len(body), _ZSTD_INPUT):
        yield reader.decompress(body[start : start + _ZSTD_INPUT])
        if reader.eof:
            return


def _compress_brotli(plain: bytes) -> bytes:
    body: bytes = importlib.import_module("brotli").compress(plain)
    return body


def _compress_zstd(plain: bytes) -> bytes:
    body: bytes = importlib.import_module("zstandard").ZstdCompressor().compress(plain)
    return body


_PACKAGES = {"br": "brotli", "zstd": "zstandard"}
_GZIP = _Codec(_decompress_gzip, lambda plain: gzip.compress(plain, mtime=0))
_CODECS = {
    "gzip": _GZIP,
    "x-gzip": _GZIP,
    "deflate": _Codec(_decompress_deflate, zlib.compress),
    "br": _Codec(_decompress_brotli, _compress_brotli),
    "zstd": _Codec(_decompress_zstd, _compress_zstd),
}
