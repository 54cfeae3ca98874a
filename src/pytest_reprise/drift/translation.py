"""Translation between live values and the values of a recording, in both directions.

A wider fixture that is recorded and runs live makes other ids, keys and names than its cassette
has. `LiveValues` learns them from the two recordings of the fixture: values at the same place are
a pair. So a test that is recorded with the live values can be written with the recorded ones, and
a test that replays can be answered with the live ones.

| value | learned | translated |
|---|---|---|
| generated word, as a UUID | anywhere | anywhere, in any encoding |
| text or number that the fixture sent | in a request | under the same name; a long one anywhere |
| other id, as a number | under the name of an id, and in paths | there, for the same entity |
| time | anywhere | where the same time is written |
| placeholder of a secret | anywhere, if both recordings are scrubbed | where it is written |

A test may send other values of the fixture, such as a count under the name of an id. Whether it got
them from the fixture cannot be known, so they stay, and `Translation.unpaired` finds them.
Other times of a live recording are moved by the difference of the two clocks, if asked for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import quote, quote_plus, unquote_plus

from ..exchange import Interaction, Outcome, Request, Response
from ..matching.key import key
from ..matching.times import shifted
from ..scrub.replace.encodings import MIN_SEARCH_LENGTH
from ..scrub.replace.finder import Finder
from .correlation import OneToOne, Words
from .entities import entity_at
from .merging import NewTexts, added_message, added_request, as_recorded, merge
from .noise import Clocks
from .places import Place
from .refresh import Recordings, aligned
from .shapes import endpoint, masked_key
from .tokens import Token, Tokens, are_generated, is_generated, tokens

_SHORTEST_ID = 3
"""Characters of an id that is translated under another entity than the one it was learned for."""

_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null")
_NO_VALUES = ("true", "false", "null", '""', "")
"""JSON that is in so many places that it does not come from one of them."""
MAKING = frozenset(("POST", "PUT", "PATCH"))
"""Methods whose requests make or change objects."""
_READING = frozenset(("GET", "HEAD", "OPTIONS", "DELETE"))
"""Methods whose requests make no values: what they name exists."""
_FIRST_MARK = 0xE000
"""Characters for private use, which no API returns."""


class Domain(NamedTuple):
    """What values are compared for: a `name` under which they were, or an entity."""

    kind: str
    name: str = ""


_WORD, _TEXT, _TIME, _SECRET, _ANY_ID = map(Domain, ("word", "text", "time", "secret", "id"))


class LiveValues:
    """The pairs of values of live fixtures and of their recordings."""

    def __init__(self) -> None:
        self.to_recorded = Translation()
        self.to_live = Translation()
        self._found: set[Words] = set()

    def note_differing(self, live: str) -> None:
        """Note a value that the fixture got, and that its recording has not in this place."""
        self.to_recorded.differing.add(live)

    def learn(self, recordings: Recordings) -> None:
        """Learn the pairs of one fixture: `new` is its live recording."""
        self.to_live.now, self.to_recorded.now = recordings.clocks
        learner = _Learner(self, recordings.clocks)
        for old, new in aligned(recordings):
            learner.endpoint = endpoint(key(old.request))[1]
            learner.method = old.request.method
            merge(old, new, learner)

    def add(self, domain: Domain, recorded: str, live: str) -> None:
        """Note that a pair was found once more."""
        self._found.add((recorded, live))
        self.to_recorded.add(domain, live, recorded)
        self.to_live.add(domain, recorded, live)

    def knows(self, pair: Words) -> bool:
        """Whether a recorded and a live value were found at the same place."""
        return pair in self._found

    def not_recorded(self, recordings: Recordings) -> tuple[Interaction, ...]:
        """Return the new interactions whose requests the old recording has not, with recorded
        values: a fixture that makes objects for its tests deletes others in its teardown."""
        clocks = recordings.clocks
        known = {masked_key(i.request, clocks.old) for i in recordings.old}
        later = clocks.old - clocks.new
        found = (self.to_recorded.interaction(i, later) for i in recordings.new)
        return tuple(i for i in found if masked_key(i.request, clocks.old) not in known)


class _Learner(NewTexts):
    """Adds the pairs of one fixture; as `Texts` it changes nothing."""

    def __init__(self, values: LiveValues, clocks: Clocks) -> None:
        self._values = values
        self._clocks = clocks
        self._foreign: set[Words] = set()
        """What identifies objects of tests, which the fixture deletes for example."""
        self.endpoint = ""
        self.method = ""

    def merge(self, place: Place, old: str, new: str, /) -> str:
        before, now = tokens(old, self._clocks.old), tokens(new, self._clocks.new)
        is_foreign = False
        if before.marks == now.marks:
            for position, (one, other) in enumerate(zip(before.found, now.found, strict=True)):
                if one == other or one.kind != other.kind:
                    continue
                if self._is_foreign(place, one, other):
                    is_foreign = True
                else:
                    self._learn(entity_at(place, now, position, self.endpoint), one, other)
        has_secret = any(token.kind == "secret" for token in (*before.found, *now.found))
        if place.side == "response" and old != new and not (is_foreign or has_secret):
            self._values.note_differing(_plain(place, new))
        is_made = place.side == "request" and self.method not in _READING
        if is_made and place.name and place.part != "header" and not has_secret:
            self._learn_sent(place, _plain(place, old), _plain(place, new))
        return new

    def _is_foreign(self, place: Place, old: Token, new: Token) -> bool:
        """Whether the fixture sent a value of an object before the API had returned it."""
        pair = (old.text, new.text)
        names_object = place.part == "segment" and self.method != "PUT"
        is_sent = place.side == "request" and (names_object or self.method in _READING)
        if is_sent and not self._values.knows(pair):
            self._foreign.add(pair)
        return pair in self._foreign

    def _learn(self, entity: str | None, old: Token, new: Token) -> None:
        if old.kind != "word":
            self._values.add(_TIME if old.kind == "time" else _SECRET, old.text, new.text)
            return
        if entity is not None:
            self._values.add(Domain("id", entity), old.text, new.text)
            self._values.add(_ANY_ID, old.text, new.text)
        is_number = old.text.isdecimal() or new.text.isdecimal()
        is_long = min(len(old.text), len(new.text)) >= MIN_SEARCH_LENGTH
        if are_generated(old.text, new.text) or (entity is not None and is_long and not is_number):
            self._values.add(_WORD, old.text, new.text)

    def _learn_sent(self, place: Place, old: str, new: str) -> None:
        if not (old and new):
            return
        self._values.add(Domain("name", place.name), old, new)
        if min(len(old), len(new)) >= MIN_SEARCH_LENGTH and not old.isdecimal():
            self._values.add(_WORD, old, new)
            self._values.add(_TEXT, old, new)


def identifiers(request: Request, outcome: Outcome | None = None) -> set[str]:
    """Return the words and numbers that identify something in a request and its outcome.

    Of a request these are in its URL and its body.
    """
    found = _Identifiers(endpoint(key(request))[1])
    added_request(Request(request.method, request.url, (), request.body), found)
    if isinstance(outcome, Response):
        added_message(outcome, found)
    return found.values


class _Identifiers(NewTexts):
    """As `Texts`, collects what identifies something, and changes nothing."""

    def __init__(self, endpoint: str) -> None:
        self.values: set[str] = set()
        self._endpoint = endpoint

    def added(self, place: Place, new: str, /) -> str:
        text = tokens(new, 0.0)
        for position, (word, kind) in enumerate(text.found):
            if kind != "word" or not any(map(str.isdecimal, word)):
                continue
            is_named = entity_at(place, text, position, self._endpoint) is not None
            if is_named or (not word.isdecimal() and is_generated(word)):
                self.values.add(word)
        return new


def _plain(place: Place, text: str) -> str:
    """Return a text without the encoding of its place: of JSON strings, and of queries."""
    if place.part == "leaf" and text[:1] == '"':
        return str(json.loads(text))
    return unquote_plus(text) if place.part == "query" else text


def _encoded(place: Place, text: str, like: str) -> str:
    """Return a plain text in the encoding of its place, as in the text `like`."""
    if place.part == "leaf":
        is_text = like[:1] == '"' or not _NUMBER.fullmatch(text)
        return json.dumps(text, ensure_ascii="\\u" in like) if is_text else text
    if place.part == "query":
        return (quote_plus if "+" in like else quote)(text, safe="")
    return text


class Translation:
    """One direction. Values without a pair stay as they are."""

    def __init__(self) -> None:
        self.now = 0.0
        """When the values that are translated were made: seconds since 1970."""
        self.differing: set[str] = set()
        """Texts and numbers that have another value in the recording, with or without a pair."""
        self._pairs: dict[Domain, OneToOne] = {}
        self._finder: Finder | None = None

    def add(self, domain: Domain, value: str, translated: str) -> None:
        """Note that a pair was found once more."""
        self._pairs.setdefault(domain, OneToOne()).add((translated, value))
        self._finder = None

    def interaction(self, found: Interaction, later: float = 0.0) -> Interaction:
        """Return the interaction with translated values, and other times `later` by so many
        seconds."""
        return as_recorded(found, _Translated(self, found.request, later))

    def request(self, request: Request) -> Request:
        """Return the request with translated values."""
        return added_request(request, _Translated(self, request, 0.0))

    def unpaired(self, request: Request) -> list[Place]:
        """Return the places in a request that have a value which should perhaps be translated."""
        found = _Unpaired(self, request)
        added_request(request, found)
        return found.places

    def outcome(self, outcome: Outcome, request: Request) -> Outcome:
        """Return the outcome of a request with translated values."""
        if not isinstance(outcome, Response):
            return outcome
        return added_message(outcome, _Translated(self, request, 0.0))

    def value(self, domain: Domain, value: str) -> str | None:
        """Return the partner of a value, or None."""
        pairs = self._pairs.get(domain)
        return pairs.old_of(value) if pairs else None

    def identifier(self, entity: str, text: str) -> str | None:
        """Return what identifies the same entity, or None."""
        found = self.value(Domain("id", entity), text)
        is_known = found is not None or len(text) < _SHORTEST_ID
        return found if is_known else self.value(_ANY_ID, text)

    def marked(self, text: str) -> tuple[str, dict[str, str]]:
        """Return the text with a mark in the place of each text of several words that has a
        partner, and the partners by their marks. So no word of it is translated alone."""
        pairs = self._pairs.get(_TEXT)
        known: dict[str, str] = {}
        for value in sorted(pairs.partners, key=len, reverse=True) if pairs else ():
            if value in text:
                mark = chr(_FIRST_MARK + len(known))
                known[mark] = pairs.partners[value] if pairs else value
                text = text.replace(value, mark)
        return text, known

    def words(self, text: str) -> str:
        """Return the text with all generated words and long texts translated."""
        if self._finder is None:
            pairs = self._pairs.get(_WORD)
            known: Iterable[str] = pairs.partners if pairs else ()
            self._finder = Finder(word for word in known if len(word) >= MIN_SEARCH_LENGTH)
        return self._finder.replace(text, lambda word: self.value(_WORD, word) or word)


class _Translated(NewTexts):
    """As `Texts`, translates each text of an interaction."""

    def __init__(self, values: Translation, request: Request, later: float) -> None:
        self._values = values
        self._later = later
        self._endpoint = endpoint(key(request))[1]

    def added(self, place: Place, new: str, /) -> str:
        plain = _plain(place, new)
        translated = self._translated(place, plain)
        return new if translated == plain else _encoded(place, translated, new)

    def _translated(self, place: Place, new: str) -> str:
        if place.name and (named := self._values.value(Domain("name", place.name), new)):
            return named
        marked, known = self._values.marked(new)
        found = tokens(marked, self._values.now)
        translated = [self._token(place, found, n) for n in range(len(found.found))]
        joined = Tokens(translated, found.marks).joined()
        for mark, text in known.items():
            joined = joined.replace(mark, text)
        return self._values.words(joined)

    def _token(self, place: Place, text: Tokens, position: int) -> Token:
        token = text.found[position]
        if token.kind == "time":
            known = self._values.value(_TIME, token.text)
            later = shifted(token.text, self._later) if self._later else token.text
            return Token(known or later, "time")
        if token.kind == "secret":
            return Token(self._values.value(_SECRET, token.text) or token.text, "secret")
        known = None if token.text.isdecimal() else self._values.value(_WORD, token.text)
        if (
            known is None
            and (entity := entity_at(place, text, position, self._endpoint)) is not None
        ):
            known = self._values.identifier(entity, token.text)
        return token if known is None else Token(known)


class _Unpaired(_Translated):
    """Collects places whose value differs from the recorded one, and has no partner there."""

    def __init__(self, values: Translation, request: Request) -> None:
        super().__init__(values, request, 0.0)
        self.places: list[Place] = []

    def added(self, place: Place, new: str, /) -> str:
        text = _plain(place, new)
        is_value = place.part in ("query", "leaf", "segment") and new not in _NO_VALUES
        is_live = is_value and text in self._values.differing
        if is_live and self._translated(place, text) == text:
            self.places.append(place)
        return new
