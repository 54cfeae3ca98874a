"""All slots of an exchange, in one order, for recording, for matching and for the audit."""

from __future__ import annotations

from dataclasses import replace

from ..exchange import Failure, Outcome, Request, header
from . import headers, media, urls, values
from .inside import visit_prose, visit_text
from .slots import Look


def visit_request(request: Request, look: Look) -> Request:
    """The request with its slots visited; its body must have been decompressed."""
    content_type = header(request.headers, "content-type") or ""
    return replace(
        request,
        url=urls.rewrite(request.url, look.at("request url"), visit_text),
        headers=headers.rewrite(request.headers, look, "request"),
        body=media.rewrite(request.body, content_type, look.at("request body")),
    )


def visit_outcome(outcome: Outcome, look: Look) -> Outcome:
    """The outcome with its slots visited; its body must have been decompressed."""
    if isinstance(outcome, Failure):
        return replace(outcome, message=_free(outcome.message, look.at("failure")))
    content_type = header(outcome.headers, "content-type") or ""
    return replace(
        outcome,
        reason=_free(outcome.reason, look.at("response reason")),
        headers=headers.rewrite(outcome.headers, look, "response"),
        body=media.rewrite(outcome.body, content_type, look.at("response body")),
    )


def _free(text: str, look: Look) -> str:
    return visit_prose(values.tokens(text, look), look)
