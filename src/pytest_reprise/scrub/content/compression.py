"""Decompress bodies so that their secrets are seen, and compress them again.

A body may have several codings. One that was cut off is decompressed as far as possible, and
compressed again it is cut off too. A body that is larger than `max_size` when it is decompressed is
not examined: it is kept as it is.

Without Content-Encoding, a body that begins like gzip, zlib, zip or tar is unpacked as well.
"""

from __future__ import annotations

from ...content_codings import (
    PACKAGES,
    Decompressed,
    TooLargeError,
    codings_of,
    compress_all,
    decompress_all,
    is_usable,
    package,
)
from ...exchange import Headers, Outcome, Response
from . import archives
from .charsets import is_text


def decompress_outcome(outcome: Outcome) -> Outcome:
    """Return the outcome with its body decompressed, or the same if that is not possible."""
    if not isinstance(outcome, Response):
        return outcome
    plain = decompress(outcome.body, outcome.headers)
    return outcome if plain is None or plain is outcome.body else outcome._replace(body=plain)


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
        return changed if is_same else changed._replace(body=original.body)
    body = compress_body(original.body, plain.body, changed.body, changed.headers)
    # Chunks are sizes in bytes, and another size has no recorded chunks.
    chunks = changed.chunks if sum(changed.chunks) == len(body) else ()
    headers = with_content_length(changed.headers, len(body))
    return changed._replace(body=body, chunks=chunks, headers=headers)


def compress_body(original: bytes, plain: bytes, changed: bytes, headers: Headers) -> bytes:
    """Return `changed` compressed as the original; `plain` is the decompressed original."""
    if changed == plain:
        return original
    if plain is original:
        return changed
    if not codings_of(headers):
        return archives.pack(changed, original, max_size(original))
    body = compress_all(changed, codings_of(headers))
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


def _decompress(body: bytes, headers: Headers) -> Decompressed | None:
    try:
        return _decompress_bounded(body, headers)
    except TooLargeError:
        return None


def _decompress_bounded(body: bytes, headers: Headers) -> Decompressed | None:
    """Do what `decompress` does; raise TooLargeError."""
    codings = codings_of(headers) if body else []
    if not codings and archives.is_packed(body):
        content = archives.unpack(body, max_size(body))
        return Decompressed(body if content is None else content)
    # A body that is text though the header names a coding: a tool decompressed it earlier.
    if not codings or is_text(body):
        return Decompressed(body)
    return decompress_all(body, codings, max_size(body))


def max_size(body: bytes) -> int:
    """Return how many bytes a compressed body may have when it is decompressed."""
    return 32_000_000 + 4 * len(body)


def is_too_large(body: bytes, headers: Headers) -> bool:
    """Return whether the body is kept compressed because it has more than `max_size` bytes."""
    try:
        _decompress_bounded(body, headers)
    except TooLargeError:
        return True
    return False


def coding_without_package(body: bytes, headers: Headers) -> str | None:
    """Return the coding of the body if its package is not installed, such as "br", else None."""
    codings = codings_of(headers) if body else []
    if not codings or is_text(body):
        return None
    return next((c for c in codings if c in PACKAGES and not is_usable(package(c))), None)


_CUT = 9
"""Bytes to cut off: more than the trailer of any coding, so that each reader notices the cut."""
