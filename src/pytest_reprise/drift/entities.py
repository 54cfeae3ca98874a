"""What a word within a text identifies: numbers are compared for each entity apart."""

from __future__ import annotations

from .places import Place, singular
from .tokens import Tokens

_FIRST_SEGMENT = 3
"""The position of the first segment of the path in a URL that is split at its slashes."""


def entity_at(place: Place, found: Tokens, position: int, endpoint: str) -> str | None:
    """Return the name of what a word in a text identifies; None where it may be something else.

    A text may be a path or a link: the word in `/users/7` and that in `?user_id=7` is a user's.
    `endpoint` is the path of the request, in which ids are `*`.
    """
    before = found.found[position - 1].text if position else ""
    mark = found.marks[position]
    if mark == "/" and before and not before.isdecimal():
        return singular(before)
    if mark == "=" and (inner := Place(place.side, "query", (before,))).is_id:
        return inner.entity(endpoint)
    if place.part == "segment":
        number = place.path[0]
        is_path = isinstance(number, int) and number >= _FIRST_SEGMENT
        return place.entity(endpoint) if is_path else None
    return place.entity(endpoint) if place.is_id else None
