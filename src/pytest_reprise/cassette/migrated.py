"""Give the interactions of a legacy cassette what a cassette has besides: a header and times."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from ..exchange import Interaction, Response, header
from .model import MIGRATED, Cassette, Header

_FIRST_RECORDING = datetime(2012, 1, 1, tzinfo=UTC).timestamp()
"""vcrpy is of 2012. A fixed date of a mock server, as 1 January 1970, is no time of a recording."""
_MOST_DIGITS = 9
"""Of an age in seconds: 30 years."""


def migrated(interactions: tuple[Interaction, ...], migrated_by: str, otherwise: float) -> Cassette:
    """Return a cassette with a time for each interaction.

    It is that of the header Date of the response, or else the earliest of the cassette; `otherwise`
    is the time, in seconds since 1970, if no response has one.
    """
    dates = [response_time(interaction) for interaction in interactions]
    start = min((date for date in dates if date), default=otherwise)
    timed = (
        interaction._replace(at=(date or start) - start)
        for interaction, date in zip(interactions, dates, strict=True)
    )
    return Cassette(
        tuple(timed), Header(datetime.fromtimestamp(start, UTC), migrated_by + MIGRATED)
    )


def has_known_time(cassette: Cassette) -> bool:
    """Whether a response tells when a migrated cassette was recorded.

    vcrpy notes no time. Where no response has one either, `migrated` takes that of the file, which
    is the time of a check-out. A replay must not run on it.
    """
    return any(map(response_time, cassette.interactions))


def response_time(interaction: Interaction) -> float | None:
    """Return when a response was sent, in seconds since 1970; None if it does not tell.

    A cache sends the date of the first answer, and how many seconds ago it was (RFC 9111, 5.1).
    """
    outcome = interaction.outcome
    headers = outcome.headers if isinstance(outcome, Response) else ()
    written, age = header(headers, "date"), header(headers, "age") or ""
    try:
        moment = parsedate_to_datetime(written).timestamp() if written else None
    except (ValueError, OverflowError):
        return None
    if moment is None or moment < _FIRST_RECORDING:
        return None
    return moment + int(age) if age.isdecimal() and len(age) < _MOST_DIGITS else moment
