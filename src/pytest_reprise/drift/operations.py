"""Operations of an API: a method and a path template, such as `GET /customers/{id}`."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from ..exchange import Request
from ..scrub.replace.placeholders import replace_placeholders

_STATIC = re.compile(
    r"v\d+(?:[._-]?\w+)?|oauth[12]|ipv[46]|s3|md5|sha\d+|base64|h2|2fa|mp[34]", re.IGNORECASE
)
"""Segments with a digit that are part of the path, and no id."""
_HAS_DIGIT = re.compile(r"\d")
_MASK = "{id}"


def operation(request: Request, base_url: str = "") -> str:
    """Return the method, and the path with ids as `{id}`.

    The host is added if it is another one than that of the base URL.
    """
    parts = urlsplit(request.url)
    own = urlsplit(base_url).netloc
    host = f"//{parts.netloc}" if own and parts.netloc != own else ""
    path = replace_placeholders(parts.path, lambda _: _MASK)
    return f"{request.method} {host}{'/'.join(map(_masked, path.split('/'))) or '/'}"


def _masked(segment: str) -> str:
    if _MASK in segment or _STATIC.fullmatch(segment):
        return segment
    return _MASK if _HAS_DIGIT.search(segment) else segment


def link_form(text: str) -> str:
    """Return what of a URL or path identifies an operation: host, masked path, names of the query.

    "" for a text that is neither.
    """
    if not text.startswith(("http://", "https://", "/")) or any(map(str.isspace, text)):
        return ""
    parts = urlsplit(replace_placeholders(text, lambda _: _MASK))
    names = sorted({pair.partition("=")[0] for pair in parts.query.split("&")})
    path = "/".join(map(_masked, parts.path.split("/")))
    return f"{parts.netloc}{path}?{'&'.join(names)}"
