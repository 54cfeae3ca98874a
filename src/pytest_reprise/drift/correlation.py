"""Correlation: which value of the new recordings plays the part of which value of the old ones.

Ids, tokens and made-up values differ in each recording. They are matched one to one, over all
cassettes that were recorded together, from texts at the same place:

- A **generated word** (a UUID, a long hexadecimal number, an id such as `cus_9aF0…`) is so
  improbable that it is matched wherever it is.
- A **number** is matched only with evidence: its place names an id, or the same pair of numbers was
  returned by the API and sent to it. Numbers that identify are matched for each entity apart, since
  a user and an order may have the same number.

Of two pairs that contradict each other, the one that is found more often wins. The other one is a
change of the API, and not noise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from .noise import Clocks
from .places import Place
from .tokens import are_generated, tokens

Words = tuple[str, str]
"""An old and a new word of the same place."""


class OneToOne:
    """Pairs of old and new values in which no two have the same partner."""

    def __init__(self) -> None:
        self._counts: dict[Words, int] = {}
        self._old_of: dict[str, str] | None = None

    def add(self, pair: Words) -> None:
        """Note that a pair was found once more."""
        self._counts[pair] = self._counts.get(pair, 0) + 1
        self._old_of = None

    def __contains__(self, pair: Words) -> bool:
        return self.old_of(pair[1]) == pair[0]

    def old_of(self, new: str) -> str | None:
        """Return the partner of a new value, or None."""
        return self.partners.get(new)

    @property
    def partners(self) -> Mapping[str, str]:
        """The old values by their new partners."""
        if self._old_of is None:
            self._old_of = self._chosen()
        return self._old_of

    def _chosen(self) -> dict[str, str]:
        """Return old values by new ones: the pairs that were found most often first."""
        old_of: dict[str, str] = {}
        taken: set[str] = set()
        for old, new in sorted(self._counts, key=lambda pair: -self._counts[pair]):
            if new not in old_of and old not in taken:
                old_of[new] = old
                taken.add(old)
        return old_of


class Correlation:
    """The values that are known to correspond. Empty at first; `Evidence` fills it."""

    def __init__(self) -> None:
        self.words = OneToOne()
        """Generated words."""
        self.origins: set[Words] = set()
        """What the API returned in some scope before that scope sent it."""
        self.sent: set[Words] = set()
        """Generated words and numbers in requests."""
        self._ids: dict[str, OneToOne] = {}

    def ids_of(self, entity: str) -> OneToOne:
        """Return the numbers that identify entities of this name (see `Place.entity`)."""
        return self._ids.setdefault(entity, OneToOne())

    @cached_property
    def moved_numbers(self) -> frozenset[str]:
        """New numbers that have an old partner. Complete when all evidence is."""
        return frozenset(new for old, new in self.origins if old.isdecimal())

    def are_exchanged(self, pair: Words) -> bool:
        """Whether the API returned the values, and got them back."""
        return pair in self.origins and pair in self.sent


class Evidence:
    """Adds the values of one scope to a Correlation; as `Texts` it changes nothing.

    Its interactions are given in the order in which they were sent.
    """

    def __init__(self, known: Correlation, clocks: Clocks) -> None:
        self._known = known
        self._clocks = clocks
        self._sent: set[Words] = set()
        self.origins: set[Words] = set()
        """What the API returned before this scope sent it."""
        self.foreign: set[Words] = set()
        """What this scope sent although the API had not returned it to this scope before."""
        self.endpoint = ""
        """The path of the interaction that is examined, with ids masked."""

    def merge(self, place: Place, old: str, new: str) -> str:
        for pair in differing_words(old, new, self._clocks):
            is_number = pair[0].isdecimal() and pair[1].isdecimal()
            if not is_number and not are_generated(*pair):
                continue
            if not is_number:
                self._known.words.add(pair)
            elif place.side == "response" and place.is_id:
                self._known.ids_of(place.entity(self.endpoint)).add(pair)
            if place.side == "request":
                self._sent.add(pair)
                self._known.sent.add(pair)
                if pair not in self.origins:
                    self.foreign.add(pair)
            elif pair not in self._sent:
                # A test that was edited sends another id, and gets it back: no evidence.
                self.origins.add(pair)
                self._known.origins.add(pair)
        return new

    def replaced(self, place: Place) -> None:
        """Do nothing."""

    def added(self, place: Place, new: str) -> str:  # noqa: ARG002
        return new


def differing_words(old: str, new: str, clocks: Clocks) -> Iterator[Words]:
    """Yield the words that differ between two texts with the same marks between words."""
    before, now = tokens(old, clocks.old), tokens(new, clocks.new)
    if before.marks != now.marks:
        return
    for one, other in zip(before.found, now.found, strict=True):
        if one != other and one.kind == other.kind == "word":
            yield one.text, other.text
