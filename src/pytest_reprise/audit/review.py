"""Find opaque values that no rule recognises, for review by a person.

Such values are never scrubbed: most of them are ids and hashes that tests need.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..exchange import Interaction
from ..scrub.content.texts import texts
from ..scrub.replace.placeholders import replace_placeholders
from ..scrub.rules.checks import entropy
from ..scrub.rules.names import split_name
from ..scrub.scrubber import FoundSecret
from .named_values import named_values

_WORD = re.compile(r"(?<![\w+=~%-])[\w+=~-]{24,}(?![\w+=~@-])", re.ASCII)
_UUID = re.compile(r"(?i)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_HEX = re.compile(r"[0-9a-f]+|[0-9A-F]+")
_CHANGE_OF_CLASS = re.compile(r"[a-z](?=[A-Z0-9])|[A-Z](?=[0-9])|[0-9](?=[A-Za-z])")
_PUBLIC_NAMES = frozenset(
    "id ids uuid guid digest etag hash checksum md5 sha sha1 sha256 sha512 fingerprint commit "
    "revision version integrity boundary cursor match trace traceparent date agent type "
    "authorization".split()
)
"""Last words of names whose opaque values are not secrets. Authorization has a rule of its own."""


def find_opaque_values(interaction: Interaction) -> Iterator[FoundSecret]:
    """Yield the opaque values in an interaction, whose bodies must not be compressed."""
    for part, text in texts(interaction):
        for name, value in named_values(part, text):
            if _PUBLIC_NAMES.isdisjoint(split_name(name)[-1:]):
                for word in _opaque_words(value):
                    yield FoundSecret(part, name, "review", "", word)


def _opaque_words(text: str) -> Iterator[str]:
    for found in _WORD.finditer(replace_placeholders(text, lambda _: " ")):
        word = found[0]
        if word.startswith("--"):  # a boundary of a multipart body
            continue
        if not _UUID.fullmatch(word) and _is_opaque(word):
            yield word


def _is_opaque(word: str) -> bool:
    """Return whether the word looks random; entropy is in bits per character.

    Words of a language change less often between small letters, capitals and digits.
    """
    if _HEX.fullmatch(word):
        return entropy(word) >= 3
    return entropy(word) >= 3.5 and len(_CHANGE_OF_CLASS.findall(word)) >= 5
