"""The slots of a log line: header pairs as HTTP libraries log them, URLs, what prose tells."""

from __future__ import annotations

import re

from . import detectors, headers
from .nested import visit_prose
from .slots import Look

_PAIR = re.compile(r"(?P<open>\(b?'(?P<name>[\w-]+)', b?')(?P<value>(?:[^'\\]|\\.)*+)(?P<end>'\))")


def rewrite(text: str, look: Look) -> str:
    """The text with its slots visited."""

    def visit(pair: re.Match[str]) -> str:
        held = headers.rewrite_one(pair["name"].lower(), pair["value"], look)
        return f"{pair['open']}{held}{pair['end']}"

    text = _PAIR.sub(visit, text)
    return visit_prose(detectors.tokens(text, look), look)
