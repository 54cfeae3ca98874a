"""Visit the candidates of a text of any form: JSON, URLs in a text, plain text."""

from __future__ import annotations

import re

from .assignments import visit_assignments
from .candidates import Walk
from .detectors import visit_numbers
from .json_text import visit_json
from .urls import visit_url

_MAX_DEPTH = 8
"""Documents inside documents that are visited; what is deeper is kept."""
_WORD = re.compile(r"[^\s\"'<>\\`]++")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,20}$")
_PARAMETERS = re.compile(r"[?;#]")


def visit_text(text: str, walk: Walk) -> str:
    """Return a text, which may be JSON, with its candidates replaced."""
    if walk.depth > _MAX_DEPTH:
        return text
    if text[:1] in ("{", "["):
        return visit_json(text, walk.nested(), visit_text)
    return visit_plain_text(text, walk)


def visit_plain_text(text: str, walk: Walk) -> str:
    """Return a text that is not JSON with its candidates replaced."""
    if "://" in text:
        nested = walk.nested()
        text = _WORD.sub(lambda word: _visit_word(word[0], nested), text)
    return visit_numbers(visit_assignments(text, walk), walk)


def _visit_word(word: str, walk: Walk) -> str:
    """Visit the URL in a word, if it has parameters. A bracket may stand before the URL."""
    # In a URL without parameters only tokens are candidates, and detectors find them in any text.
    before, sign, after = word.partition("://")
    scheme = _SCHEME.search(before) if sign and _PARAMETERS.search(after) else None
    if scheme is None:
        return word
    return before[: scheme.start()] + visit_url(word[scheme.start() :], walk, visit_text)
