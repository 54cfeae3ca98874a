"""What stands inside a text: JSON in a string, a URL in a parameter, prose that tells a secret."""

from __future__ import annotations

import re

from . import detectors, json_text, prose, urls
from .slots import Look

_DEEPEST = 8
"""Documents within documents that are looked into."""
_WORD = re.compile(r"[^\s\"'<>\\`]++")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,20}$")
_PARAMETERS = re.compile(r"[?;#]")


def visit_text(text: str, look: Look) -> str:
    """A text that may be JSON, or hold URLs, or tell a secret, with its slots visited."""
    if look.depth > _DEEPEST:
        return text
    if text[:1] in ("{", "["):
        return json_text.rewrite(text, look.deeper(), visit_text)
    return visit_prose(text, look)


def visit_prose(text: str, look: Look) -> str:
    """The same for a text that is not JSON."""
    if "://" in text:
        deeper = look.deeper()
        text = _WORD.sub(lambda word: _visit_word(word[0], deeper), text)
    return detectors.numbers(prose.rewrite(text, look), look)


def _visit_word(word: str, look: Look) -> str:
    """A word that may be a URL with parameters, or hold one behind a bracket."""
    before, sign, after = word.partition("://")
    scheme = _SCHEME.search(before) if sign and _PARAMETERS.search(after) else None
    if scheme is None:
        return word
    return before[: scheme.start()] + urls.rewrite(word[scheme.start() :], look, visit_text)
