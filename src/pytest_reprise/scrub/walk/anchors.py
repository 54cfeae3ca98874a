"""Where the patterns of the rules can match: around fixed texts that each match contains.

A pattern is slow, since it is tried at each character. To find a fixed text takes a hundredth of
the time. So a rule first searches for its fixed texts, and tries its pattern only around them.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import accumulate

from ..rules.literals import any_of


def lowered(text: str) -> str:
    """Return the text in lower case, with each character at the same position as before."""
    made = text.lower()
    # Only one character has two in lower case: a capital I with a dot.
    return made if len(made) == len(text) else text.replace("\u0130", "I").lower()


def literals_in(text: str, literals: Iterable[str]) -> list[str]:
    """Return those of the literals that the text contains."""
    return [literal for literal in literals if literal in text]


def positions_of(literals: Iterable[str], text: str) -> list[int]:
    """Return where one of the literals begins in the text, in order."""
    found = [at for literal in literals for at in positions(literal, text)]
    return sorted(set(found)) if found else found


class Anchors:
    """Fixed texts, of which a match of certain patterns contains one; they may overlap."""

    def __init__(self, literals: Iterable[str]) -> None:
        self._literals = tuple(literals)

    @cached_property
    def _any(self) -> re.Pattern[str]:
        return any_of(self._literals)

    @cached_property
    def _starts(self) -> re.Pattern[str]:
        return any_of(self._literals, is_lookahead=True)

    def is_in(self, text: str) -> bool:
        """Return whether the text contains one of them."""
        if len(text) > _LONG:
            return any(map(text.__contains__, self._literals))
        return self._any.search(text) is not None

    def positions_in(self, text: str) -> list[int]:
        """Return where one of them begins in the text, in order."""
        if len(text) > _LONG:
            return positions_of(self._literals, text)
        return [found.start() for found in self._starts.finditer(text)]


_LONG = 2000
"""Characters of a text in which a search for each of the literals is faster."""


def numbers_of_texts_at(places: Iterable[int], texts: Sequence[str]) -> set[int]:
    """Return which of the texts, joined with one character between, are at these positions."""
    ends = list(accumulate(len(text) + 1 for text in texts))
    return {bisect_right(ends, at) for at in places}


def positions(literal: str, text: str) -> Iterator[int]:
    """Yield where the literal begins in the text, in order."""
    at = text.find(literal)
    while at >= 0:
        yield at
        at = text.find(literal, at + 1)
