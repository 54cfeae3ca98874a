"""Give the interactions of a legacy cassette what a cassette has besides: a header and times."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from ..exchange import Interaction, Response, header
from .model import Cassette, Header

_MARK = ", migrated"


def is_migrated(header: Header | None) -> bool:
    """Whether vcrpy recorded the cassette, and not Reprise."""
    return header is not None and header.recorded_with.endswith(_MARK)


def migrated(interactions: tuple[Interaction, ...], migrated_by: str, otherwise: float) -> Cassette:
    """Return a cassette with a time for each interaction.

    It is that of the header Date of the response, or else the earliest of the cassette; `otherwise`
    is the time, in seconds since 1970, if no response has one.
    """
    dates = [_response_time(interaction) for interaction in interactions]
    start = min((date for date in dates if date), default=otherwise)
    timed = (
        interaction._replace(at=(date or start) - start)
        for interaction, date in zip(interactions, dates, strict=True)
    )
    return Cassette(tuple(timed), Header(datetime.fromtimestamp(start, UTC), migrated_by + _MARK))


def _response_time(interaction: Interaction) -> float | None:
    """Return the time in the header Date, in seconds since 1970, or None."""
    outcome = interaction.outcome
    written = header(outcome.headers, "date") if isinstance(outcome, Response) else None
    try:
        return parsedate_to_datetime(written).timestamp() if written else None
    except (ValueError, OverflowError):
        return None
