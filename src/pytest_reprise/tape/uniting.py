"""What several processes recorded at the same time becomes one recording.

Each worker of pytest-xdist sets up wider fixtures by itself, so each has other ids. The first
worker that recorded a fixture gives its cassette. The recordings of the same fixture on other
workers show which of their values correspond (`drift/translation`), and what these workers recorded
is written with the values of the first.

Requests that only one of the workers made are added to the cassette of a fixture: its teardown
deletes what tests made with it. In its set-up there must be none, else it made something else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from ..cassette.model import Cassette, Header
from ..drift.consistency import Scope, inconsistent
from ..drift.noise import Clocks
from ..drift.places import Place
from ..drift.refresh import Recordings
from ..drift.shapes import endpoint, masked_key
from ..drift.translation import LiveValues
from ..exchange import Interaction, Request
from ..matching.key import key

Owner = tuple[Path, str]
"""The path of a cassette, and the scope in it."""
Version = tuple[Header, tuple[Interaction, ...]]


class Recorded(NamedTuple):
    """What one scope recorded on one worker."""

    owner: Owner
    name: str
    """The test or fixture, as messages name it."""
    header: Header
    interactions: tuple[Interaction, ...]
    number: int = 0
    """The position among the wider fixtures that were set up on this worker; 0 for a test."""
    uses: Sequence[int] = ()
    """The numbers of the wider fixtures that were set up, and whose values it may have."""
    setup: frozenset[str] = frozenset()
    """The endpoints to which a fixture sent requests in its set-up (see `endpoint_of`)."""
    adds: bool = False
    """It holds recorded values, and only adds to the cassette that it replayed."""


class Fixture:
    """The recording of a wider fixture that becomes its cassette."""

    def __init__(self, header: Header, interactions: tuple[Interaction, ...]) -> None:
        self.header = header
        self.interactions = interactions


UNPAIRED = "values of its fixtures differ on each worker"


class Uncorrelated(Exception):
    """A test uses a fixture whose values on its worker have no counterpart; says why."""


class Worker:
    """What one worker recorded, and which of its values are those of the first."""

    def __init__(self, fixtures: dict[Owner, Fixture]) -> None:
        self._fixtures = fixtures
        """The fixtures of all workers so far."""
        self._paired: dict[int, tuple[Recordings, float]] = {}
        """The two recordings of each fixture that an earlier worker recorded, too, and how many
        seconds later that one did."""
        self._problems: dict[int, str] = {}
        self.doubtful: dict[str, Place] = {}
        """The tests and fixtures that sent a value without a counterpart, and where."""
        self._values: dict[tuple[int, ...], LiveValues] = {}
        self._scopes: list[Scope[Owner]] = []
        """What each fixture recorded, and what is written in its place."""
        self._failed: dict[int, tuple[Owner, str]] = {}

    def failed(self, number: int, owner: Owner, name: str) -> None:
        """Note that a fixture has no recording, since it failed."""
        self._failed[number] = owner, name

    def add(self, recorded: Recorded) -> None:
        """Add the recording of a wider fixture, in the order in which they were set up."""
        first = self._fixtures.get(recorded.owner)
        if first is None:
            version = self._translated(recorded, _known(recorded.uses, self._paired))
            self._fixtures[recorded.owner] = Fixture(*version)
            self._scopes.append(_scope(recorded, version))
        elif recorded.adds:
            held = first.interactions
            first.interactions += tuple(i for i in recorded.interactions if i not in held)
        else:
            self._pair(first, recorded)

    def _pair(self, first: Fixture, live: Recorded) -> None:
        """Learn which values of a fixture are those of its first recording, and add to that what
        it does not have."""
        clocks = Clocks.of(first.header.recorded_at, live.header.recorded_at)
        both = Recordings(first.interactions, live.interactions, clocks)
        self._paired[live.number] = both, clocks.old - clocks.new
        translation = self._known_to((*live.uses, live.number)).to_recorded
        held = {masked_key(i.request, clocks.old) for i in first.interactions}
        same: list[Interaction] = []
        more: list[Interaction] = []
        for interaction in live.interactions:
            moved = translation.interaction(interaction, clocks.old - clocks.new)
            if masked_key(moved.request, clocks.old) in held:
                same.append(interaction)
            else:
                more.append(moved)
        if problem := _problem(first, live, more):
            self._problems[live.number] = problem
            return
        paired = live._replace(interactions=tuple(same))
        self._scopes.append(_scope(paired, (first.header, first.interactions)))
        first.interactions += tuple(more)

    def translated(self, recorded: Recorded) -> Version:
        """Return the recording of a test with the values of the first. Raises Uncorrelated."""
        for number in recorded.uses:
            if number in self._problems:
                raise Uncorrelated(self._problems[number])
            owner, name = self._failed.get(number, (None, ""))
            if owner in self._fixtures:
                raise Uncorrelated(f"{name} failed on one worker and passed on another")
        return self._translated(recorded, _known(recorded.uses, self._paired))

    def _translated(self, recorded: Recorded, known: Sequence[int]) -> Version:
        if not known:
            return recorded.header, recorded.interactions
        later = max(self._paired[number][1] for number in known)
        translation = self._known_to(known).to_recorded
        places = [p for i in recorded.interactions for p in translation.unpaired(i.request)]
        if places:
            self.doubtful[recorded.name] = places[0]
        moved = tuple(translation.interaction(i, later) for i in recorded.interactions)
        recorded_at = recorded.header.recorded_at + timedelta(seconds=later)
        return recorded.header._replace(recorded_at=recorded_at), moved

    def _known_to(self, numbers: Iterable[int]) -> LiveValues:
        """The pairs of values of some fixtures."""
        known = tuple(_known(numbers, self._paired))
        if known not in self._values:
            self._values[known] = values = LiveValues()
            for number in known:
                values.learn(self._paired[number][0])
        return self._values[known]

    def that_do_not_fit(self, tests: Iterable[tuple[Recorded, Version]]) -> set[Owner]:
        """Return the tests that send other values than those which their fixtures return.

        Each is given as it was recorded, and as it is to be written.
        """
        if not self._paired:
            return set()  # all values are its own
        scopes = (_scope(recorded, version) for recorded, version in tests)
        return inconsistent((*self._scopes, *scopes)) - self._fixtures.keys()


def _scope(live: Recorded, written: Version) -> Scope[Owner]:
    header, interactions = written
    clocks = Clocks.of(header.recorded_at, live.header.recorded_at)
    return Scope(live.owner, live.interactions, interactions, clocks)


def _known(numbers: Iterable[int], paired: Mapping[int, object]) -> list[int]:
    return [number for number in numbers if number in paired]


def _problem(first: Fixture, live: Recorded, more: Iterable[Interaction]) -> str:
    """Return why two recordings of a fixture have no values in common; "" if they have. `more` are
    the interactions that the first does not have."""
    if not live.interactions and live.header.seed != first.header.seed:
        return f"{live.name} made random values and sent none of them"
    if any(endpoint_of(i.request) in live.setup for i in more):
        return f"the set-up of {live.name} sent other requests on another worker"
    return ""


def endpoint_of(request: Request) -> str:
    """Return method and path of a request, with segments masked that look like ids."""
    return " ".join(endpoint(key(request)))


def loaded(cassette: Cassette, scope: str) -> Version:
    """Return what one scope has recorded in a cassette."""
    assert cassette.header
    return cassette.header._replace(scope=scope), cassette.interactions_of(scope)
