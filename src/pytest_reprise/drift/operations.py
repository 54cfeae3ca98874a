"""Operations of an API: a method and a path template, such as `GET /customers/{id}`."""

from __future__ import annotations

import re
from collections.abc import Collection, Set
from itertools import pairwise
from urllib.parse import urlsplit

from ..exchange import Interaction, Request, Response
from ..scrub.content.compression import decompress_or_keep
from ..scrub.replace.placeholders import replace_placeholders

_STATIC = re.compile(
    r"v\d+(?:[._-]?\w+)?|oauth[12]|ipv[46]|s3|md5|sha\d+|base64|h2|2fa|mp[34]", re.IGNORECASE
)
"""Segments with a digit that are part of the path, and no id."""
_HAS_DIGIT = re.compile(r"\d")
_CAMEL_CASE = re.compile(r"[A-Za-z][a-z]+(?:[A-Z][a-z]+)*")
_MASK = "{id}"


class Names:
    """Segments of paths that name an object, such as `pen` in `/products/pen`.

    A segment is such a name if an answer to a request with it has it as a value. `made` are texts
    that identify objects which the suite has made.
    """

    def __init__(self, made: Collection[Set[str]] = ()) -> None:
        self._made = made
        self._known: set[tuple[str, str]] = set()
        """The path above, and the segment."""

    def learn(self, interaction: Interaction) -> None:
        """Learn the names in the path of a request from its answer."""
        outcome = interaction.outcome
        segments = urlsplit(interaction.request.url).path.split("/")
        if len(segments) < 3 or not isinstance(outcome, Response) or outcome.status >= 400:
            return
        body = decompress_or_keep(outcome.body, outcome.headers)
        for place, segment in enumerate(segments[2:], 2):
            if segment and _masked(segment) == segment and f'"{segment}"'.encode() in body:
                self._known.add(("/".join(segments[:place]), segment))

    def operation(self, request: Request, base_url: str = "") -> str:
        """Return the method, and the path with ids and names as `{id}`.

        The host is added if it is another one than that of the base URL.
        """
        parts = urlsplit(request.url)
        own = urlsplit(base_url).netloc
        host = f"//{parts.netloc}" if own and parts.netloc != own else ""
        path = replace_placeholders(parts.path, lambda _: _MASK).split("/")
        masked = [
            _MASK if self._is_name("/".join(path[:place]), segment) else _masked(segment)
            for place, segment in enumerate(path)
        ]
        return f"{request.method} {host}{'/'.join(masked) or '/'}"

    def _is_name(self, above: str, segment: str) -> bool:
        if (above, segment) in self._known:
            return True
        is_word = not segment or (segment.isalpha() and segment.islower())
        return not is_word and any(segment in texts for texts in self._made)


def _masked(segment: str) -> str:
    if _MASK in segment or _STATIC.fullmatch(segment):
        return segment
    return _MASK if _HAS_DIGIT.search(segment) or is_opaque(segment) else segment


def is_opaque(text: str) -> bool:
    """Whether a text has capitals here and there, as random words have, and not camelCase."""
    if _CAMEL_CASE.fullmatch(text):
        return False
    changes = sum(a.islower() != b.islower() for a, b in pairwise(filter(str.isalpha, text)))
    return len(text) > 9 and changes * 3 >= len(text)


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
