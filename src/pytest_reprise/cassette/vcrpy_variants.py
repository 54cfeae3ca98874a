"""Forms that vcrpy wrote for some clients or in some years, as the form that it writes today."""

from __future__ import annotations

import json
from typing import Any

_GZIP = b"\x1f\x8b"


def body_of_values(body: object) -> object:
    """The body of a request; aiohttp's are values, as it was given them to encode."""
    return json.dumps(body, sort_keys=True, default=str) if isinstance(body, (dict, list)) else body


def headers_by_name(headers: object) -> object:
    """Headers by name; those of Tornado's answers are a list of pairs."""
    if not isinstance(headers, list):
        return headers
    is_of_pairs = all(isinstance(pair, (list, tuple)) and len(pair) == 2 for pair in headers)
    return {str(name): values for name, values in headers} if is_of_pairs else headers


def response(found: dict[str, Any]) -> dict[str, Any]:
    """A response; those of the first httpx stubs have `status_code` and `content`."""
    if "status_code" not in found:
        return found
    return {
        "status": {"code": found["status_code"]},
        "headers": _as_unpacked(found.get("headers"), found.get("content")),
        "body": {"string": found.get("content")},
    }


def _as_unpacked(headers: object, content: object) -> object:
    """The content was kept as httpx had unpacked it, beside the headers of the packed one."""
    is_packed = isinstance(content, bytes) and content.startswith(_GZIP)
    if is_packed or not isinstance(headers, dict):
        return headers
    names = {str(name).lower() for name in headers}
    gone = ("content-encoding", "content-length") if "content-encoding" in names else ()
    return {name: value for name, value in headers.items() if str(name).lower() not in gone}
