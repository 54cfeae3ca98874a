"""Variants of the cassette format that vcrpy wrote for some clients or in earlier versions.

Each function returns what vcrpy writes today for the same recording.
"""

from __future__ import annotations

import json
from typing import Any

_GZIP_MAGIC = b"\x1f\x8b"


def body_of_values(body: object) -> object:
    """Return a request body as text. For JSON of aiohttp, vcrpy stores a dict or a list.

    Raises TypeError or ValueError for values that JSON cannot hold.
    """
    return json.dumps(body, sort_keys=True, default=str) if isinstance(body, (dict, list)) else body


def headers_by_name(headers: object) -> object:
    """Return headers by name; vcrpy keeps those of Tornado's responses as a list of pairs."""
    if not isinstance(headers, list):
        return headers
    is_of_pairs = all(isinstance(pair, (list, tuple)) and len(pair) == 2 for pair in headers)
    return {str(name): values for name, values in headers} if is_of_pairs else headers


def response(found: dict[str, Any]) -> dict[str, Any]:
    """Return a response; vcrpy's first support for httpx wrote `status_code` and `content`."""
    if "status_code" not in found:
        return found
    return {
        "status": {"code": found["status_code"]},
        "headers": _headers_of_decoded(found.get("headers"), found.get("content")),
        "body": {"string": found.get("content")},
    }


def _headers_of_decoded(headers: object, content: object) -> object:
    """Return the headers without those that are wrong for decoded content.

    That version of vcrpy stored the decompressed content with the headers of the compressed one.
    """
    is_compressed = isinstance(content, bytes) and content.startswith(_GZIP_MAGIC)
    if is_compressed or not isinstance(headers, dict):
        return headers
    names = {str(name).lower() for name in headers}
    wrong = ("content-encoding", "content-length") if "content-encoding" in names else ()
    return {name: value for name, value in headers.items() if str(name).lower() not in wrong}
