"""What stands inside a text: JSON in a string, a URL in a parameter, prose that tells a secret."""

from __future__ import annotations

import re

from . import json_text, prose, urls, values
from .slots import Look

_DEEPEST = 8
"""Documents within documents that are looked into."""
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,20}://[^\s\"'<>\\`?;#]{0,2000}[?;#][^\s\"'<>\\`]*")


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
        text = _URL.sub(lambda url: urls.rewrite(url[0], deeper, visit_text), text)
    return values.numbers(prose.rewrite(text, look), look)
