"""Cassette → YAML text, in vcrpy's version 1 format with our additions under `reprise:`.

The text ends with YAML's end-of-document marker `...`. A copy that was cut between two interactions
lacks it, and is refused when it is loaded.
"""

from __future__ import annotations

from ..exchange import Failure, Headers, Interaction, NoBody, Outcome, group_by_name, header
from . import compressed_bodies, json_blocks
from .body_files import StoreBody, keep_inline
from .json_blocks import Block
from .model import FORMAT, Cassette, Header
from .yaml import fast_dump

NO_RESPONSE = 599
"""The status written for a failure, since vcrpy expects a response. Reprise does not read it."""


def document_of(cassette: Cassette, store_body: StoreBody | None = None) -> dict[str, object]:
    """Return a cassette as plain values: dicts, lists, texts, numbers, and bytes if not UTF-8.

    `store_body` is given for YAML. It returns the value to write for a binary body, and text of
    several lines then becomes a Block. Without it the values suit any vcrpy serializer.
    """
    document: dict[str, object] = {"version": 1}
    if cassette.header:
        document["reprise"] = _dump_header(cassette.header)
    document["interactions"] = [_dump_interaction(i, store_body) for i in cassette.interactions]
    return document


def dump(cassette: Cassette, store_body: StoreBody = keep_inline) -> str:
    """Return the YAML text of a cassette. The same cassette always gives the same text.

    `store_body` returns the value to write for a binary body. A legacy cassette has no body files.
    """
    is_ours = cassette.header is not None
    document = document_of(cassette, store_body if is_ours else keep_inline)
    if is_ours:
        try:
            return fast_dump.dump(document) + "...\n"
        except fast_dump.UnsupportedValueError:
            pass  # PyYAML writes everything
    from .yaml import safe  # takes 15 ms, and most recordings do not need it

    return safe.dump(document, ascii_only=False, width=safe.WIDTH, start=False, end=is_ours)


def _dump_header(header: Header) -> dict[str, object]:
    confirmed_at = header.confirmed_at
    optional: dict[str, object] = {
        "base_url": header.base_url,
        "seed": header.seed,
        "scope": header.scope,
        "values": dict(header.values),
    }
    return {
        "version": FORMAT,
        "recorded_at": header.recorded_at.isoformat(),
        **({"confirmed_at": confirmed_at.isoformat()} if confirmed_at else {}),
        "recorded_with": header.recorded_with,
        **{name: value for name, value in optional.items() if value not in (None, "", {})},
    }


def _dump_interaction(interaction: Interaction, store_body: StoreBody | None) -> dict[str, object]:
    request, outcome = interaction.request, interaction.outcome
    ours: dict[str, object] = {"scope": interaction.scope} if interaction.scope else {}
    if interaction.at:
        ours["at"] = interaction.at
    if latency := interaction.latency:
        ours["latency"] = latency.headers
        ours |= {} if latency.body is None else {"latency_of_body": latency.body}
    body, headers = _decompressed(request.body, request.headers, ours, store_body, "request")
    written: dict[str, object] = {
        "request": {
            "method": request.method,
            "uri": request.url,
            "body": None
            if isinstance(body, NoBody)
            else _dump_body(body, ours, store_body, "request_json"),
            "headers": _dump_headers(headers, ours, "request_headers"),
        },
        "response": _dump_outcome(outcome, ours, store_body),
    }
    return {**written, "reprise": ours} if ours else written


def _dump_outcome(
    outcome: Outcome, ours: dict[str, object], store_body: StoreBody | None
) -> dict[str, object]:
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
    body, headers = _decompressed(outcome.body, outcome.headers, ours, store_body, "response")
    return {
        "status": {"code": outcome.status, "message": outcome.reason},
        "headers": _dump_headers(headers, ours, "response_headers"),
        "body": {"string": _dump_body(body, ours, store_body, "response_json")},
    }


def _decompressed(
    body: bytes,
    headers: Headers,
    ours: dict[str, object],
    store_body: StoreBody | None,
    message: str,
) -> tuple[bytes, Headers]:
    """Return body and headers to write; `message` is "request" or "response".

    A compressed body becomes text if its bytes can be restored. Else its text is added for readers.
    """
    if store_body is None or header(headers, "content-encoding") is None:
        return body, headers
    if plain := compressed_bodies.plain_body(body, headers):
        ours[f"{message}_coding"] = plain.recipe
        return plain.body, plain.headers
    if shown := compressed_bodies.shown_body(body, headers):
        ours[f"{message}_text"] = _dump_shown(shown)
    return body, headers


def _dump_shown(body: bytes) -> str:
    """Return a text that is written for readers only, and ignored when the cassette is loaded."""
    indented = json_blocks.indented(body)
    text = indented[0] if indented else body.decode()
    return Block(text) if "\n" in text else text


def _dump_failure(failure: Failure) -> dict[str, str]:
    return {"error": failure.error, "message": failure.message}


def _dump_headers(
    headers: Headers, ours: dict[str, object], order_key: str
) -> dict[str, list[str]]:
    """Return headers grouped by name, as vcrpy writes them.

    Where another header is between two of the same name, this loses the order, so it is noted too.
    """
    written = group_by_name(headers)
    if len(written) < len(headers):
        names = [name for name, _ in headers]
        if names != [name for name, values in written.items() for _ in values]:
            ours[order_key] = names
    return written


def _dump_body(
    body: bytes, ours: dict[str, object], store_body: StoreBody | None, style_key: str
) -> str | bytes:
    if store_body and (indented := json_blocks.indented(body)):
        block, ours[style_key] = indented
        return Block(block)
    if (text := json_blocks.text_of(body)) is None:
        return store_body(body) if store_body else body
    return Block(text) if store_body and "\n" in text else text
