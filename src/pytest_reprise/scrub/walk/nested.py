"""Visit the candidates of a text of any form: JSON, URLs in a text, plain text."""

from __future__ import annotations

import re

from .assignments import visit_assignments
from .candidates import Walk
from .detectors import visit_numbers
from .json_text import is_json_like, visit_json
from .urls import visit_url

_MAX_DEPTH = 8
"""Documents inside documents that are visited; what is deeper is kept."""
_END_OF_WORD = re.compile(r"[\s\"'<>\\`]|\Z")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,20}\Z")
_MAX_SCHEME = 21
_PARAMETERS = re.compile(r"[?;#]")


def visit_text(text: str, walk: Walk) -> str:
    """Return a text, which may be JSON, with its candidates replaced."""
    if walk.depth > _MAX_DEPTH:
        return text
    if text[:1] in ("{", "["):
        visited = visit_json(text, walk.nested(), visit_text)
        return visited if is_json_like(text) else visit_plain_text(visited, walk)
    return visit_plain_text(text, walk)


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
        scheme = _SCHEME.search(text, max(0, at - _MAX_SCHEME), at)
        if scheme and _PARAMETERS.search(text, at, end):
            start = scheme.start()
            parts += text[done:start], visit_url(text[start:end], nested, visit_text)
            done = end
        at = text.find("://", end)
    return "".join([*parts, text[done:]]) if parts else text
