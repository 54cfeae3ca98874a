"""Digests of a body (RFC 9530, ETag): replaced where scrubbing changed the body they belong to."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping

from ...exchange import Headers

_ALGORITHMS = ("md5", "sha1", "sha256", "sha512")


def digest_replacements(old: bytes, new: bytes) -> Iterator[tuple[str, str]]:
    """Yield each digest of the old body, in hex and base64, with that of the new body."""
    for algorithm in _ALGORITHMS:
        before = hashlib.new(algorithm, old, usedforsecurity=False).digest()
        after = hashlib.new(algorithm, new, usedforsecurity=False).digest()
        yield before.hex(), after.hex()
        yield before.hex().upper(), after.hex().upper()
        yield base64.b64encode(before).decode(), base64.b64encode(after).decode()


def replace_digests(headers: Headers, digests: Mapping[str, str]) -> Headers:
    """Return the headers, such as ETag, Digest and Content-MD5, with old digests replaced."""
    return tuple((name, _replace_digests(value, digests)) for name, value in headers)


def _replace_digests(value: str, digests: Mapping[str, str]) -> str:
    for old, new in digests.items():
        value = value.replace(old, new)
    return value
