"""The responses of the measured API, for the server, the cassettes and the tests."""

from __future__ import annotations

import json
from typing import Any

PAGE = 100_000
"""Size of one document in bytes."""

HEADERS = [
    ("Server", "api/1.0"),
    ("Date", "Fri, 20 Nov 2026 12:00:00 GMT"),
    ("Content-Type", "application/json"),
]


def user(number: int) -> dict[str, Any]:
    """Return a small response of a typical API, about 400 bytes."""
    return {
        "id": number,
        "name": f"User {number}",
        "email": f"user-{number}@example.com",
        "active": number % 2 == 0,
        "score": number / 8,
        "created_at": "2026-03-14T09:26:53Z",
        "address": {"street": f"{number} High Street", "city": "Springfield", "zip": "12345"},
        "tags": ["alpha", "beta", "gamma"],
        "links": {"self": f"/users/{number}", "orders": f"/users/{number}/orders"},
        "note": "The quick brown fox jumps over the lazy dog, and then does so once more.",
    }


def answer(number: int) -> bytes:
    return json.dumps(user(number)).encode()


def document(number: int, reordered: bool = False) -> bytes:
    """Return a JSON request body of about 100 kB; `reordered` reverses the order of its keys."""
    rows: list[dict[str, Any]] = []
    while len(rows) * 400 < PAGE:
        row = {**user(len(rows)), "document": number}
        rows.append(dict(reversed(row.items())) if reordered else row)
    return json.dumps({"rows": rows, "number": number}).encode()
