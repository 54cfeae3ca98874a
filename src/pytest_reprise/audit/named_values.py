"""The values of an interaction with their names, whether a rule finds them or not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qsl

from ..scrub.walk.json_scalars import scalars

_WITHOUT_VALUE = ("true", "false", "null")
_FORM = re.compile(r"[^\s=&]++=[^\s&]*+(?:&[^\s=&]++=[^\s&]*+)*+")


def named_values(part: str, text: str) -> Iterator[tuple[str, str]]:
    """Yield the values in a text, each after its name or an empty string.

    `part` is the part of the interaction, such as "request url". The name of a value in JSON is its
    path, such as `users[].note`.
    """
    if text[:1] in ("{", "["):
        found = (scalar for scalar in scalars(text) if scalar.written not in _WITHOUT_VALUE)
        yield from ((scalar.name, scalar.text) for scalar in found)
    elif part == "request url":
        path, _, query = text.partition("?")
        yield "", path
        yield from parse_qsl(query)
    elif part == "request body" and _FORM.fullmatch(text):
        yield from parse_qsl(text)
    else:
        yield part.rpartition(" header ")[2] if " header " in part else "", text
