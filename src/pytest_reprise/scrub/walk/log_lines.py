"""Visit the candidates of a log line: headers as HTTP libraries log them, URLs, plain text."""

from __future__ import annotations

import re

from ...patterns import lazy_regex
from ..rules.checks import is_opaque
from .candidates import Walk
from .detectors import visit_tokens
from .headers import visit_header_value
from .nested import visit_plain_text

# A header as a pair of strings or of bytes: ('name', 'value'), (b'name', b'value').
_PAIR = lazy_regex(r"(?P<open>\(b?'(?P<name>[\w-]+)', b?')(?P<value>(?:[^'\\]|\\.)*+)(?P<end>'\))")

# A status line, as httpx and httpcore log it.
_REASON = lazy_regex(r"(HTTP/[\d.]+'?,? \d{3}(?:, b'| ))([^'\"\r\n]+)")
_HIDDEN = "…"
"""What is shown of a value that may be a secret which the body, not yet read, will reveal."""
_MIN_LENGTH = 12
"""Characters of an opaque word of a reason, or of an ETag, that is hidden."""


def _without_opaque_words(line: re.Match[str]) -> str:
    words = (_HIDDEN if is_opaque(word, _MIN_LENGTH) else word for word in line[2].split(" "))
    return line[1] + " ".join(words)


def visit_log_text(text: str, walk: Walk) -> str:
    """Return the text with its candidates replaced."""

    def visit(pair: re.Match[str]) -> str:
        name, value = pair["name"].lower(), pair["value"]
        shown = _HIDDEN if name == "etag" and is_opaque(value.strip('W/"'), _MIN_LENGTH) else None
        return f"{pair['open']}{shown or visit_header_value(name, value, walk)}{pair['end']}"

    text = _PAIR.sub(visit, text)
    text = _REASON.sub(_without_opaque_words, text)
    return visit_plain_text(visit_tokens(text, walk), walk)
