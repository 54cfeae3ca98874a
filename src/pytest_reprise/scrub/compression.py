"""Open and close compressed bodies, so that a secret inside is seen."""

from __future__ import annotations

import gzip
import zlib

from ..exchange import Headers, header


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
