"""All slots of an exchange, in one order, for recording, for matching and for the audit."""

from __future__ import annotations

from ...exchange import Failure, Headers, Outcome, Request, header
from ..content.charsets import is_binary
from . import detectors, media, urls
from . import headers as header_slots
from .nested import visit_prose, visit_text
from .slots import Look


def visit_request(request: Request, look: Look) -> Request:
    """The request with its slots visited; its body must have been decompressed."""
    content_type = header(request.headers, "content-type") or ""
    look = _narrowed(look, request.url, request.headers, request.body)
    return request.with_texts(
        urls.rewrite(request.url, look.at("request url"), visit_text),
        header_slots.rewrite(request.headers, look, "request"),
        media.rewrite(request.body, content_type, look.at("request body")),
    )


def visit_outcome(outcome: Outcome, look: Look) -> Outcome:
    """The outcome with its slots visited; its body must have been decompressed."""
    if isinstance(outcome, Failure):
        return outcome.with_message(_free(outcome.message, look.at("failure")))
    content_type = header(outcome.headers, "content-type") or ""
    look = _narrowed(look, outcome.reason, outcome.headers, outcome.body)
    return outcome.with_texts(
        _free(outcome.reason, look.at("response reason")),
        header_slots.rewrite(outcome.headers, look, "response"),
        media.rewrite(outcome.body, content_type, look.at("response body")),
    )


def _free(text: str, look: Look) -> str:
    return visit_prose(detectors.tokens(text, look), look)


def _narrowed(look: Look, first: str, headers: Headers, body: bytes) -> Look:
    """The look with only the detectors that could find anything: one search instead of many."""
    # Without its zeros UTF-16 reads like ASCII.
    text = body.replace(b"\0", b"").decode("latin-1")
    texts = "\n".join([first, *(v for _, v in header_slots.with_slots(look.rules, headers))])
    if is_binary(text):
        return look.with_only(detectors.detectors_for(texts, text))
    return look.with_only(detectors.detectors_for(f"{texts}\n{text}"))
