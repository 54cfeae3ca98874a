"""How old a recording is, and how old it may be."""

from __future__ import annotations

import re
from datetime import timedelta

from ..cassette.model import Header
from ..exchange import Interaction

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
NO_LIMIT = "off"
AGES = f"a number and a unit (s, m, h, d, w), as '12h' or '30d'; or {NO_LIMIT!r}"


def parse_age(text: str) -> timedelta | None:
    """Return the age that a text such as `30d` or `12h` states; None for `off`.

    Raises ValueError.
    """
    if text == NO_LIMIT:
        return None
    found = re.fullmatch(r"(\d{1,6}(?:\.\d{1,3})?) ?([smhdw])", text)
    if found is None or float(found[1]) == 0:
        raise ValueError(text)
    return timedelta(seconds=float(found[1]) * _UNITS[found[2]])


def shown_age(age: timedelta) -> str:
    """Return an age in words, in the greatest unit that is not too coarse."""
    seconds = age.total_seconds()
    for unit, name in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= 2 * unit:
            return f"{seconds // unit:.0f} {name}s"
    return f"{seconds:.0f} seconds"


def recorded_at(interaction: Interaction, cassette: Header | None) -> float | None:
    """Return when an interaction was recorded, in seconds since 1970.

    For one that vcrpy recorded, the header `Date` of its answer tells it; None if that is missing.
    """
    if cassette:
        moment = cassette.recorded_at.timestamp() + interaction.at
        confirmed_at = cassette.confirmed_at
        return max(moment, confirmed_at.timestamp()) if confirmed_at else moment
    from ..drift.versions import date_of  # few suites need it

    return date_of(interaction)
