"""Correlation: which value of the new recordings plays the part of which value of the old ones.

Ids, tokens and made-up values differ in each recording. They are matched one to one, over all
cassettes that were recorded together, from texts at the same place:

- A **generated word** (a UUID, a long hexadecimal number, an id such as `cus_9aF0…`) is so
  improbable that it is matched wherever it is.
- A **number** is matched only with evidence: its place names an id, or the same pair of numbers was
  returned by the API and sent to it. Numbers that identify are matched for each entity apart, since
  a user and an order may have the same number.
- **Any other word** is matched where the API returned it and got it back, and where it returned
  what the seed of a scope made and the scope sent.

Of two pairs that contradict each other, the one that is found more often wins. The other one is a
change of the API, and not noise.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Hashable, Iterable, Mapping
from functools import cached_property
from typing import NamedTuple
from urllib.parse import unquote_plus

from .entities import entity_at
from .noise import Clocks
from .places import Place
from .tokens import are_generated, as_text, folded, has_words, is_generated, tokens
from .variation import Variation, is_telling, operation_of
from .volatile import Volatile

Words = tuple[str, str]
"""An old and a new word of the same place."""
_SIGNS = re.compile(r"[\W_]+")


class OneToOne:
    """Pairs of old and new values in which no two have the same partner."""

    def __init__(self) -> None:
        self._counts: dict[Words, int] = {}
        self._old_of: dict[str, str] | None = None

    def add(self, pair: Words) -> None:
        """Note that a pair was found once more."""
        self._counts[pair] = self._counts.get(pair, 0) + 1
        self._old_of = None

    def remove(self, pair: Words) -> None:
        """Forget a pair."""
        self._counts.pop(pair, None)
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

    def __init__(self, volatile: Volatile | None = None) -> None:
        self.volatile = volatile or Volatile()
        """Places where any difference is noise."""
        self.words = OneToOne()
        """Generated words."""
        self.origins: set[Words] = set()
        """What the API returned in some scope before that scope sent it."""
        self.folded_origins: set[Words] = set()
        """The same pairs in one case."""
        self.sent: set[Words] = set()
        """What differs in requests."""
        self.made: set[Words] = set()
        """What scopes with random values sent although the API had not returned it."""
        self.made_texts: set[Words] = set()
        """The whole texts that such scopes sent, as `plain_forms` has them."""
        self.unmatched: set[str] = set()
        """Values in requests of scopes that are new or were edited. One that is sent there, and
        for which no old one is known, has to be the new one everywhere."""
        self.on_old_clock: dict[str, str] = {}
        """UUIDs as a replay on the old clock makes them, by those of the new recording."""
        self.variation = Variation()
        self.interactions = 0
        """How many pairs of interactions were examined."""
        self._own: dict[Words, str] = {}
        """Ids of objects that the run made: old ones by entities and new ones. The API returned
        each of them at several endpoints, or it was sent."""
        self._own_old: set[Words] = set()
        self._sent_at: dict[tuple[str, str, str], str] = {}
        """Old values by the parts and names of their places, and by the new values."""
        self._seen_at: dict[tuple[str, Words], str] = {}
        self._ids: dict[str, OneToOne] = {}

    def ids_of(self, entity: str) -> OneToOne:
        """Return the numbers that identify entities of this name (see `Place.entity`)."""
        return self._ids.setdefault(entity, OneToOne())

    @cached_property
    def moved_numbers(self) -> frozenset[str]:
        """New numbers that have an old partner. Complete when all evidence is."""
        return frozenset(new for old, new in self.origins if old.isdecimal())

    @cached_property
    def old_parts(self) -> dict[str, str]:
        """Old values by new ones of which a test may have made what it sends. Complete when it is
        known which scopes were edited."""
        made = {new: old for old, new in self.made if is_telling(old, new)}
        names = self.names()[1].items()
        return made | {new: old for new, old in names if (old, new) in self.origins}

    @cached_property
    def exchanged(self) -> dict[str, str]:
        """Old values by new ones that the API returned and got back. Complete when all evidence
        is."""
        return {new: old for old, new in self.origins & self.sent}

    def names(self) -> tuple[dict[str, str], dict[str, str]]:
        """Return a name for each id that is known so far, old and new: that of the old one.

        The same number may identify a user and an order; then it has no name.
        """
        pairs = [self.words, *self._ids.values()]
        olds: dict[str, set[str]] = {}
        for found in pairs:
            for new, old in found.partners.items():
                olds.setdefault(new, set()).add(old)
        new_names = {new: next(iter(found)) for new, found in olds.items() if len(found) == 1}
        return {old: old for old in new_names.values()}, new_names

    def exchanged_at(self, place: Place, new: str) -> str | None:
        """Return the old value for one that the API returned and got back at such a place."""
        old = self._sent_at.get((place.part, place.name, new))
        return old if old is not None and self.are_exchanged((old, new)) else None

    def send(self, place: Place, pair: Words) -> None:
        """Note that two values were sent."""
        self.sent.add(pair)
        self._sent_at[(place.part, place.name, pair[1])] = pair[0]

    def are_exchanged(self, pair: Words) -> bool:
        """Whether the API returned the values, and got them back."""
        return pair in self.origins and pair in self.sent

    def see(self, pair: Words, operation: str, entity: str, is_sent: bool) -> None:
        """Note that two ids were found in a request, or in an answer of this operation. Words that
        are no numbers are the same for all entities."""
        entity = entity if pair[0].isdecimal() else ""
        if is_sent or self._seen_at.setdefault((entity, pair), operation) != operation:
            self._own.setdefault((entity, pair[1]), pair[0])
            self._own_old.add((entity, pair[0]))

    def forget(self, pairs: Iterable[Words]) -> None:
        """Take values for no pairs: a test that was edited sends something else."""
        for pair in pairs:
            self.words.remove(pair)
            if self._own.get(("", pair[1])) == pair[0]:
                del self._own[("", pair[1])]

    def is_echo(self, old: str, new: str) -> bool:
        """Whether the API returns what scopes with random values sent: as it is, or as a slug."""
        return not self.made_texts.isdisjoint(plain_forms(old, new))

    def has_to_be_new(self, new: str) -> bool:
        """Whether a new value is sent, and has no old partner."""
        word = unquoted(new)
        return word in self.unmatched and word not in self.exchanged

    def own(self, word: str, entity: str = "") -> str | None:
        """Return the old id for a new one, if the run made the object."""
        return self._own.get((entity if word.isdecimal() else "", word))

    def own_id(self, new: str, entity: str) -> str | None:
        """Return the old id for a new one in JSON, as it is written, if the run made the object."""
        word = unquoted(new)
        old = self.own(word, entity)
        return None if old is None else new.replace(word, old)

    def is_foreign(self, place: Place, identity: str, entity: str) -> bool:
        """Whether an id in JSON is that of an object that the run did not make."""
        word = unquoted(identity)
        known = (entity if word.isdecimal() else "", word)
        if known in self._own or known in self._own_old:
            return False
        return place.is_id or word.isdecimal() or is_generated(word)


def unquoted(text: str) -> str:
    """Return a text in JSON without its quotes."""
    return text[1:-1] if text[:1] == '"' else text


def plain_forms(old: str, new: str) -> set[Words]:
    """Return two texts without the encoding of their places, and as slugs."""
    plain = unquote_plus(unquoted(old)), unquote_plus(unquoted(new))
    slugs = _SIGNS.sub("-", plain[0].casefold()), _SIGNS.sub("-", plain[1].casefold())
    return {pair for pair in (plain, slugs) if pair[0] != pair[1] and all(pair)}


class Difference(NamedTuple):
    """Two texts of a request that differ. `endpoint` is its path, with ids masked."""

    method: str
    endpoint: str
    place: Place
    old: str
    new: str


class Evidence:
    """Adds the values of one scope to a Correlation; as `Texts` it changes nothing.

    Its interactions are given in the order in which they were sent.
    """

    def __init__(self, known: Correlation, clocks: Clocks) -> None:
        self._known = known
        self._clocks = clocks
        self._sent: set[Words] = set()
        self._operation = self._method = self._endpoint = self._status = ""
        self._request: Hashable = None
        self._origins: set[Words] = set()
        """What the API returned before this scope sent it."""
        self.made: set[Words] = set()
        """What this scope sent although the API had not returned it to this scope before."""
        self.made_texts: set[Words] = set()
        """The whole texts of this kind, as `plain_forms` has them."""
        self.differing: list[Difference] = []
        """What differs in requests."""
        self.is_racing = False
        """Whether the request that is examined has raced with that of the old one (see `races`)."""
        self.period: int | None = None
        """Equal for requests that were in flight at the same time."""
        self._concurrent: dict[tuple[int, Hashable], tuple[list[str], list[str]]] = {}
        """The old and the new values of each place in answers of one period."""

    def begin(self, method: str, endpoint: str, status: str, request: Hashable) -> None:
        """Note which request is examined: its method, its path with ids masked, and its status."""
        self._method, self._endpoint, self._request = method, endpoint, request
        self._operation, self._status = operation_of(method, endpoint), status
        self._known.interactions += 1

    def merge(self, place: Place, old: str, new: str) -> str:
        if place.side == "request" and self.is_racing:
            self._known.made_texts |= plain_forms(old, new)
        elif place.side == "request":
            self.differing.append(Difference(self._method, self._endpoint, place, old, new))
            self._add_sent(place, old, new)
        else:
            self._add_returned(place, old, new)
        return new

    def _add_sent(self, place: Place, old: str, new: str) -> None:
        self._vary(place, old, new)
        differing = self._differing(place, old, new)
        if not differing and place.part in ("leaf", "query"):
            self.made_texts |= plain_forms(old, new)
        for entity, pair in differing:
            if are_generated(*pair):
                self._known.words.add(pair)
            self._sent.add(pair)
            self._known.send(place, pair)
            if pair in self._known.origins or are_generated(*pair):
                self._known.see(pair, self._operation, entity or "", is_sent=True)
            if pair not in self._origins and place.part != "header":
                self.made_texts |= plain_forms(old, new)
            if pair not in self._origins:
                self.made |= {pair, folded(pair)}

    def _add_returned(self, place: Place, old: str, new: str) -> None:
        pairs = self._differing(place, old, new)
        if not pairs or not all(are_generated(*pair) for _, pair in pairs):
            self._vary(place, old, new)
        for entity, pair in pairs:
            is_number = pair[0].isdecimal() and pair[1].isdecimal()
            if not is_number and are_generated(*pair):
                self._known.words.add(pair)
            elif is_number and entity is not None:
                self._known.ids_of(entity).add(pair)
            is_number_of = is_number and entity is not None
            if is_number_of or place.is_id or are_generated(*pair):
                self._known.see(pair, self._operation, entity or "", is_sent=False)
            if pair not in self._sent:
                # A test that was edited sends another id, and gets it back: no evidence.
                self._origins.add(pair)
                self._known.origins.add(pair)
                self._known.folded_origins.add(folded(pair))

    def _differing(self, place: Place, old: str, new: str) -> list[tuple[str | None, Words]]:
        """Return the words that differ between two texts with the same marks between words, each
        with what it identifies (see `entity_at`)."""
        before, now = tokens(old, self._clocks.old), tokens(new, self._clocks.new)
        if before.marks != now.marks:
            return []
        return [
            (entity_at(place, now, position, self._endpoint), (one.text, other.text))
            for position, (one, other) in enumerate(zip(before.found, now.found, strict=True))
            if one != other and one.kind == other.kind == "word"
        ]

    def _vary(self, place: Place, old: str, new: str) -> None:
        request = None if place.part == "header" else (self._request, place.path)
        found = variation_key(place, self._operation, self._status)
        self._known.variation.add(found, old, new, request, self._known.interactions)
        if self.period is not None and place.side == "response":
            olds, news = self._concurrent.setdefault((self.period, found), ([], []))
            olds.append(old)
            news.append(new)

    def end(self) -> None:
        """Note the places whose values depend on which of several requests was the first."""
        for (_, place), (olds, news) in self._concurrent.items():
            if olds != news and sorted(olds) == sorted(news):
                self._known.variation.exchange(place)

    def equal(self, place: Place, text: str) -> None:
        self._vary(place, text, text)

    def keeps(self, place: Place, old: bytes, new: bytes) -> bool:
        self._vary(place, str(zlib.crc32(old)), str(zlib.crc32(new)))
        if place.side == "request":
            texts = (as_text(old), as_text(new)) if has_words(old, new) else ("", "longer")
            self.differing.append(Difference(self._method, self._endpoint, place, *texts))
            self._add_sent(place, *texts)
        return False

    def added(self, _place: Place, new: str, /) -> str:
        return new

    def corresponds(self, _place: Place, old: str, new: str, /) -> bool:
        return old == new

    def varies(self, place: Place, old: str, new: str) -> bool:
        self._vary(place, old, new)
        number = self._known.interactions
        request = (self._request, place.path)
        self._known.variation.add(list_key(place), old, new, request, number)
        return False

    def own_id(self, place: Place, new: str) -> str | None:
        return self._known.own_id(new, place.entity(self._endpoint))

    def is_foreign(self, place: Place, identity: str) -> bool:
        return self._known.is_foreign(place, identity, place.entity(self._endpoint))

    def of_others(self) -> Evidence:
        return self


def variation_key(place: Place, operation: str, status: str) -> Hashable:
    """Return what values have in common that are at the same place of an API."""
    if place.part == "header":
        return place
    return (operation, place.normal, status if place.side == "response" else "")


def list_key(place: Place) -> Hashable:
    """Return what lists of scalars with the same name have in common, at any endpoint."""
    return place.side, place.name
