"""One use of one cassette by one running scope: it plays, records, and knows what was missed."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from ..cassette.model import VCRPY_SCOPE, CassetteUse, Header
from ..determinism.base_url import BaseUrlMapping, origin
from ..determinism.clock import Clock
from ..determinism.seed import new_seed
from ..errors import CallsNotMade, RepriseError, RequestNotRecorded
from ..exchange import CANCELLED, Failure, Interaction, Outcome, Request
from .modes import Rule
from .overrides import PLAIN, Dialect
from .pending import Take
from .run import Run
from .sources import Sources

if TYPE_CHECKING:
    from ..drift.changes import Change
    from .recording import Recording

Action: TypeAlias = Literal["replayed", "written", "unchanged", "kept", "untouched"]


class Closing(NamedTuple):
    """What became of a tape. `action` says it of its cassette: `replayed` from, `written`,
    `unchanged` (recorded again, says the same), `kept` (its test failed) or `untouched`."""

    scope: str
    path: Path
    action: Action
    played: int
    sent: int
    unplayed: tuple[Interaction, ...] = ()
    changes: tuple[Change, ...] = ()


class Tape:
    """Safe to use from several threads and tasks.

    Raises CassetteError for a broken cassette.
    """

    def __init__(self, label: CassetteUse, rule: Rule, run: Run, dialect: Dialect = PLAIN) -> None:
        self.label = label
        self.missed: list[RepriseError] = []
        self.clock: Clock | None = None
        """The replay's clock, which each answer takes to the time of the recorded one."""
        self.rule = rule
        self._run = run
        self._dialect = dialect
        self._lock = threading.Lock()
        self._sources = Sources(label, run.shelf, lambda: run.scrubber, dialect)
        self._cassette, self._own = self._sources.cassette, self._sources.own
        self._index = self._sources.index()
        self._started = time.monotonic()
        self._played = 0
        self._header = self._make_header()
        self._values = dict(self._header.values)

    def _make_header(self) -> Header:
        """The header of what is recorded here; a cassette that is replayed keeps its own."""
        if self._cassette and self.rule.replays:
            return self._cassette.header or Header(_now(), self._run.recorded_with)
        seed = new_seed() if self.may_send else None
        return Header(_now(), self._run.recorded_with, self.label.scope, seed)

    @property
    def seed(self) -> int | None:
        """What made-up data starts from; None where a replay has no recorded seed."""
        return self._header.seed

    @property
    def replays_from(self) -> datetime | None:
        """When the recording began that is replayed here; None where there is none."""
        replayed = self._old_header if self.rule.replays else None
        return replayed.recorded_at if replayed else None

    @property
    def started_at(self) -> datetime:
        """When this tape began, on the clock of its recording."""
        return self._header.recorded_at

    @cached_property
    def recording(self) -> Recording:
        # What a replay does not need is not imported for it.
        from .recording import Recording

        return Recording(
            self._run, self._dialect, self.rule, self._cassette, self._own, self._started
        )

    @property
    def has_sent(self) -> bool:
        return self._sent > 0

    @property
    def _sent(self) -> int:
        return len(self.recording.takes) if "recording" in vars(self) else 0

    @property
    def has_recording(self) -> bool:
        """Whether there is, or will be, a cassette of this scope."""
        return self._cassette is not None or self.has_sent

    @property
    def plays_legacy(self) -> bool:
        """Whether it plays from what vcrpy wrote."""
        return self._sources.are_legacy

    @property
    def may_send(self) -> bool:
        """Whether what has no recording is sent."""
        return self.rule.may_send(self._sources.are_there)

    def start(self, request: Request) -> Outcome | Take | None:
        """The recorded outcome of a request, a take to fill while it is sent, or None where the
        suite's configuration says that it is none of ours.

        Raises RequestNotRecorded or RecordingRefused; either stays in `missed`, whatever the code
        under test makes of the error.
        """
        __tracebackhide__ = True
        filtered = self._dialect.filtered(request)
        if filtered is None:
            return None
        with self._lock:
            outcome = self._play(filtered) if self.rule.replays else None
            if outcome:
                return outcome
            try:
                return self._take(request)
            except RepriseError as error:
                self.missed.append(error)
                raise

    def _play(self, request: Request) -> Outcome | None:
        found = self._found(request)
        if found is None:
            return None
        interaction, way = found
        self._played += 1
        if self.clock:
            self.clock.advance_to_offset(interaction.at)
        if way is None:
            return interaction.outcome
        self._run.bases.use(way)
        return way.to_current(interaction.outcome)

    def _found(self, request: Request) -> tuple[Interaction, BaseUrlMapping | None] | None:
        """The recorded call, and the way from the base URL under which it was recorded.

        What looks like it, with a secret anywhere, is looked for where nothing is it.
        """
        if interaction := self._index.take_identical(request):
            return interaction, None
        if not self._index.interactions:
            return None
        now = time.time()
        for take in (self._index.take_matching, self._index.take_by_wildcard):
            for way in self._ways(request):
                interaction = take(way.to_recorded(request) if way else request, now)
                if interaction:
                    return interaction, way
        return None

    def _ways(self, request: Request) -> Iterator[BaseUrlMapping | None]:
        """How it may have been made at recording. A suite that says itself what has to match gets
        no origin but that of its base URL moved."""
        return self._run.bases.candidates(
            request,
            self._header.base_url,
            lambda: {origin(request.url)} if self._dialect.matching else self._origins,
        )

    @cached_property
    def _origins(self) -> frozenset[str]:
        interactions = self._cassette.interactions if self._cassette else ()
        return frozenset(origin(i.request.url) for i in interactions)

    def _take(self, request: Request) -> Take:
        __tracebackhide__ = True
        if not self.may_send:
            raise self._miss(request)
        return self.recording.begin(request)

    def _miss(self, request: Request) -> RequestNotRecorded:
        way = next(filter(None, self._ways(request)), None)
        compared = way.to_recorded(request) if way else request
        recorded = self._index.interactions if self._sources.are_there else None
        from . import miss

        played_out = self._index.was_recorded(compared, time.time())
        return miss.not_recorded(
            request, compared, recorded, played_out, self.label, self._run.scrubber
        )

    def interactions(self) -> tuple[Interaction, ...]:
        """What was loaded, and what was recorded so far, as it is."""
        sent = self.recording.interactions() if self.has_sent else ()
        return (*self._index.interactions, *sent)

    def alike(self, request: Request) -> Iterator[tuple[Interaction, bool]]:
        """Those of `interactions` that could answer a request, and whether they may still do so."""
        filtered, played = self._dialect.filtered(request), self.play_counts
        for position, interaction in enumerate(self.interactions() if filtered else ()):
            if filtered and self._index.could_answer(interaction, filtered, time.time()):
                yield interaction, self._dialect.repeats or not played[position]

    @property
    def play_counts(self) -> Counter[int]:
        """How often each loaded call was played, by its position."""
        return Counter({n: count for n, count in enumerate(self._index.play_counts) if count})

    def rewind(self) -> None:
        """Let everything be played again."""
        with self._lock:
            self._index = self._sources.index()

    def value(self, name: str, make: Callable[[], object]) -> object:
        """The value that was recorded under this name, or what `make` gives while recording.

        Raises RequestNotRecorded where there is none and the mode does not record one.
        """
        with self._lock:
            if self.rule.replays and name in self._header.values:
                return self._header.values[name]
            if not self.may_send:
                from . import miss

                error = miss.value_not_recorded(name, self.label, self._cassette is not None)
                self.missed.append(error)
                raise error
            self._values[name] = make()
            return self._values[name]

    def close(self, keep: bool, drew: bool = False, leans: bool = False) -> Closing:
        """End the use: write what was recorded, unless `keep` says to leave the cassette alone.

        `drew` says that made-up data was drawn in this scope, `leans` that it lives by what other
        scopes recorded: then it has a cassette, if only for its time, even without a call.
        Raises OSError where the cassette cannot be written, Unscrubbed where it must not be.
        """
        with self._lock:
            empties = not (self.rule.keeps or self.rule.replays) and self._own
            has_values = self._values != self._header.values
            leans_anew = leans and self.may_send and self._cassette is None
            lends_anew = drew and self._lends_new_seed
            drops = self._dialect.drops_unplayed and self._played_of_own() != self._own
            if self._sent or empties or has_values or lends_anew or leans_anew or drops:
                return self._close_recording(keep or not self.rule.writes, drew, lends_anew)
            return self._closing("replayed" if self._played else "untouched")

    @property
    def _lends_new_seed(self) -> bool:
        replays = self.rule.replays and self._cassette is not None
        return self.label.shares_values and self.seed is not None and not replays

    def not_made(self) -> CallsNotMade | None:
        """The error for recorded calls that the scope owes and has not made, if there are any."""
        with self._lock:
            is_ours = self._cassette is not None and not self._cassette.is_legacy
            may_drop = self._dialect.drops_unplayed
            if not self.rule.owes or self._sent or not is_ours or may_drop:
                return None
            unplayed = self._unplayed()
            if not unplayed:
                return None
            from . import miss

            return miss.not_made(unplayed, self.label)

    def _unplayed(self) -> tuple[Interaction, ...]:
        """Own calls that were not made; one that was given up need not even start."""
        unplayed = self._index.unplayed(among_first=len(self._own))
        return tuple(i for i in unplayed if not _was_given_up(i))

    @property
    def _old_header(self) -> Header | None:
        return self._cassette.header if self._cassette else None

    def _close_recording(self, keep: bool, drew: bool, lends_anew: bool) -> Closing:
        if keep:
            return self._closing("kept")
        recorded = self.recording.scrubbed()
        old = self._old_header
        interactions = self._signed(self._still_recorded(recorded)) + recorded
        header = replace(
            self._header,
            scope=self.label.scope,
            base_url=self.recording.base_url,
            seed=self.seed if drew or not old else old.seed,
            values=self._run.scrubber.scrub_values(self._values),
        )
        if not self._run.shelf.write(
            self.label.path,
            header,
            interactions,
            even_if_alike=lends_anew,
            mark=self._run.scrubber.vault.known_count,
        ):
            return self._closing("unchanged")
        from ..drift.changes import compare

        changes = compare(self._own, interactions) if self.rule.reports and self._cassette else []
        return self._closing("written", tuple(changes))

    def _signed(self, kept: tuple[Interaction, ...]) -> tuple[Interaction, ...]:
        """What vcrpy recorded for several tests is none of this one's own."""
        is_shared = self.label.scope and self._old_header is None
        return tuple(replace(i, scope=VCRPY_SCOPE) for i in kept) if is_shared else kept

    def _still_recorded(self, recorded: tuple[Interaction, ...]) -> tuple[Interaction, ...]:
        """What stays of the earlier recording: all, or what was not recorded again."""
        if not self.rule.keeps:
            return ()
        if self.rule.replays:
            return self._played_of_own() if self._dialect.drops_unplayed else self._own
        for interaction in recorded:
            self._index.take_matching(interaction.request, time.time())
        return self._index.unplayed(among_first=len(self._own))

    def _played_of_own(self) -> tuple[Interaction, ...]:
        return tuple(i for n, i in enumerate(self._own) if self._index.play_counts[n])

    def _closing(self, action: Action, changes: tuple[Change, ...] = ()) -> Closing:
        unplayed = self._unplayed() if self.rule.replays else ()
        return Closing(
            self.label.scope, self.label.path, action, self._played, self._sent, unplayed, changes
        )


def _was_given_up(interaction: Interaction) -> bool:
    return isinstance(interaction.outcome, Failure) and interaction.outcome.error == CANCELLED


def _now() -> datetime:
    return datetime.now(UTC)
