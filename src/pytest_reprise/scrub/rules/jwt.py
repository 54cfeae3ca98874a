"""JSON Web Tokens (RFC 7519): recognise one, and put one together that clients can decode."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from ...patterns import lazy_regex

_THREE_PARTS = lazy_regex(r"[\w-]+={0,2}\.[\w-]+={0,2}\.[\w-]*")
"""Load balancers of AWS pad the parts."""

REDACTED_JWT_START = "IHs"
"""How header and claims of a redacted JWT start: base64 of a blank and a brace. A live token starts
with `eyJ`, base64 of a brace and a quote, which is what secret scanners look for."""


def is_jwt(value: str) -> bool:
    """Whether the value is a JWT: three parts, the first two JSON objects, the first with `alg`."""
    if not _THREE_PARTS.fullmatch(value):
        return False
    header, claims = (_decode(part) for part in value.split(".")[:2])
    return header is not None and claims is not None and "alg" in header


def split_jwt(value: str) -> tuple[dict[str, Any], dict[str, Any], str]:
    """Return header, claims and signature of a value for which `is_jwt` is true."""
    header, claims, signature = value.split(".")
    return _decode(header) or {}, _decode(claims) or {}, signature


def join_jwt(header: object, claims: object, signature: str, is_padded: bool = False) -> str:
    """Return the token. JSON allows the blank that each part starts with (RFC 8259)."""
    parts = [_encode(header), _encode(claims)]
    padded = [part + "=" * (-len(part) % 4) if is_padded else part for part in parts]
    return ".".join([*padded, signature])


def _decode(part: str) -> dict[str, Any] | None:
    """Return the JSON object in one part of a token, or None."""
    try:
        decoded = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (binascii.Error, ValueError):
        return None
    return decoded if isinstance(decoded, dict) else None


def _encode(part: object) -> str:
    text = " " + json.dumps(part, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
