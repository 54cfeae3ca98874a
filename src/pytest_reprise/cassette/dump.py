"""Cassette → YAML text, in vcrpy's version 1 form; what we add stands under `reprise:`.

The text of a cassette ends with YAML's end-of-document marker `...`, so that a truncated copy is
known as one even where it was cut between two interactions.
"""

from __future__ import annotations

from ..exchange import Failure, Headers, Interaction, Outcome, group_by_name
from . import json_blocks
from .body_files import Put, keep_inline
from .json_blocks import Block
from .model import FORMAT, Cassette, Header
from .yaml import fast_dump

NO_RESPONSE = 599
"""The status that stands in for a failure where a reader wants a response (vcrpy does)."""


def document_of(cassette: Cassette, put: Put | None = None) -> dict[str, object]:
    """A cassette as plain values: dicts, lists, texts, numbers, and bytes that are no text.

    `put` is for YAML, which has blocks for texts of many lines; it says what stands there for
    bytes.
    """
    document: dict[str, object] = {"version": 1}
    if cassette.header:
        document["reprise"] = _dump_header(cassette.header)
    document["interactions"] = [_dump_interaction(i, put) for i in cassette.interactions]
    return document


def dump(cassette: Cassette, put: Put = keep_inline) -> str:
    """The text of a cassette; the same cassette always gives the same text.

    `put` says what stands for bytes in a cassette of ours.
    """
    is_ours = cassette.header is not None
    document = document_of(cassette, put if is_ours else keep_inline)
    if is_ours:
        try:
            return fast_dump.dump(document) + "...\n"
        except fast_dump.UnsupportedValueError:
            pass
    from .yaml import safe  # 15 ms, and mostly not needed

    return safe.dump(document, ascii_only=False, width=safe.WIDTH, start=False, end=is_ours)


def _dump_header(header: Header) -> dict[str, object]:
    optional: dict[str, object] = {
        "base_url": header.base_url,
        "seed": header.seed,
        "scope": header.scope,
        "values": dict(header.values),
    }
    return {
        "version": FORMAT,
        "recorded_at": header.recorded_at.isoformat(),
        "recorded_with": header.recorded_with,
        **{name: value for name, value in optional.items() if value not in (None, "", {})},
    }


def _dump_interaction(interaction: Interaction, put: Put | None) -> dict[str, object]:
    request, outcome = interaction.request, interaction.outcome
    ours: dict[str, object] = {"scope": interaction.scope} if interaction.scope else {}
    if interaction.at:
        ours["at"] = interaction.at
    written: dict[str, object] = {
        "request": {
            "method": request.method,
            "uri": request.url,
            "body": _dump_body(request.body, ours, put, "request_json"),
            "headers": _dump_headers(request.headers, ours, "request_headers"),
        },
        "response": _dump_outcome(outcome, ours, put),
    }
    return {**written, "reprise": ours} if ours else written


def _dump_outcome(outcome: Outcome, ours: dict[str, object], put: Put | None) -> dict[str, object]:
    if isinstance(outcome, Failure):
        ours["failure"] = _dump_failure(outcome)
        status: dict[str, object] = {"code": NO_RESPONSE, "message": outcome.error}
        return {"status": status, "headers": {}, "body": {"string": ""}}
    if outcome.http_version != "HTTP/1.1":
        ours["http_version"] = outcome.http_version
    if outcome.chunks:
        ours["chunks"] = " ".join(map(str, outcome.chunks))
    if outcome.broken_by:
        ours["broken_by"] = _dump_failure(outcome.broken_by)
    return {
        "status": {"code": outcome.status, "message": outcome.reason},
        "headers": _dump_headers(outcome.headers, ours, "response_headers"),
        "body": {"string": _dump_body(outcome.body, ours, put, "response_json")},
    }


def _dump_failure(failure: Failure) -> dict[str, str]:
    return {"error": failure.error, "message": failure.message}


def _dump_headers(
    headers: Headers, ours: dict[str, object], order_key: str
) -> dict[str, list[str]]:
    """By name, as vcrpy has them; where others stood between repeats, the order is noted too."""
    written = group_by_name(headers)
    if len(written) < len(headers):
        names = [name for name, _ in headers]
        if names != [name for name, values in written.items() for _ in values]:
            ours[order_key] = names
    return written


def _dump_body(
    body: bytes, ours: dict[str, object], put: Put | None, style_key: str
) -> str | bytes:
    if put and (indented := json_blocks.indented(body)):
        block, ours[style_key] = indented
        return Block(block)
    if (text := json_blocks.text_of(body)) is None:
        return put(body) if put else body
    return Block(text) if put and "\n" in text else text
