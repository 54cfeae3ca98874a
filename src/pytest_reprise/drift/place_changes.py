"""Changes at places of answers, and how a place is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from .observed import ENTRY, ITEM, Place

UNCERTAIN = "uncertain"
"""The kind of a difference that may be none of the API: a value that may vary anyway."""
PAGING_NAMES = frozenset(
    "page pages page_size pagesize per_page perpage page_count total_pages totalpages next "
    "next_page nextpage next_cursor nextcursor next_url previous prev prev_page cursor cursors "
    "has_more hasmore has_next hasnext offset limit next_token nexttoken page_token "
    "nextpagetoken next_page_token starting_after continuation paging pagination".split()
)


class PlaceChange(NamedTuple):
    """A change at a place, before its operation is known."""

    kind: str
    place: Place
    text: str
    old: str
    new: str
    sources: frozenset[str]


class Context(NamedTuple):
    """What else is needed to decide about a difference of values.

    `is_echo` says whether two texts are what the scope itself sent differently, `is_sent` whether
    it sent a text now that it did not send before. `varying` are
    places whose values differ between answers to equal requests.
    """

    now: float
    is_echo: Callable[[str, str], bool]
    is_sent: Callable[[str], bool]
    varying: frozenset[Place] = frozenset()


def place_text(place: Place) -> str:
    """Return a place as a JSON path, such as `$.items[].price`."""
    return f"$.{name_text(place)}".replace("$.[]", "$[]") if place else "$"


def name_text(place: Place) -> str:
    """Return a place without the sign for the whole body: `items[].price`."""
    parts = []
    for step in place:
        if step == ITEM:
            parts.append(step)
        else:
            parts.append(f".{'*' if step == ENTRY else step}")
    return "".join(parts).removeprefix(".") or "the body"
