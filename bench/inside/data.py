"""What the measured API answers: the server, the cassettes and the tests agree on it."""

from __future__ import annotations

import json
from typing import Any

PAGE = 100_000
"""Bytes of one document."""

HEADERS = [
    ("Server", "api/1.0"),
    ("Date", "Fri, 20 Nov 2026 12:00:00 GMT"),
    ("Content-Type", "application/json"),
]


def user(number: int) -> dict[str, Any]:
    """A small answer of a typical API, some 400 bytes."""
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
    """A JSON body of some 100 kB to send; `reordered` says the same with its keys the other way."""
    rows: list[dict[str, Any]] = []
    while len(rows) * 400 < PAGE:
        row = {**user(len(rows)), "document": number}
        rows.append(dict(reversed(row.items())) if reordered else row)
    return json.dumps({"rows": rows, "number": number}).encode()
