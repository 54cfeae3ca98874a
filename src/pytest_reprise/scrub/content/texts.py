"""The texts of an interaction, in which known values are searched and replaced."""

from __future__ import annotations

from collections.abc import Iterator

from ...exchange import (
    BodyMap,
    Failure,
    Headers,
    Interaction,
    Outcome,
    Request,
    TextMap,
    header,
    map_outcome,
    map_request,
)
from .charsets import decode


def texts(interaction: Interaction) -> Iterator[tuple[str, str]]:
    """Yield each text of an interaction, after the name of its part, such as "request url".

    The bodies of the interaction must not be compressed.
    """
    yield from request_texts(interaction.request)
    yield from outcome_texts(interaction.outcome)


def request_texts(request: Request) -> Iterator[tuple[str, str]]:
    """Yield the texts of a request, each after the name of its part."""
    yield "request url", request.url
    yield from _headers(request.headers, "request")
    yield "request body", _body(request.body, request.headers)


def outcome_texts(outcome: Outcome) -> Iterator[tuple[str, str]]:
    """Yield the texts of a response or failure, each after the name of its part."""
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
    """Return the interaction with `change` applied to each text, and `in_place` to binary bodies.

    The bodies must not be compressed. `in_place` must keep the length of the text.
    """
    map_body = _in_any_charset(change, in_place)
    request = map_request(interaction.request, change, map_body)
    return interaction.with_request_and_outcome(
        request, map_outcome(interaction.outcome, change, map_body)
    )


def map_request_texts(request: Request, change: TextMap, in_place: TextMap) -> Request:
    """Do the same as `map_texts` for one request."""
    return map_request(request, change, _in_any_charset(change, in_place))


def _in_any_charset(change: TextMap, in_place: TextMap) -> BodyMap:
    def map_body(body: bytes, headers: Headers) -> bytes:
        decoded = decode(body, header(headers, "content-type") or "")
        changed = (in_place if decoded.is_binary else change)(decoded.text)
        return body if changed == decoded.text else decoded.encode(changed)

    return map_body
