"""The texts of an exchange: what known values are looked for in, and replaced."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..exchange import Failure, Headers, Interaction, Outcome, Request, TextMap, header
from .charsets import decode


def texts(interaction: Interaction) -> Iterator[tuple[str, str]]:
    """Where each text of an interaction, opened, stands, and the text."""
    request, outcome = interaction.request, interaction.outcome
    yield "request url", request.url
    yield from _headers(request.headers, "request")
    yield "request body", _body(request.body, request.headers)
    if isinstance(outcome, Failure):
        yield "failure", outcome.message
        return
    yield "response reason", outcome.reason
    yield from _headers(outcome.headers, "response")
    yield "response body", _body(outcome.body, outcome.headers)
    if outcome.broken_by:
        yield "failure", outcome.broken_by.message


def _headers(headers: Headers, side: str) -> Iterator[tuple[str, str]]:
    return ((f"{side} header {name}", value) for name, value in headers)


def _body(body: bytes, headers: Headers) -> str:
    return decode(body, header(headers, "content-type") or "").text


def map_texts(interaction: Interaction, change: TextMap, in_place: TextMap) -> Interaction:
    """The interaction, opened, with `change` applied to each text, `in_place` to binary bodies."""
    return replace(
        interaction,
        request=map_request_texts(interaction.request, change, in_place),
        outcome=_map_outcome(interaction.outcome, change, in_place),
    )


def map_request_texts(request: Request, change: TextMap, in_place: TextMap) -> Request:
    """The same for one request."""
    return replace(
        request,
        url=change(request.url),
        headers=_map_headers(request.headers, change),
        body=_map_body(request.body, request.headers, change, in_place),
    )


def _map_outcome(outcome: Outcome, change: TextMap, in_place: TextMap) -> Outcome:
    if isinstance(outcome, Failure):
        return replace(outcome, message=change(outcome.message))
    broken_by = outcome.broken_by
    return replace(
        outcome,
        reason=change(outcome.reason),
        headers=_map_headers(outcome.headers, change),
        body=_map_body(outcome.body, outcome.headers, change, in_place),
        broken_by=broken_by and replace(broken_by, message=change(broken_by.message)),
    )


def _map_headers(headers: Headers, change: TextMap) -> Headers:
    return tuple((name, change(value)) for name, value in headers)


def _map_body(body: bytes, headers: Headers, change: TextMap, in_place: TextMap) -> bytes:
    decoded = decode(body, header(headers, "content-type") or "")
    changed = (in_place if decoded.is_binary else change)(decoded.text)
    return body if changed == decoded.text else decoded.encode(changed)
