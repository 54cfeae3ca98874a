"""Opaque values that no rule knows: for a person to look through, and never scrubbed by chance."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qsl

from ..exchange import Interaction
from ..scrub.content.texts import texts
from ..scrub.replace.placeholders import PLACEHOLDER
from ..scrub.rules.checks import entropy
from ..scrub.rules.names import split_name
from ..scrub.scrubber import FoundSecret
from ..scrub.walk.json_text import scalars

_TOKEN = re.compile(r"(?<![\w+=~%-])[\w+=~-]{24,}(?![\w+=~@-])", re.ASCII)
_UUID = re.compile(r"(?i)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_HEX = re.compile(r"[0-9a-f]+|[0-9A-F]+")
_TURN = re.compile(r"[a-z](?=[A-Z0-9])|[A-Z](?=[0-9])|[0-9](?=[A-Za-z])")
_PUBLIC = frozenset(
    "id ids uuid guid digest etag hash checksum md5 sha sha1 sha256 sha512 fingerprint commit "
    "revision version integrity boundary cursor match trace traceparent date agent type "
    "authorization".split()
)
"""What the last word of a name is where an opaque value is no secret."""


def opaque(interaction: Interaction) -> Iterator[FoundSecret]:
    """The opaque values in an interaction, opened."""
    for where, text in texts(interaction):
        for name, value in _named(where, text):
            if _PUBLIC.isdisjoint(split_name(name)[-1:]):
                yield from (FoundSecret(where, name, "review", "", v) for v in _tokens(value))


def _named(where: str, text: str) -> Iterator[tuple[str, str]]:
    """The values in a text, each with its name."""
    if text[:1] in ("{", "["):
        yield from ((scalar.key, scalar.text) for scalar in scalars(text) if scalar.is_string)
    elif where == "request url":
        path, _, query = text.partition("?")
        yield "", path
        yield from parse_qsl(query)
    else:
        yield where.rpartition(" header ")[2] if " header " in where else "", text


def _tokens(text: str) -> Iterator[str]:
    for found in _TOKEN.finditer(PLACEHOLDER.sub(" ", text)):
        value = found[0]
        if value.startswith("--"):  # a boundary of multipart
            continue
        if not _UUID.fullmatch(value) and _is_opaque(value):
            yield value


def _is_opaque(value: str) -> bool:
    """Letters and digits that take turns too often for words."""
    if _HEX.fullmatch(value):
        return entropy(value) >= 3
    return entropy(value) >= 3.5 and len(_TURN.findall(value)) >= 5
