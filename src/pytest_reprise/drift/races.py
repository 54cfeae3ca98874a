"""Races: of requests that were in flight at the same time, another one was the first this time.

Two bookings of one seat are answered with 201 and 409, whoever comes first. That is no change of
the API. So each answer is paired with that of the same status, although its request differs.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import Protocol

from ..exchange import Failure, Interaction
from .alignment import Pair
from .polls import Aligned


class Racer(Protocol):
    """What is asked of an interaction."""

    @property
    def operation(self) -> Hashable:
        """Equal for calls of the same endpoint."""


def with_races(
    aligned: Aligned,
    old: Sequence[Interaction],
    new: Sequence[Interaction],
    shapes: Sequence[Racer],
    periods: Sequence[int],
) -> Aligned:
    """Return the pairs with those exchanged whose requests have raced.

    `shapes` are those of the new interactions; `periods` are equal for those that were in flight at
    the same time.
    """
    partner_of: dict[Pair, Pair] = {}
    for group in _concurrent(aligned.pairs, shapes, periods):
        partner_of |= _exchanged(group, old, new)
    if not partner_of:
        return aligned
    pairs = [partner_of.get(pair, pair) for pair in aligned.pairs]
    racing = frozenset(pair.old for pair in partner_of if pair.old is not None)
    return aligned._replace(pairs=pairs, racing=racing)


def _concurrent(
    pairs: Iterable[Pair], shapes: Sequence[Racer], periods: Sequence[int]
) -> Iterator[list[Pair]]:
    """Yield the pairs of calls of one endpoint that were in flight at the same time."""
    together: defaultdict[Hashable, list[Pair]] = defaultdict(list)
    for pair in pairs:
        if pair.old is not None and pair.new is not None:
            together[periods[pair.new], shapes[pair.new].operation].append(pair)
    return (group for group in together.values() if len(group) > 1)


def _exchanged(
    group: Sequence[Pair], old: Sequence[Interaction], new: Sequence[Interaction]
) -> dict[Pair, Pair]:
    """Return other partners for the pairs with different statuses, if both recordings have the same
    statuses in another order."""
    statuses = {
        pair: (_status(old[pair.old]), _status(new[pair.new]))
        for pair in group
        if pair.old is not None and pair.new is not None
    }
    differing = [pair for pair, (was, now) in statuses.items() if was != now]
    if Counter(was for was, _ in statuses.values()) != Counter(now for _, now in statuses.values()):
        return {}
    left: defaultdict[Hashable, deque[int | None]] = defaultdict(deque)
    for pair in differing:
        left[statuses[pair][1]].append(pair.new)
    return {pair: Pair(pair.old, left[statuses[pair][0]].popleft()) for pair in differing}


def _status(interaction: Interaction) -> Hashable:
    outcome = interaction.outcome
    return outcome.error if isinstance(outcome, Failure) else outcome.status
