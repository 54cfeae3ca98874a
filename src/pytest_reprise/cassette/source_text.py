"""The text of a cassette file, and errors that name a line in it."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import NamedTuple, TypeAlias

from ..errors import CassetteError

Place: TypeAlias = tuple[Hashable, ...]
"""Where a value is in a document: keys and positions, from the top down."""

_SHOWN = 80
"""Characters of a value that a message shows."""

RECORD_AGAIN = "Restore the file from version control, or delete it and record again."


class SourceText(NamedTuple):
    """The text of a cassette file. `path` is used in messages only."""

    text: str
    path: Path
    is_yaml: bool = True

    def error(self, where: Place | int, problem: str, repair: str = RECORD_AGAIN) -> CassetteError:
        """Return the error for a problem at a place of the document, or in a line (from 1)."""
        line = where if isinstance(where, int) else self._line_of(where)
        return CassetteError(self.path, line, problem, repair)

    def error_at_key(self, where: Place, problem: str, repair: str) -> CassetteError:
        """Return the error for a key of a mapping, with the line of the key itself."""
        if not self.is_yaml:
            return self.error(1, problem, repair)
        from .yaml.safe import line_of_key

        return self.error(line_of_key(self.text, where), problem, repair)

    @property
    def is_cut_off(self) -> bool:
        """Whether the end of a YAML text that Reprise wrote is missing.

        A text that was cut between two interactions is valid YAML. Only its last line shows it.
        """
        return self.is_yaml and not self.text.rstrip().endswith("\n...")

    @property
    def line_count(self) -> int:
        return self.text.count("\n") + 1

    def _line_of(self, place: Place) -> int:
        if not self.is_yaml:
            return 1  # only PyYAML knows the line of a value
        from .yaml.safe import line_of

        return line_of(self.text, place)


def describe(place: Place) -> str:
    """Return the place in words: `("interactions", 2, "request")` is "interaction 3, request"."""
    if place[:1] == ("interactions",) and len(place) > 1:
        rest = "".join(f", {step}" for step in place[2:])
        number = place[1] + 1 if isinstance(place[1], int) else place[1]
        return f"interaction {number}{rest}"
    return ".".join(map(str, place))


def shown(value: object) -> str:
    """Return a value as Python writes it, shortened, for messages."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # an integer of more than 4300 digits, deep nesting
        return kind_of(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def kind_of(value: object) -> str:
    """Return the kind of a value in words, for messages: "missing", "a str"."""
    return "missing" if value is None else f"a {type(value).__name__}"
