"""Open and close compressed bodies, so that a secret inside is seen.

Codings may be stacked. A body that was cut off is opened as far as it goes, and closed cut off.
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


def opened(outcome: Outcome) -> Outcome:
    """The outcome with its body decompressed, where it has one and that is possible."""
    if not isinstance(outcome, Response):
        return outcome
    plain = decompress(outcome.body, outcome.headers)
    return outcome if plain is None or plain is outcome.body else replace(outcome, body=plain)


def closed(original: Outcome, plain: Outcome, changed: Outcome) -> Outcome:
    """`changed`, made from `plain` (the original, opened), as it would go over the wire."""
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
    body = closed_body(original.body, plain.body, changed.body, changed.headers)
    chunks = changed.chunks if sum(changed.chunks) == len(body) else ()
    return replace(
        changed, body=body, chunks=chunks, headers=with_length(changed.headers, len(body))
    )


def closed_body(original: bytes, plain: bytes, changed: bytes, headers: Headers) -> bytes:
    """The changed body as it would go over the wire; `plain` is what `original` was opened to."""
    if changed == plain:
        return original
    if plain is original:
        return changed
    body = compress(changed, headers)
    opening = _open(original, headers)
    return body if opening and opening.is_whole else body[:-_CUT] or body[:1]


def with_length(headers: Headers, length: int) -> Headers:
    """The headers with Content-Length, where there is one, set to `length` bytes."""
    return tuple(
        (name, str(length) if name.lower() == "content-length" else value)
        for name, value in headers
    )


def decompress(body: bytes, headers: Headers) -> bytes | None:
    """The body in plain, of a broken one what can be read; None where it cannot be opened."""
    opening = _open(body, headers)
    return opening and opening.plain


def decompress_whole(body: bytes, headers: Headers) -> bytes:
    """The body in plain, or as it is where it is broken or cannot be opened."""
    opening = _open(body, headers)
    return opening.plain if opening and opening.is_whole else body


def _open(body: bytes, headers: Headers) -> _Opening | None:
    opening, codings = _Opening(body), _codings(headers) if body else []
    if not codings or is_text(body):
        return opening  # where there is a coding: somebody has opened it, and left the header
    for coding in reversed(codings):
        known = _CODINGS.get(coding)
        opened = known and known.unpack(opening.plain)
        if not opened:
            return None
        opening = _Opening(opened.plain, opening.is_whole and opened.is_whole)
    return opening


def compress(plain: bytes, headers: Headers) -> bytes:
    """The plain body in the codings that `headers` name; alike on every run."""
    for coding in _codings(headers):
        plain = _CODINGS[coding].pack(plain)
    return plain


def unopened(body: bytes, headers: Headers) -> str | None:
    """The coding of a body that only another package could open, or None."""
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
"""More bytes than any trailer that a coding ends with, so that the cut is noticed."""
_PIECE = 4096


class _Opening(NamedTuple):
    plain: bytes
    is_whole: bool = True


class _Coding(NamedTuple):
    unpack: Callable[[bytes], _Opening | None]
    pack: Callable[[bytes], bytes]


def _open_gzip(body: bytes) -> _Opening | None:
    try:
        return _Opening(gzip.decompress(body))
    except (OSError, EOFError, zlib.error):
        return _begun(body, zlib.MAX_WBITS | 16)


def _open_deflate(body: bytes) -> _Opening | None:
    """Deflate with zlib's wrapper, or bare, as some servers send it (RFC 9110, 8.4.1.2)."""
    for bits in (zlib.MAX_WBITS, -zlib.MAX_WBITS):
        try:
            return _Opening(zlib.decompress(body, bits))
        except zlib.error:
            continue
    return _begun(body, zlib.MAX_WBITS) or _begun(body, -zlib.MAX_WBITS)


def _begun(body: bytes, bits: int) -> _Opening | None:
    """As much as can be read of a broken body."""
    reader = zlib.decompressobj(bits)
    plain: list[bytes] = []
    for start in range(0, len(body), _PIECE):
        before, piece = reader.copy(), body[start : start + _PIECE]
        try:
            plain.append(reader.decompress(piece))
        except zlib.error:
            plain += _until_broken(before, piece)
            break
    found = b"".join(plain)
    return _Opening(found, is_whole=False) if found else None


def _until_broken(reader: zlib._Decompress, piece: bytes) -> Iterator[bytes]:
    for start in range(len(piece)):
        try:
            yield reader.decompress(piece[start : start + 1])
        except zlib.error:
            return


def _package(name: str) -> Any:
    """A package that may be lacking, or None."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def _open_brotli(body: bytes) -> _Opening | None:
    brotli = _package("brotli")
    try:
        return _Opening(brotli.decompress(body)) if brotli else None
    except brotli.error:
        return None


def _open_zstd(body: bytes) -> _Opening | None:
    zstandard = _package("zstandard")
    try:
        opened = zstandard and zstandard.ZstdDecompressor().decompressobj().decompress(body)
    except zstandard.ZstdError:
        return None
    return _Opening(opened) if zstandard else None


def _close_brotli(plain: bytes) -> bytes:
    made: bytes = importlib.import_module("brotli").compress(plain)
    return made


def _close_zstd(plain: bytes) -> bytes:
    made: bytes = importlib.import_module("zstandard").ZstdCompressor().compress(plain)
    return made


_PACKAGES = {"br": "brotli", "zstd": "zstandard"}
_GZIP = _Coding(_open_gzip, lambda plain: gzip.compress(plain, mtime=0))
_CODINGS = {
    "gzip": _GZIP,
    "x-gzip": _GZIP,
    "deflate": _Coding(_open_deflate, zlib.compress),
    "br": _Coding(_open_brotli, _close_brotli),
    "zstd": _Coding(_open_zstd, _close_zstd),
}
