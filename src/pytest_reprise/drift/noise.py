"""Noise: what differs between two recordings of an API that has not changed.

Two texts at the same place have the same meaning if the signs between their tokens are equal, and
each pair of tokens is equal or noise:

| rule | what is noise |
|---|---|
| `header` | values of headers that differ each time: dates, ids of requests, durations |
| `time` | two times in the same form, each close to the time of its own recording |
| `secret` | two placeholders, which stand for secrets |
| `generated` | two generated words that correspond in all recordings (see `correlation`) |
| `id` | two numbers that correspond, under the name of an id, or returned and sent |
"""

from __future__ import annotations

from itertools import starmap
from typing import TYPE_CHECKING, NamedTuple

from ..matching.key import is_key_header
from ..matching.times import shifted
from .places import Place
from .tokens import Token, Tokens, are_generated, are_same_time, tokens

if TYPE_CHECKING:
    from .correlation import Correlation


class Clocks(NamedTuple):
    """When two recordings began, in seconds since 1970."""

    old: float
    new: float


class Noise:
    """The rules for one cassette: what may differ between its old and its new recording.

    With `keeps_clock` the cassette stays on the clock of its old recording: times are noise, and
    those of a change are moved to that clock. `known` are the values that correspond; None if the
    cassette is compared without others. `makes_values` says that the scope used random values.
    """

    def __init__(
        self,
        clocks: Clocks,
        keeps_clock: bool = True,
        known: Correlation | None = None,
        makes_values: bool = False,
    ) -> None:
        self._clocks = clocks
        self._keeps_clock = keeps_clock
        self._known = known
        self._makes_values = makes_values
        self.endpoint = ""
        """The path of the interaction that is merged, with ids masked."""
        self.took_time = False
        """Whether a time of the new recording was taken."""
        self.took_request = False
        """Whether a text of a new request was taken: the test sends something else."""
        self.is_clear = True
        """Whether no value was taken that may depend on values which were not: a number, a
        generated word, a binary body. The length of a text, for one, depends on the ids in it."""

    def merge(self, place: Place, old: str, new: str) -> str:
        """Return the old text if the new one has the same meaning, else the new one."""
        if old == new:
            return old
        before, now = tokens(old, self._clocks.old), tokens(new, self._clocks.new)
        if before.marks == now.marks:
            pairs = zip(before.found, now.found, strict=True)
            differing = [p for p in pairs if not self._is_noise(place, *p)]
            if not differing:
                return old
            self.is_clear &= not any(starmap(_may_depend, differing))
        if place.side == "request" and (place.part != "header" or is_key_header(place.name)):
            self.took_request = True
        return self._moved(place, now)

    def replaced(self, place: Place) -> None:
        """Note that a body which is no text was taken from the new recording."""
        self.is_clear = False
        self.took_request |= place.side == "request"

    def added(self, place: Place, new: str) -> str:
        """Return a new text as the old recording would have it."""
        return self._moved(place, tokens(new, self._clocks.new))

    def _is_noise(self, place: Place, old: Token, new: Token) -> bool:
        if old == new:
            return True
        if old.kind != new.kind:
            return False
        if old.kind == "time":
            return self._keeps_clock and are_same_time(old, new)
        return old.kind == "secret" or self._are_known(place, (old.text, new.text))

    def _are_known(self, place: Place, pair: tuple[str, str]) -> bool:
        known = self._known
        if known is None:
            return False
        if pair[0].isdecimal() and pair[1].isdecimal():
            if place.side == "response" and place.is_id:
                return pair in known.ids_of(place.entity(self.endpoint))
            return known.are_exchanged(pair)
        if not are_generated(*pair) or pair not in known.words:
            return False
        return place.side == "response" or self._makes_values or pair in known.origins

    def _moved(self, place: Place, now: Tokens) -> str:
        found = [self._moved_token(place, token) for token in now.found]
        return Tokens(found, now.marks).joined()

    def _moved_token(self, place: Place, token: Token) -> Token:
        if token.kind == "time":
            self.took_time = True
            later = self._clocks.old - self._clocks.new if self._keeps_clock else 0.0
            return Token(shifted(token.text, later), "time") if later else token
        if self._known is None or token.kind == "secret":
            return token
        if token.text.isdecimal():
            is_id = place.is_id or place.part == "segment"
            entity = place.entity(self.endpoint)
            old = self._known.ids_of(entity).old_of(token.text) if is_id else None
            self.is_clear &= old is not None or token.text not in self._known.moved_numbers
        else:
            old = self._known.words.old_of(token.text)
        return token if old is None else Token(old)


def _may_depend(old: Token, new: Token) -> bool:
    """Whether a value may have been computed from others that differ in each recording."""
    words = old.text, new.text
    return all(map(str.isdecimal, words)) or are_generated(*words)
