"""All slots of an exchange, in one order, for recording, for matching and for the audit."""

from __future__ import annotations

from dataclasses import replace

from ..exchange import Failure, Headers, Outcome, Request, header
from . import headers as header_slots
from . import media, urls, values
from .charsets import is_binary
from .inside import visit_prose, visit_text
from .slots import Look


def visit_request(request: Request, look: Look) -> Request:
    """The request with its slots visited; its body must have been decompressed."""
    content_type = header(request.headers, "content-type") or ""
    look = _narrowed(look, request.url, request.headers, request.body)
    return Request(
        request.method,
        urls.rewrite(request.url, look.at("request url"), visit_text),
        header_slots.rewrite(request.headers, look, "request"),
        media.rewrite(request.body, content_type, look.at("request body")),
    )


def visit_outcome(outcome: Outcome, look: Look) -> Outcome:
    """The outcome with its slots visited; its body must have been decompressed."""
    if isinstance(outcome, Failure):
        return replace(outcome, message=_free(outcome.message, look.at("failure")))
    content_type = header(outcome.headers, "content-type") or ""
    look = _narrowed(look, outcome.reason, outcome.headers, outcome.body)
    return replace(
        outcome,
        reason=_free(outcome.reason, look.at("response reason")),
        headers=header_slots.rewrite(outcome.headers, look, "response"),
        body=media.rewrite(outcome.body, content_type, look.at("response body")),
    )


def _free(text: str, look: Look) -> str:
    return visit_prose(values.tokens(text, look), look)


def _narrowed(look: Look, first: str, headers: Headers, body: bytes) -> Look:
    """The look with only the detectors that could find anything: one search instead of many."""
    # Without its zeros UTF-16 reads like ASCII.
    text = body.replace(b"\0", b"").decode("latin-1")
    rules = look.rules
    values_left = [v for name, v in headers if not header_slots.is_harmless(rules, name, v)]
    texts = "\n".join([first, *values_left])
    if is_binary(text):
        return look.with_only(values.detectors_for(texts, text))
    return look.with_only(values.detectors_for(f"{texts}\n{text}"))
