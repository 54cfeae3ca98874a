"""Visit the candidates of a text of any form: JSON, URLs in a text, plain text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ...patterns import lazy_regex
from .assignments import visit_assignments
from .candidates import Candidate, Walk
from .commands import without_closing_brackets
from .detectors import visit_numbers
from .encoded import may_be_encoded, visit_encoded
from .json_scalars import is_json_like
from .json_text import visit_json
from .markup import visit_markup
from .urls import texts_with_candidates, visit_url

_MAX_DEPTH = 8
"""Documents inside documents that are visited; what is deeper is kept."""
_BEHIND_SCHEME = lazy_regex(r"://[^\s\"'<>\\`?;#]*+[?;#][^\s\"'<>\\`]*+")
"""A URL with parameters, up to the end of its word."""
_SCHEME = lazy_regex(r"[A-Za-z0-9+.-]{0,20}[A-Za-z]")
"""A scheme from its end to its start."""
_MAX_SCHEME = 21
_PARAMETERS = lazy_regex(r"[?;#]")


def visit_text(text: str, walk: Walk) -> str:
    """Return a text, which may be JSON, XML, or one of them in base64, with candidates replaced."""
    if walk.depth > _MAX_DEPTH:
        return text
    start = text[:1]
    if start in ("{", "["):
        return visit_json_or_text(text, walk.nested(), walk)
    if start == "<":
        text = visit_markup(text, walk, visit_text)
    elif may_be_encoded(text):
        return visit_encoded(text, walk, visit_text)
    return visit_plain_text(text, walk)


def visit_json_or_text(text: str, inside: Walk, walk: Walk) -> str:
    """Return a text that begins like JSON with its candidates replaced.

    `inside` is the walk for the JSON. What only begins like JSON is visited as plain text too. A
    value that the visitor kept under the same name is not visited twice, so that an audit reports
    it once.
    """
    if is_json_like(text):
        return visit_json(text, inside, visit_text)
    kept: set[tuple[str, str | None]] = set()

    def visit_first(candidate: Candidate) -> str | None:
        replacement = walk.visitor(candidate)
        if replacement is None:
            kept.add((_last_name(candidate), candidate.value))
        return replacement

    def visit_second(candidate: Candidate) -> str | None:
        is_done = (_last_name(candidate), candidate.value) in kept
        return None if is_done else walk.visitor(candidate)

    visited = visit_json(text, replace(inside, visitor=visit_first), visit_text)
    return visit_plain_text(visited, replace(walk, visitor=visit_second))


def _last_name(candidate: Candidate) -> str:
    """Return the name without the path that it has in JSON."""
    return candidate.name.removesuffix("[]").rpartition(".")[2]


def visit_plain_text(text: str, walk: Walk) -> str:
    """Return a text that is not JSON with its candidates replaced."""
    if "://" in text:
        text = _visit_urls(text, walk)
    return visit_numbers(visit_assignments(text, walk), walk)


def _visit_urls(text: str, walk: Walk) -> str:
    """Visit the URLs that have parameters, each up to the end of its word.

    In a URL without parameters only tokens are candidates, and detectors find them in any text.
    """
    urls = list(_urls_with_parameters(text))
    parts: list[str] = []
    done, nested = 0, walk.nested()
    for number in texts_with_candidates([text[start:end] for start, end in urls], walk):
        start, end = urls[number]
        parts += text[done:start], visit_url(text[start:end], nested, visit_text)
        done = end
    return "".join([*parts, text[done:]]) if parts else text


def _urls_with_parameters(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of the URLs in the text that have a query, a fragment or a semicolon."""
    for found in _BEHIND_SCHEME.finditer(text):
        at, rest = found.start(), without_closing_brackets(found[0])
        scheme = _SCHEME.match(text[max(0, at - _MAX_SCHEME) : at][::-1])
        if scheme and (rest == found[0] or _PARAMETERS.search(rest)):
            yield at - scheme.end(), at + len(rest)
