"""JSON Web Tokens (RFC 7519): a placeholder of the same form, for clients that look inside."""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import Any

_SHAPE = re.compile(r"[\w-]+\.[\w-]+\.[\w-]*")
_KEPT_CLAIMS = ("iss", "aud", "scope")


def is_jwt(value: str) -> bool:
    """Whether the value is a JWT: three parts, the first two JSON objects, the first with `alg`."""
    if not _SHAPE.fullmatch(value):
        return False
    header, claims = (_decoded(part) for part in value.split(".")[:2])
    return header is not None and claims is not None and "alg" in header


def redacted_jwt(value: str, placeholder: str) -> str:
    """The JWT without what is secret: numbers and public claims stay, `placeholder` signs it.

    Times of expiry go on to hold. The parts begin with a blank, which JSON allows, so that no
    scanner takes the result for a live token.
    """
    header, claims = (_decoded(part) or {} for part in value.split(".")[:2])
    kept = {name: _redacted(name, claim, placeholder) for name, claim in claims.items()}
    return f"{_encoded(header)}.{_encoded(kept)}.{placeholder}"


def _redacted(name: str, claim: object, placeholder: str) -> object:
    return placeholder if isinstance(claim, str) and name not in _KEPT_CLAIMS else claim


def _decoded(part: str) -> dict[str, Any] | None:
    try:
        found = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (binascii.Error, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _encoded(part: dict[str, Any]) -> str:
    text = " " + json.dumps(part, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
