"""Noise: what differs between two recordings of an API that has not changed.

Two texts at the same place have the same meaning if the signs between their tokens are equal, and
each pair of tokens is equal or noise:

| rule | what is noise |
|---|---|
| `header` | values of headers that differ each time: dates, ids of requests, durations |
| `time` | two times in the same form, each close to the time of its own recording |
| `secret` | two placeholders, which stand for secrets |
| `generated` | two generated words that correspond in all recordings (see `correlation`) |
| `id` | two values that correspond, under the name of an id, or returned and sent |
| `echo` | two values that the seed of a scope made, which the API returns |
| `derived` | two numbers in the answer to a request with such numbers, and later |
| `varying` | two values in the same form, at a place whose values vary anyway (see `variation`) |
| `others` | any values of objects that the run did not make |
| `volatile` | any values at places that the configuration names |
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from datetime import datetime
from itertools import starmap
from typing import TYPE_CHECKING, NamedTuple

from ..matching.key import is_key_header
from ..matching.times import shifted
from ..scrub.replace.placeholders import placeholders_in
from .entities import entity_at
from .places import Place
from .tokens import (
    Token,
    Tokens,
    are_generated,
    are_same_time,
    as_text,
    folded,
    has_words,
    on_old_clock,
    tokens,
    with_parts,
)
from .variation import ValueKind, has_digit, operation_of, value_form

if TYPE_CHECKING:
    from .correlation import Correlation


_MIN_DIGITS = 4
"""Digits of a number that is hardly part of a word by chance."""


class Clocks(NamedTuple):
    """When two recordings began, in seconds since 1970."""

    old: float
    new: float

    @classmethod
    def of(cls, old: datetime, new: datetime) -> Clocks:
        return cls(old.timestamp(), new.timestamp())


class Noise:
    """The rules for one cassette: what may differ between its old and its new recording.

    With `keeps_clock` the cassette stays on the clock of its old recording: times are noise, and
    those of a change are moved to that clock. `known` are the values that correspond; None if the
    cassette is compared without others. `makes_values` says that the scope used random values. With
    `keeps_requests` its requests stay as they are, whatever was sent now.
    """

    def __init__(
        self,
        clocks: Clocks,
        keeps_clock: bool = True,
        known: Correlation | None = None,
        makes_values: bool = False,
        keeps_requests: bool = False,
    ) -> None:
        self.keeps_requests = keeps_requests
        self._made_of_known: dict[str, str] = {}
        """Old words by new ones that the scope sends, and has made of values that correspond."""
        self.knows_edited = True
        """Whether it is known which scopes were edited."""
        self._clocks = clocks
        self._keeps_clock = keeps_clock
        self._known = known
        self._makes_values = makes_values
        self._operation = self._endpoint = self._status = ""
        self._is_racing = False
        """Whether the request that is merged has raced with that of the old recording."""
        self._sends_made = False
        """Whether the request that is merged has other made-up numbers than the old one."""
        self._sent_bytes: list[tuple[bytes, bytes]] = []
        """Bodies of requests that are no texts, such as uploads: an answer may return a part."""
        self._derived: set[tuple[str, str]] = set()
        """Numbers that the API computed from made-up values."""
        self.took_time = False
        """Whether a time of the new recording was taken."""
        self.took_request = False
        """Whether a text of a new request was taken: the test sends something else."""
        self.is_clear = True
        """Whether no value was taken that may depend on values which were not: a number, a
        generated word, a binary body. The length of a text, for one, depends on the ids in it."""

    @property
    def knows_others(self) -> bool:
        """Whether the cassette is compared together with others."""
        return self._known is not None

    def begin(self, method: str, endpoint: str, status: str, is_racing: bool = False) -> None:
        """Note which interaction is merged: its method, its path with ids masked, its status, and
        whether another request has it (see `races`)."""
        self._status, self._is_racing = status, is_racing
        self._operation, self._endpoint = operation_of(method, endpoint), endpoint
        self.took_time = self._sends_made = False

    # --- decisions ----------------------------------------------------------------------------

    def merge(self, place: Place, old: str, new: str) -> str:
        """Return the old text if the new one has the same meaning, else the new one."""
        stays = place.side == "request" and (self.keeps_requests or self._is_racing)
        if stays or self.corresponds(place, old, new):
            is_number = place.side == "request" and not place.is_id and old.isdecimal()
            self._sends_made |= is_number and place.part in ("leaf", "query")
            return old
        if self._is_echo(place, old, new):
            return old
        if self._is_derived(place, old, new):
            self._derived.add((old, new))
            return old
        before, now = tokens(old, self._clocks.old), tokens(new, self._clocks.new)
        if before.marks == now.marks:
            differing = self._differing(place, before, now)
            self.is_clear &= not any(starmap(_may_depend, differing))
        if place.side == "request" and (place.part != "header" or is_key_header(place.name)):
            self.took_request = True
        return self._moved(place, now)

    def corresponds(self, place: Place, old: str, new: str) -> bool:
        """Whether two texts mean the same; nothing is noted."""
        if old == new:
            return True
        if _is_scrubbed_now(old, new):
            return False
        before, now = tokens(old, self._clocks.old), tokens(new, self._clocks.new)
        if before.marks == now.marks and not any(self._differing(place, before, now)):
            return True
        return self._varies(place, old, new)

    def varies(self, place: Place, old: str, new: str) -> bool:
        """Whether a list of scalars has other members, or another order, in each recording."""
        from .correlation import list_key

        if self._varies(place, old, new):
            return True
        known = self._known if place.side == "response" else None
        return known is not None and known.variation.varies(list_key(place), old, new, "list")

    def keeps(self, place: Place, old: bytes, new: bytes) -> bool:
        """Whether the old one of two different bodies that are no texts stays."""
        if self._varies(place, str(zlib.crc32(old)), str(zlib.crc32(new))):
            return True
        if place.side == "request":
            self._sent_bytes.append((old, new))
            is_same = self._is_sent_again(place, old, new)
        else:
            is_same = any(old in before and new in now for before, now in self._sent_bytes)
        if is_same and old:
            return True
        self.is_clear = False
        self.took_request |= place.side == "request"
        return False

    def _is_sent_again(self, place: Place, old: bytes, new: bytes) -> bool:
        """Whether two binary bodies of requests, such as uploads, differ only in known values."""
        if self.keeps_requests:
            return True
        return has_words(old, new) and self.corresponds(place, as_text(old), as_text(new))

    def added(self, place: Place, new: str) -> str:
        """Return a new text as the old recording would have it."""
        return self._moved(place, tokens(new, self._clocks.new))

    def equal(self, place: Place, text: str) -> None:
        """Do nothing: what is equal needs no decision."""

    # --- objects ------------------------------------------------------------------------------

    def own_id(self, place: Place, new: str) -> str | None:
        """Return the old id of an object that the run made in both recordings; None for others."""
        return self._known.own_id(new, place.entity(self._endpoint)) if self._known else None

    def is_foreign(self, place: Place, identity: str) -> bool:
        """Whether an id, old or new, is that of an object that the run did not make."""
        entity = place.entity(self._endpoint)
        return self._known is not None and self._known.is_foreign(place, identity, entity)

    def of_others(self) -> Noise:
        """Return the rules for objects that the run did not make."""
        return _NoiseOfOthers(self)

    # --- rules --------------------------------------------------------------------------------

    def _varies(self, place: Place, old: str, new: str) -> bool:
        if self._known is None:
            return False
        if _is_scrubbed_now(old, new):
            return False
        if self._known.volatile.holds(place):
            return True
        if place.side == "request" and (not self._makes_values or place.is_identifying):
            return False
        if place.side == "response" and self._known.has_to_be_new(new):
            return False
        from .correlation import variation_key

        key = variation_key(place, self._operation, self._status)
        variation = self._known.variation
        if place.part == "header" and not (has_digit(old) and has_digit(new)):
            return False
        kind: ValueKind = "sent" if place.side == "request" else "value"
        kind = "list" if old.startswith("[") else kind
        return variation.varies(key, old, new, kind) or variation.varies_elsewhere(old, new)

    def _is_echo(self, place: Place, old: str, new: str) -> bool:
        known = self._known if place.side == "response" else None
        return known is not None and not _is_scrubbed_now(old, new) and known.is_echo(old, new)

    def _is_derived(self, place: Place, old: str, new: str) -> bool:
        """Whether two numbers may have been computed from made-up numbers in the request."""
        if (old, new) in self._derived:
            return True
        are_numbers = json_type(old) == json_type(new) == "number" and place.part == "leaf"
        are_numbers &= not place.is_id
        is_computed = self._makes_values and self._sends_made and place.side == "response"
        return is_computed and are_numbers and value_form(old) == value_form(new)

    def _differing(self, place: Place, old: Tokens, new: Tokens) -> Iterator[tuple[Token, Token]]:
        """Yield the tokens of two texts that differ, and are not noise."""
        for position, pair in enumerate(zip(old.found, new.found, strict=True)):
            if pair[0] != pair[1] and not self._is_noise(place, new, position, *pair):
                yield pair

    def _is_noise(self, place: Place, text: Tokens, position: int, old: Token, new: Token) -> bool:
        if old.kind != new.kind:
            return False
        if old.kind == "time":
            return self._keeps_clock and are_same_time(old, new)
        entity = entity_at(place, text, position, self._endpoint)
        return old.kind == "secret" or self._are_known(place, entity, (old.text, new.text))

    def _are_known(self, place: Place, entity: str | None, pair: tuple[str, str]) -> bool:
        known = self._known
        if known is None:
            return False
        is_returned = place.side == "response"
        if known.are_exchanged(pair) or (is_returned and folded(pair) in known.made):
            return True
        if self.knows_edited and self._is_made_of_known(pair, is_returned):
            return True
        if pair[0].isdecimal() and pair[1].isdecimal():
            return is_returned and entity is not None and pair in known.ids_of(entity)
        if not are_generated(*pair) or pair not in known.words:
            return False
        if is_returned or self._makes_values or pair in known.origins or pair in known.made:
            return True
        return folded(pair) in known.folded_origins

    def _is_made_of_known(self, pair: tuple[str, str], is_returned: bool) -> bool:
        """Whether the test may have made two words of values that correspond, or got them back."""
        old, new = pair
        if is_returned:
            return self._made_of_known.get(new) == old
        if new.isdecimal() or self._known is None or with_parts(new, self._known.old_parts) != old:
            return False
        self._made_of_known[new] = old
        return True

    def _moved(self, place: Place, now: Tokens) -> str:
        found = [self._moved_token(place, now, position) for position in range(len(now.found))]
        return Tokens(found, now.marks).joined()

    def _moved_token(self, place: Place, now: Tokens, position: int) -> Token:
        token = now.found[position]
        if token.kind == "time":
            self.took_time = True
            later = self._clocks.old - self._clocks.new if self._keeps_clock else 0.0
            return Token(shifted(token.text, later), "time") if later else token
        if self._known is None or token.kind == "secret":
            return token
        if token.text.isdecimal():
            entity = entity_at(place, now, position, self._endpoint)
            old = None if entity is None else self._known.ids_of(entity).old_of(token.text)
            if place.side == "request" and len(now.found) == 1:
                old = old or self._known.exchanged_at(place, token.text)
            self.is_clear &= old is not None or token.text not in self._known.moved_numbers
        else:
            old = self._known.words.old_of(token.text) or self._known.own(token.text)
            old = old or on_old_clock(token.text, self._known.on_old_clock)
            if old == token.text and self.knows_edited:
                old = self._with_old_parts(place, old)
        return token if old is None else Token(old)

    def _with_old_parts(self, place: Place, new: str) -> str:
        if place.side == "request" and self._known is not None:
            old = with_parts(new, self._known.old_parts, _MIN_DIGITS)
            if old != new:
                self._made_of_known[new] = old
        return self._made_of_known.get(new, new)


class _NoiseOfOthers(Noise):
    """The rules for objects that the run did not make: any value of the same type is noise."""

    def __init__(self, own: Noise) -> None:
        self.__dict__ = own.__dict__

    def merge(self, place: Place, old: str, new: str) -> str:
        types = json_type(old), json_type(new)
        if _is_scrubbed_now(old, new):
            return new
        return old if types[0] == types[1] or "null" in types else super().merge(place, old, new)

    def corresponds(self, place: Place, old: str, new: str) -> bool:
        is_same = json_type(old) == json_type(new) and value_form(old) == value_form(new)
        is_same &= not _is_scrubbed_now(old, new)
        return is_same or super().corresponds(place, old, new)

    def varies(self, _place: Place, _old: str, _new: str, /) -> bool:
        return True

    def own_id(self, place: Place, new: str) -> None:
        """Return None: no object within is one of the run."""

    def is_foreign(self, _place: Place, _identity: str, /) -> bool:
        return True

    def of_others(self) -> Noise:
        return self


def _is_scrubbed_now(old: str, new: str) -> bool:
    """Whether a secret that the old text shows is replaced in the new one, by a new rule."""
    return _has_placeholder(new) and not _has_placeholder(old)


def _has_placeholder(text: str) -> bool:
    return next(placeholders_in(text), None) is not None


def json_type(text: str) -> str:
    """Return the type of a scalar in JSON."""
    first = text[:1]
    named = {'"': "string", "t": "boolean", "f": "boolean", "n": "null"}
    return named.get(first, "number")


def _may_depend(old: Token, new: Token) -> bool:
    """Whether a value may have been computed from others that differ in each recording."""
    words = old.text, new.text
    return all(map(str.isdecimal, words)) or are_generated(*words)
