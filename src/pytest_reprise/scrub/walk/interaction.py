"""Visit all candidates of a request or an outcome, always in the same order."""

from __future__ import annotations

from ...exchange import Failure, Headers, Outcome, Request, header
from ..content.charsets import DecodedText, decode
from .bodies import visit_body
from .candidates import Walk
from .detectors import visit_tokens
from .headers import headers_with_candidates, visit_headers
from .nested import visit_plain_text, visit_text
from .token_search import detectors_for
from .urls import visit_url


def visit_request(request: Request, walk: Walk) -> Request:
    """Return the request with its candidates replaced. Its body must not be compressed."""
    content_type = header(request.headers, "content-type") or ""
    decoded = decode(request.body, content_type)
    walk = _with_possible_detectors(walk, request.url, request.headers, decoded)
    return request.with_texts(
        visit_url(request.url, walk.in_part("request url"), visit_text),
        visit_headers(request.headers, walk, "request"),
        visit_body(request.body, content_type, walk.in_part("request body"), decoded),
    )


def visit_outcome(outcome: Outcome, walk: Walk) -> Outcome:
    """Return the outcome with its candidates replaced. Its body must not be compressed."""
    if isinstance(outcome, Failure):
        return outcome.with_message(_visit_message(outcome.message, walk.in_part("failure")))
    content_type = header(outcome.headers, "content-type") or ""
    decoded = decode(outcome.body, content_type)
    walk = _with_possible_detectors(walk, outcome.reason, outcome.headers, decoded)
    return outcome.with_texts(
        _visit_message(outcome.reason, walk.in_part("response reason")),
        visit_headers(outcome.headers, walk, "response"),
        visit_body(outcome.body, content_type, walk.in_part("response body"), decoded),
    )


_SHORTEST = 4
"""Characters of the shortest secret."""


def _visit_message(text: str, walk: Walk) -> str:
    if len(text) < _SHORTEST and not walk.rules.patterns:
        return text  # most are "OK"; this saves 0.6 % of a recording
    return visit_plain_text(visit_tokens(text, walk), walk)


def _with_possible_detectors(walk: Walk, first: str, headers: Headers, body: DecodedText) -> Walk:
    """Return the walk with only the detectors that can match anywhere in the message.

    One search for all literals of the message replaces a search in each of its texts.
    """
    values = (value for _, value in headers_with_candidates(walk.rules, headers))
    texts = "\n".join([first, *values])
    if body.is_binary:
        return walk.with_detectors(detectors_for(texts, body.text))
    return walk.with_detectors(detectors_for(f"{texts}\n{body.text}"))
