"""The leaves of a JSON text: where each string, number, boolean and null is.

Replacing leaves in the text keeps all other bytes: blanks, escapes, the order of keys.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import NamedTuple, TypeAlias

Place: TypeAlias = tuple[str | int, ...]
"""Keys and positions from the top of a document to a value."""

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"|[{}\[\],:]|[^\s{}\[\],:"]++', re.DOTALL)


class Leaf(NamedTuple):
    """A scalar of a JSON text, written from `start` to `end`."""

    place: Place
    start: int
    end: int


def json_leaves(text: str) -> tuple[Leaf, ...] | None:
    """Return the leaves in order. None for a text that is not JSON, and for a repeated key: two
    values have the same place then."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return None
    found: list[Leaf] = []
    # The step to the next value at each level: a key, a position in a list, or None before a key.
    steps: list[str | int | None] = []
    for token in _TOKEN.finditer(text):
        written = token[0]
        if written in "{[":
            steps.append(None if written == "{" else 0)
        elif written in "}]":
            steps.pop()
        elif written == ",":
            last = steps[-1]
            steps[-1] = last + 1 if isinstance(last, int) else None
        elif steps and steps[-1] is None:
            steps[-1] = json.loads(written)
        elif written != ":":
            place = tuple(step for step in steps if step is not None)
            found.append(Leaf(place, *token.span()))
    is_ambiguous = len({leaf.place for leaf in found}) < len(found)
    return None if is_ambiguous else tuple(found)


def replace_leaves(text: str, leaves: tuple[Leaf, ...], written: Mapping[Place, str]) -> str:
    """Return the text with other JSON texts at the places that `written` names."""
    parts: list[str] = []
    done = 0
    for leaf in leaves:
        if leaf.place in written:
            parts += text[done : leaf.start], written[leaf.place]
            done = leaf.end
    return "".join([*parts, text[done:]])
