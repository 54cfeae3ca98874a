"""Digests of a body: where one stood, that of the scrubbed body stands, so that checks hold."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping

from ...exchange import Headers

_ALGORITHMS = ("md5", "sha1", "sha256", "sha512")


def digest_replacements(old: bytes, new: bytes) -> Iterator[tuple[str, str]]:
    """Each digest of the old body as it may be written, and that of the new one."""
    for algorithm in _ALGORITHMS:
        before = hashlib.new(algorithm, old, usedforsecurity=False).digest()
        after = hashlib.new(algorithm, new, usedforsecurity=False).digest()
        yield before.hex(), after.hex()
        yield before.hex().upper(), after.hex().upper()
        yield base64.b64encode(before).decode(), base64.b64encode(after).decode()


def replace_digests(headers: Headers, digests: Mapping[str, str]) -> Headers:
    """The headers with old digests replaced: ETag, Digest, Content-MD5, whatever their name."""
    return tuple((name, _mended(value, digests)) for name, value in headers)


def _mended(value: str, digests: Mapping[str, str]) -> str:
    for old, new in digests.items():
        value = value.replace(old, new)
    return value
