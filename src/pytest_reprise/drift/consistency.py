"""The check of a refresh before it is written: do its cassettes serve each other's values?

A value that the API returned in this run was sent back, perhaps by another scope. In the cassettes
to write, both places have to hold the same value: else a replay sends what no cassette has. That
happens where a fixture was edited, so that its calls are paired with others than before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from typing import Generic, NamedTuple, TypeVar

from ..exchange import Interaction, Response
from ..matching.key import key
from .merging import NewTexts, merge
from .noise import Clocks
from .places import Place
from .polls import Aligned
from .refresh import Names, Recordings, aligned
from .shapes import endpoint
from .tokens import as_text, has_words, tokens
from .translation import MAKING, identifiers

Name = TypeVar("Name", bound=Hashable)


class Scope(NamedTuple, Generic[Name]):
    """What a scope recorded in this run, and what is to be written for it."""

    name: Name
    live: Sequence[Interaction]
    written: Sequence[Interaction]
    clocks: Clocks
    aligned: Aligned | None = None
    """Which calls of the two are the same, if that is known."""
    names: Names | None = None
    """What the ids in what is written, and the live ones, are called."""


def inconsistent(scopes: Iterable[Scope[Name]]) -> set[Name]:
    """Return the names of scopes whose cassettes do not fit together."""
    found = [_Values(scope) for scope in scopes]
    sources: dict[str, list[_Values[Name]]] = {}
    for values in found:
        for value in values.returned:
            sources.setdefault(value, []).append(values)
    conflicts: set[Name] = set()
    for values in found:
        for value in values.sent & sources.keys():
            known = {text for source in sources[value] for text in source.in_answers(value)}
            if not values.in_requests(value) <= known:
                conflicts |= {values.scope.name, *(source.scope.name for source in sources[value])}
    return conflicts


class TwoRecordings(NamedTuple, Generic[Name]):
    """What a scope recorded before, and in this run."""

    name: Name
    recordings: Recordings
    is_fixture: bool
    aligned: Aligned | None = None
    """Which calls of the two are the same, if that is known."""


def of_two_recordings(scopes: Iterable[TwoRecordings[Name]]) -> set[Name]:
    """Return the names of scopes whose old cassettes are not of one recording.

    A scope sends a number that a fixture returned, and both had others before, which differ. A
    refresh would keep them. A scope that draws random numbers may send an equal one by chance.
    """
    found = [_Changed(scope) for scope in scopes]
    conflicts: set[Name] = set()
    for sender in found:
        if sender.scope.recordings.makes_values:
            continue
        for live, before in sender.sent.items():
            known = {old for one in found for old in one.returned.get(live, ())}
            sources = {
                one.scope.name for one in found if one.scope.is_fixture and live in one.returned
            }
            if sources and not before <= known:
                conflicts |= {sender.scope.name, *sources}
    return conflicts


class _Changed(NewTexts, Generic[Name]):
    """The whole numbers of a scope that changed: the old ones by the new one."""

    def __init__(self, scope: TwoRecordings[Name]) -> None:
        self.scope = scope
        self.sent: dict[str, set[str]] = {}
        self.returned: dict[str, set[str]] = {}
        for old, new in aligned(scope.recordings, scope.aligned):
            merge(old, new, self)

    def merge(self, place: Place, old: str, new: str, /) -> str:
        if place.part != "header" and old != new and old.isdecimal() and new.isdecimal():
            values = self.sent if place.side == "request" else self.returned
            values.setdefault(new, set()).add(old)
        return new


_LONGEST_VERSION = 3
"""Characters."""


def returned(interactions: Iterable[Interaction]) -> set[str]:
    """Return what identifies objects in the bodies of answers."""
    found: set[str] = set()
    for interaction in interactions:
        outcome = interaction.outcome
        if isinstance(outcome, Response):
            body = outcome._replace(headers=())
            found |= identifiers(interaction.request, body) - identifiers(interaction.request)
    # A version such as v1, in a link, identifies no object.
    return {word for word in found if word.isdecimal() or len(word) > _LONGEST_VERSION}


def makes_the_same(old: Iterable[Interaction], new: Iterable[Interaction]) -> bool:
    """Whether two recordings of a scope have the same calls that make or change objects."""
    one, other = (
        Counter(endpoint(key(i.request)) for i in found if i.request.method in MAKING)
        for found in (old, new)
    )
    return one == other


class _Values(NewTexts, Generic[Name]):
    """The identifying values of one scope, and what is written in their places."""

    def __init__(self, scope: Scope[Name]) -> None:
        self.scope = scope
        self.sent: set[str] = set()
        self.returned: set[str] = set()
        self._written: dict[tuple[str, str], set[str]] = {}
        for interaction in scope.live:
            sent = identifiers(interaction.request)
            self.sent |= sent
            self.returned |= identifiers(interaction.request, interaction.outcome) - sent
        recordings = Recordings(scope.written, scope.live, scope.clocks)
        for written, live in aligned(recordings, scope.aligned, scope.names):
            merge(written, live, self)

    def keeps(self, place: Place, old: bytes, new: bytes, /) -> bool:
        """Forget the words in a binary body: what is written in their places is not known."""
        if place.side == "request" and has_words(old, new):
            self.sent -= {word.text for word in tokens(as_text(new), self.scope.clocks.new).found}
        return False

    def in_answers(self, live: str) -> set[str]:
        """Return what is written in the place of a value of an answer."""
        return self._written.get(("response", live), {live})

    def in_requests(self, live: str) -> set[str]:
        """Return what is written in the place of a value of a request."""
        return self._written.get(("request", live), {live})

    def merge(self, place: Place, old: str, new: str, /) -> str:
        if place.part == "header":
            return new
        names_object = place.is_id or place.part == "segment"
        before, now = tokens(old, self.scope.clocks.old), tokens(new, self.scope.clocks.new)
        if before.marks == now.marks:
            for one, other in zip(before.found, now.found, strict=True):
                # The same number may be a page or a price elsewhere.
                is_other = other.text.isdecimal() and not names_object
                if one.kind == other.kind == "word" and not is_other:
                    self._written.setdefault((place.side, other.text), set()).add(one.text)
        return new
