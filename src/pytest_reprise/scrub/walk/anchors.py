"""Where the patterns of the rules can match: around fixed texts that each match contains.

A pattern is slow, since it is tried at each character. To find a fixed text takes a hundredth of
the time. So a rule first searches for its fixed texts, and tries its pattern only around them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate


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
    found = [at for literal in literals_in(text, literals) for at in positions(literal, text)]
    return sorted(set(found)) if found else found


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
