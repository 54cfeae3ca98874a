"""Visit the candidates of a text of any form: JSON, URLs in a text, plain text."""

from __future__ import annotations

import re
from dataclasses import replace

from .assignments import visit_assignments
from .candidates import Candidate, Walk
from .commands import without_closing_brackets
from .detectors import visit_numbers
from .encoded import may_be_encoded, visit_encoded
from .json_scalars import is_json_like
from .json_text import visit_json
from .markup import visit_markup
from .urls import visit_url

_MAX_DEPTH = 8
"""Documents inside documents that are visited; what is deeper is kept."""
_END_OF_WORD = re.compile(r"[\s\"'<>\\`]|\Z")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,20}\Z")
_MAX_SCHEME = 21
_PARAMETERS = re.compile(r"[?;#]")


def visit_text(text: str, walk: Walk) -> str:
    """Return a text, which may be JSON, XML, or one of them in base64, with candidates replaced."""
    if walk.depth > _MAX_DEPTH:
        return text
    start = text[:1]
    if start in ("{", "["):
        return visit_json_or_text(text, walk.nested(), walk)
    if start == "<":
        text = visit_markup(text, walk)
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
    parts: list[str] = []
    done, nested = 0, walk.nested()
    at = text.find("://")
    while at >= 0:
        found = _END_OF_WORD.search(text, at)
        end = found.start() if found else len(text)
        end = at + len(without_closing_brackets(text[at:end]))
        scheme = _SCHEME.search(text, max(0, at - _MAX_SCHEME), at)
        if scheme and _PARAMETERS.search(text, at, end):
            start = scheme.start()
            parts += text[done:start], visit_url(text[start:end], nested, visit_text)
            done = end
        at = text.find("://", end)
    return "".join([*parts, text[done:]]) if parts else text
