"""Decompress bodies so that their secrets are seen, and compress them again.

The codings are those of Content-Encoding (RFC 9110, section 8.4); a body may have several. A body
that was cut off is decompressed as far as possible, and compressed again it is cut off too.
"""

from __future__ import annotations

import gzip
import importlib
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
    result, codings = _Decompressed(body), _codings(headers) if body else []
    # A body that is text though the header names a coding: a tool decompressed it earlier.
    if not codings or is_text(body):
        return result
    for coding in reversed(codings):
        codec = _CODECS.get(coding)
        plain = codec and codec.decompress(result.plain)
        if not plain:
            return None
        result = _Decompressed(plain.plain, result.is_complete and plain.is_complete)
    return result


def compress(plain: bytes, headers: Headers) -> bytes:
    """Compress a body with the codings in the headers; the same input gives the same bytes."""
    for coding in _codings(headers):
        plain = _CODECS[coding].compress(plain)
    return plain


def coding_without_package(body: bytes, headers: Headers) -> str | None:
    """Return the coding of the body if its package is not installed, such as "br", else None."""
    codings = _codings(headers) if body else []
    if not codings or is_text(body):
        return None
    return next((c for c in codings if c in _PACKAGES and _package(_PACKAGES[c]) is None), None)


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
_PIECE = 4096


class _Decompressed(NamedTuple):
    plain: bytes
    is_complete: bool = True


class _Codec(NamedTuple):
    decompress: Callable[[bytes], _Decompressed | None]
    compress: Callable[[bytes], bytes]


def _decompress_gzip(body: bytes) -> _Decompressed | None:
    try:
        return _Decompressed(gzip.decompress(body))
    except (OSError, EOFError, zlib.error):
        return _readable_start(body, zlib.MAX_WBITS | 16)


def _decompress_deflate(body: bytes) -> _Decompressed | None:
    """Decompress deflate with zlib's header, or without it, as some servers send it.

    RFC 9110, section 8.4.1.2, mentions both.
    """
    for bits in (zlib.MAX_WBITS, -zlib.MAX_WBITS):
        try:
            return _Decompressed(zlib.decompress(body, bits))
        except zlib.error:
            continue
    return _readable_start(body, zlib.MAX_WBITS) or _readable_start(body, -zlib.MAX_WBITS)


def _readable_start(body: bytes, bits: int) -> _Decompressed | None:
    """Return what can be decompressed of a broken body; `bits` is zlib's `wbits`."""
    reader = zlib.decompressobj(bits)
    plain: list[bytes] = []
    for start in range(0, len(body), _PIECE):
        before, piece = reader.copy(), body[start : start + _PIECE]
        try:
            plain.append(reader.decompress(piece))
        except zlib.error:
            plain += _byte_by_byte(before, piece)
            break
    found = b"".join(plain)
    return _Decompressed(found, is_complete=False) if found else None


def _byte_by_byte(reader: zlib._Decompress, piece: bytes) -> Iterator[bytes]:
    """Yield what comes before the error, which zlib does not return for a whole piece."""
    for start in range(len(piece)):
        try:
            yield reader.decompress(piece[start : start + 1])
        except zlib.error:
            return


def _package(name: str) -> Any:
    """Return an optional package, or None if it is not installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def _decompress_brotli(body: bytes) -> _Decompressed | None:
    brotli = _package("brotli")
    try:
        return _Decompressed(brotli.decompress(body)) if brotli else None
    except brotli.error:
        return None


def _decompress_zstd(body: bytes) -> _Decompressed | None:
    zstandard = _package("zstandard")
    try:
        plain = zstandard and zstandard.ZstdDecompressor().decompressobj().decompress(body)
    except zstandard.ZstdError:
        return None
    return _Decompressed(plain) if zstandard else None


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
