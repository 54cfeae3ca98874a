"""Changes of the status of an operation, and what the new answer says about them."""

from __future__ import annotations

import re

from ..exchange import Failure, Outcome, header
from .body_values import Json, body_of
from .operation_facts import Operation

_GONE = (404, 405, 410, 501)
"""Statuses by which an API says that it has no such operation."""
_REQUIRED = re.compile(
    r"\brequired\b|\bmissing\b|\bmust be (?:given|set|present|provided)\b|\bis needed\b",
    re.IGNORECASE,
)
_NAMED = re.compile(r"[\"'`]?\b([\w.]+)[\"'`]? (?:field )?(?:is|was) (?:required|missing|needed)")
_MESSAGES = "message detail error_description title msg description reason error errors".split()


def status_kind(old: str, new: str, message: str, found: Operation) -> str:
    was, now = (int(text) if text.isdecimal() else 0 for text in (old, new))
    if now in (400, 422) and was < 400 and _REQUIRED.search(message):
        return "field-required"
    if now in (301, 308) and was < 300:
        return "endpoint-renamed"
    if now in _GONE and 0 < was < 400 and not found.succeeded[1]:
        return "endpoint-removed"
    if was in _GONE and 0 < now < 400 and not found.succeeded[0]:
        return "endpoint-added"
    return "status"


def required_field(message: str) -> str:
    """Return the place of the field that an error asks for, as `$.country`; "" if it names none."""
    found = _NAMED.search(message)
    return f"$.{found[1]}" if found else ""


def detail(outcome: Outcome) -> str:
    """Return what an error says, in one line, or where a redirection leads; else ""."""
    if isinstance(outcome, Failure) or outcome.status < 300:
        return ""
    if outcome.status < 400:
        return header(outcome.headers, "location") or ""
    value = body_of(outcome)
    return "" if value is None else _first_message(value)


def _first_message(value: Json) -> str:
    if isinstance(value, str):
        return " ".join(value.split())
    if isinstance(value, list):
        return next((text for item in value if (text := _first_message(item))), "")
    if isinstance(value, dict):
        named = (value[name] for name in _MESSAGES if name in value)
        return next((text for item in named if (text := _first_message(item))), "")
    return ""
