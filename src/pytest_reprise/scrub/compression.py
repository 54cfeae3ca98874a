"""Open and close compressed bodies, so that a secret inside is seen."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import replace

from ..exchange import Headers, Outcome, Response, header


def opened(outcome: Outcome) -> Outcome:
    """The outcome with its body decompressed, where it has one and that is possible."""
    if not isinstance(outcome, Response):
        return outcome
    plain = decompress(outcome.body, outcome.headers)
    return outcome if plain is None or plain is outcome.body else replace(outcome, body=plain)


def closed(original: Outcome, plain: Outcome, changed: Outcome) -> Outcome:
    """`changed`, made from `plain` (the original, opened), as it would go over the wire."""
    if not (
        isinstance(original, Response)
        and isinstance(plain, Response)
        and isinstance(changed, Response)
    ):
        return changed
    if changed.body == plain.body:
        return replace(changed, body=original.body)
    was_opened = plain.body is not original.body
    body = compress(changed.body, changed.headers) if was_opened else changed.body
    chunks = changed.chunks if sum(changed.chunks) == len(body) else ()
    return replace(
        changed, body=body, chunks=chunks, headers=with_length(changed.headers, len(body))
    )


def with_length(headers: Headers, length: int) -> Headers:
    """The headers with Content-Length, where there is one, set to `length` bytes."""
    return tuple(
        (name, str(length) if name.lower() == "content-length" else value)
        for name, value in headers
    )


def decompress(body: bytes, headers: Headers) -> bytes | None:
    """The body in plain, or None where its Content-Encoding cannot be opened."""
    coding = _coding(headers)
    if coding in ("", "identity") or not body:
        return body
    try:
        if coding in ("gzip", "x-gzip"):
            return gzip.decompress(body)
        if coding == "deflate":
            return _inflate(body)
    except (OSError, EOFError, zlib.error):
        return None
    return None


def compress(plain: bytes, headers: Headers) -> bytes:
    """The plain body in the coding that `headers` name; alike on every run."""
    coding = _coding(headers)
    if coding in ("gzip", "x-gzip"):
        return gzip.compress(plain, mtime=0)
    return zlib.compress(plain) if coding == "deflate" else plain


def _coding(headers: Headers) -> str:
    return (header(headers, "content-encoding") or "").strip().lower()


def _inflate(body: bytes) -> bytes:
    """Deflate with zlib's wrapper, or bare, as some servers send it (RFC 9110, 8.4.1.2)."""
    try:
        return zlib.decompress(body)
    except zlib.error:
        return zlib.decompress(body, -zlib.MAX_WBITS)
