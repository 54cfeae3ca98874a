"""Visit the candidates of a log line: headers as HTTP libraries log them, URLs, plain text."""

from __future__ import annotations

import re

from .candidates import Walk
from .detectors import visit_tokens
from .headers import visit_header_value
from .nested import visit_plain_text

# A header as a pair of strings or of bytes: ('name', 'value'), (b'name', b'value').
_PAIR = re.compile(r"(?P<open>\(b?'(?P<name>[\w-]+)', b?')(?P<value>(?:[^'\\]|\\.)*+)(?P<end>'\))")


def visit_log_text(text: str, walk: Walk) -> str:
    """Return the text with its candidates replaced."""

    def visit(pair: re.Match[str]) -> str:
        value = visit_header_value(pair["name"].lower(), pair["value"], walk)
        return f"{pair['open']}{value}{pair['end']}"

    text = _PAIR.sub(visit, text)
    return visit_plain_text(visit_tokens(text, walk), walk)
