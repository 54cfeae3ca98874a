"""Compressed bodies as text that people can read, and back to exactly the same bytes.

A cassette holds the plain text without Content-Encoding, which vcrpy can replay, and under
`reprise:` the recipe of `compression_recipes`, with the name of Content-Encoding as it was received
and its position among the headers:

    response_coding: br quality=5 window=22 header=content-encoding@4
"""

from __future__ import annotations

from typing import NamedTuple

from ..content_codings import TooLargeError, codings_of, decompress_all
from ..exchange import Headers, header
from ..patterns import lazy_regex
from .compression_recipes import PackageMissingError, coding_of, compress, find_recipe
from .json_blocks import text_of

_MAX_PLAIN_SIZE = 1_000_000
"""Bytes. A bigger body stays compressed: each load would compress its text again, which takes at
least 5 ms for 1 MB of JSON. To read the compressed bytes from base64 takes 0.2 ms."""
_RECIPE = lazy_regex(r"([a-z][a-z0-9=. -]*) header=([^\s@]+)@([0-9]{1,4})")


class PlainBody(NamedTuple):
    """A body without its compression, its headers, and the recipe to compress it again."""

    body: bytes
    headers: Headers
    recipe: str


def plain_body(body: bytes, headers: Headers) -> PlainBody | None:
    """Return a compressed body as text, or None if it is not text or cannot be restored."""
    position = _position(headers)
    if position is None or header(headers, "content-length") not in (None, str(len(body))):
        return None
    name, coding = headers[position]
    plain = shown_body(body, headers)
    recipe = find_recipe(coding, body, plain) if plain else None
    if plain is None or recipe is None:
        return None
    others = headers[:position] + headers[position + 1 :]
    made = PlainBody(plain, _with_length(others, len(plain)), f"{recipe} header={name}@{position}")
    return made if restored(*made) == (body, headers) else None


def shown_body(body: bytes, headers: Headers) -> bytes | None:
    """Return the text in a compressed body, for readers; None if it is broken or not text."""
    codings = codings_of(headers)
    if not codings or not body:
        return None
    try:
        found = decompress_all(body, codings, _MAX_PLAIN_SIZE)
    except TooLargeError:
        return None
    return found.plain if found and found.is_complete and _is_text(found.plain) else None


def restored(plain: bytes, headers: Headers, recipe: str) -> tuple[bytes, Headers]:
    """Return the compressed body and the headers that `plain_body` was given.

    The text may have been edited. Where the package for the coding is not installed, the text is
    returned as it is, with headers that fit: a replay with vcrpy gives the same. Raises ValueError
    for a recipe that is not one.
    """
    match = _RECIPE.fullmatch(recipe)
    if match is None:
        raise ValueError(recipe)
    how, name, position = match.groups()
    try:
        body = compress(how, plain)
    except PackageMissingError:
        return plain, _with_length(headers, len(plain))
    others, place = _with_length(headers, len(body)), int(position)
    return body, (*others[:place], (name, coding_of(how)), *others[place:])


def _position(headers: Headers) -> int | None:
    """Return the position of Content-Encoding, if there is one of these headers."""
    found = [n for n, (name, _) in enumerate(headers) if name.lower() == "content-encoding"]
    return found[0] if len(found) == 1 else None


def _is_text(plain: bytes) -> bool:
    text = text_of(plain)
    return text is not None and text != "" and "\0" not in text


def _with_length(headers: Headers, length: int) -> Headers:
    """Return the headers with Content-Length, where they have one, set to `length` bytes."""
    return tuple((n, str(length) if n.lower() == "content-length" else v) for n, v in headers)
