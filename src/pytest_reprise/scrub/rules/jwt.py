"""JSON Web Tokens (RFC 7519): recognise one, and redact one so that clients can still decode it."""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import Any

_THREE_PARTS = re.compile(r"[\w-]+\.[\w-]+\.[\w-]*")
_PUBLIC_CLAIMS = ("iss", "aud", "scope")

REDACTED_JWT_START = "IHs"
"""How header and claims of a redacted JWT start: base64 of a blank and a brace. A live token starts
with `eyJ`, base64 of a brace and a quote, which is what secret scanners look for."""


def is_jwt(value: str) -> bool:
    """Whether the value is a JWT: three parts, the first two JSON objects, the first with `alg`."""
    if not _THREE_PARTS.fullmatch(value):
        return False
    header, claims = (_decode(part) for part in value.split(".")[:2])
    return header is not None and claims is not None and "alg" in header


def redact_jwt(value: str, placeholder: str) -> str:
    """Return the JWT with `placeholder` as its signature and as each secret claim.

    The header, numeric claims and public claims stay, so that a client which reads the token sees
    the same algorithm and times. JSON allows the blank that each part starts with (RFC 8259).
    """
    header, claims = (_decode(part) or {} for part in value.split(".")[:2])
    redacted = {name: _redact_claim(name, claim, placeholder) for name, claim in claims.items()}
    return f"{_encode(header)}.{_encode(redacted)}.{placeholder}"


def _redact_claim(name: str, claim: object, placeholder: str) -> object:
    return placeholder if isinstance(claim, str) and name not in _PUBLIC_CLAIMS else claim


def _decode(part: str) -> dict[str, Any] | None:
    """Return the JSON object in one part of a token, or None."""
    try:
        decoded = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (binascii.Error, ValueError):
        return None
    return decoded if isinstance(decoded, dict) else None


def _encode(part: dict[str, Any]) -> str:
    text = " " + json.dumps(part, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
