"""Whether two recordings of a scope say the same, so that no cassette has to be written."""

from __future__ import annotations

from ..cassette.model import Cassette
from ..exchange import Failure, Interaction, Outcome
from ..matching.key import key
from ..scrub.content.compression import decompress_or_keep
from .places import VOLATILE_HEADERS


def is_equivalent(old: Cassette, new: Cassette) -> bool:
    """Whether two versions of a cassette say the same."""
    if old.header is None or new.header is None or old.header.values != new.header.values:
        return False
    return are_equivalent(old.interactions, new.interactions)


def are_equivalent(old: tuple[Interaction, ...], new: tuple[Interaction, ...]) -> bool:
    """Whether two recordings differ only in dates, ids of requests, and times."""
    return len(old) == len(new) and all(map(_means_the_same, old, new))


def _means_the_same(old: Interaction, new: Interaction) -> bool:
    if old.scope != new.scope or key(old.request) != key(new.request):
        return False
    return _without_volatile(old.outcome) == _without_volatile(new.outcome)


def _without_volatile(outcome: Outcome) -> Outcome:
    """Return the outcome without what differs each time.

    A compressed body may differ where its text does not, as with the time in gzip.
    """
    if isinstance(outcome, Failure):
        return outcome
    body = decompress_or_keep(outcome.body, outcome.headers)
    ignored = VOLATILE_HEADERS | ({"content-length"} if body is not outcome.body else set())
    headers = tuple(h for h in outcome.headers if h[0].lower() not in ignored)
    return outcome._replace(headers=headers, body=body, chunks=())
