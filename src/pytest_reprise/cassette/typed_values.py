"""Plain values of a document, checked for their kind: each of a wrong kind is a CassetteError."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..messages import did_you_mean
from .known_keys import KNOWN_KEYS, unknown_key
from .source_text import Place, SourceText, describe, kind_of, shown

_UNKNOWN_KEY = "Correct or delete the key. If a newer pytest-reprise wrote it, upgrade."


class TypedValues:
    """The values of one source text. All methods raise CassetteError, with the line of the value.

    `is_ours` says whether Reprise wrote the cassette, so that no other keys are allowed.
    """

    def __init__(self, source: SourceText) -> None:
        self._source = source
        self.is_ours = False

    def check_keys(self, part: str, found: Mapping[Any, Any], place: Place) -> None:
        """Check the keys of a part of a cassette; for its name see `known_keys`."""
        key = unknown_key(part, found, self.is_ours)
        if key is None:
            return
        suggestion = did_you_mean(str(key), KNOWN_KEYS[part] - found.keys())
        where = f" in {describe(place)}" if place else ""
        problem = f"unknown key {shown(key)}{where}{suggestion}"
        raise self._source.error_at_key((*place, key), problem, _UNKNOWN_KEY)

    def mapping(self, found: object, place: Place) -> dict[str, Any]:
        """Return a value that has to be a mapping."""
        if isinstance(found, dict):
            return found
        problem = f"{describe(place)} is {kind_of(found)} where a mapping is expected"
        raise self._source.error(place, problem)

    def text(
        self, mapping: Mapping[str, object], key: str, place: Place, default: str | None = None
    ) -> str:
        """Return the text under `key`. A missing one is an error if there is no `default`."""
        found = mapping.get(key, default)
        if isinstance(found, str):
            return found
        problem = f"{describe((*place, key))} is {kind_of(found)} where text is expected"
        raise self._source.error((*place, key), problem)

    def scalar_text(self, found: object, place: Place) -> str:
        """Return a value as text, which is "" for null. vcrpy accepts any scalar."""
        if isinstance(found, (dict, list, tuple)):
            problem = f"{describe(place)} is {kind_of(found)} where text is expected"
            raise self._source.error(place, problem)
        return "" if found is None else as_text(found)


def as_text(found: object) -> str:
    """Return a scalar as text.

    vcrpy writes a header that is not ASCII as bytes. On the wire these are latin-1.
    """
    return found.decode("latin-1") if isinstance(found, bytes) else str(found)
