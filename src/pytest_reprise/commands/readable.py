"""Interactions in a form that people and other programs read: as text, and as plain values."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable
from pathlib import Path
from typing import TypeAlias

from ..cassette.model import Cassette
from ..exchange import Failure, Headers, Interaction
from ..messages import printable_json, printable_lines
from ..scrub.content.compression import decompress_or_keep

Values: TypeAlias = dict[str, object]


def readable_body(body: bytes, headers: Headers) -> str:
    """Return a body as JSON or text that is safe to print, or the size of a binary body."""
    plain = decompress_or_keep(body, headers)
    try:
        return printable_json(json.loads(plain))
    except (ValueError, RecursionError):
        pass
    try:
        return printable_lines(plain.decode().rstrip("\n"))
    except UnicodeDecodeError:
        return f"{len(body)} bytes that are not text"


def as_values(
    path: Path, cassette: Cassette, interactions: Iterable[tuple[int, Interaction]]
) -> Values:
    """Return a cassette with these of its interactions as values of JSON."""
    header = cassette.header
    found: Values = {"path": path.as_posix()}
    if header:
        found |= {
            "recorded_at": header.recorded_at.isoformat(),
            "recorded_with": header.recorded_with,
            "base_url": header.base_url,
        }
    found["interactions"] = [_interaction(*numbered) for numbered in interactions]
    return found


def _interaction(number: int, interaction: Interaction) -> Values:
    request, outcome = interaction.request, interaction.outcome
    sent = {"method": request.method, "url": request.url}
    found: Values = {
        "number": number,
        "at": interaction.at,
        "latency": interaction.latency._asdict() if interaction.latency else None,
        "request": sent | _message(request.headers, request.body),
    }
    if isinstance(outcome, Failure):
        return found | {"failure": outcome._asdict()}
    answer: Values = {"status": outcome.status, "reason": outcome.reason}
    if outcome.broken_by:
        answer["broken_by"] = outcome.broken_by._asdict()
    return found | {"response": answer | _message(outcome.headers, outcome.body)}


def _message(headers: Headers, body: bytes) -> Values:
    """Return headers and the body, decompressed: as `json`, as `text`, or as `base64`."""
    return {"headers": [list(pair) for pair in headers], "body": _body(body, headers)}


def _body(body: bytes, headers: Headers) -> Values | None:
    if not body:
        return None
    plain = decompress_or_keep(body, headers)
    try:
        return {"json": json.loads(plain)}
    except (ValueError, RecursionError):
        pass
    try:
        return {"text": plain.decode()}
    except UnicodeDecodeError:
        return {"base64": b64encode(plain).decode()}
