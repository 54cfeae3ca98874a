"""Generations: which cassettes of a run stay on their old values, and which take the new ones.

Values travel between scopes: a session fixture creates an organisation, and tests send its id. All
cassettes through which a value travels have to be of one generation. They keep the old values if
each of them can be merged; if a single one cannot, all of them take their new recordings.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Set
from typing import NamedTuple, TypeVar

from .correlation import Words

H = TypeVar("H", bound=Hashable)


class Travel(NamedTuple):
    """The values that differ in the recordings of one scope."""

    origins: Set[Words]
    """What the API returned before the scope sent it."""
    foreign: Set[Words]
    """What the scope sent although the API had not returned it to this scope before."""


def connected(groups: Iterable[Iterable[H]]) -> list[set[H]]:
    """Return sets of members that are connected by any group; each member is in one of them."""
    groups_of: dict[H, list[int]] = {}
    members = [list(group) for group in groups]
    for number, group in enumerate(members):
        for member in group:
            groups_of.setdefault(member, []).append(number)
    found: list[set[H]] = []
    done: set[int] = set()
    for number in range(len(members)):
        if number in done or not members[number]:
            continue
        component: set[H] = set()
        left = [number]
        while left:
            current = left.pop()
            if current not in done:
                done.add(current)
                component.update(members[current])
                left += (n for member in members[current] for n in groups_of[member])
        found.append(component)
    return found


def shared_values(travels: Mapping[H, Travel]) -> list[set[H]]:
    """Return sets of scopes of which one sends what another one got from the API."""
    sent_by: dict[Words, set[H]] = {}
    for scope, travel in travels.items():
        for pair in travel.foreign:
            sent_by.setdefault(pair, set()).add(scope)
    for scope, travel in travels.items():
        for pair in travel.origins & sent_by.keys():
            sent_by[pair].add(scope)
    return list(sent_by.values())
