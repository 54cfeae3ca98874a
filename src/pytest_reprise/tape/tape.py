"""One use of one cassette by one scope: it plays, records, and keeps the misses."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from ..cassette.model import CassetteUse, Header
from ..determinism.seed import new_seed
from ..errors import CallsNotMade, RecordingRefused, RepriseError, RequestNotRecorded
from ..exchange import Interaction, Request, Response, header
from .closing import Action, Closing, Reasons, Usage
from .modes import RecordMode
from .overrides import NO_OVERRIDES, Overrides
from .pending import PendingInteraction
from .player import Played, Player
from .retries import Misses, headlines
from .run import Run
from .sources import Sources

if TYPE_CHECKING:
    from .faults import Faults
    from .miss import Renamed
    from .recording import Recording
    from .writing import Writing


class Tape:
    """The tape of a scope. Safe to use from several threads and tasks.

    Raises CassetteError for a broken cassette.
    """

    def __init__(
        self, use: CassetteUse, mode: RecordMode, run: Run, overrides: Overrides = NO_OVERRIDES
    ) -> None:
        self.use = use
        self.mode = mode
        self.missed: list[RepriseError] = []
        """Errors of requests that were refused, also where the code under test caught them."""
        self._misses = Misses(by_all_headers=bool(overrides.matching or overrides.rules))
        self.owner = use.nodeid
        """The test or fixture, as messages name it."""
        self.has_ended = False
        """Whether requests are refused: the scope is torn down."""
        self.advance_clock: Callable[[float], None] | None = None
        """Moves the clock of a replay forward, to seconds since the start of the recording."""
        self.pace = 0.0
        """The share of the recorded latency that a replay waits; 0.0: it does not wait."""
        self.has_new_blocks = False
        """Whether blocks of this test were recorded, with its seed and on its clock."""
        self.was_written = False
        """Whether the cassette has a new content since `close`."""
        self.faults: Faults | None = None
        """What goes wrong on purpose. None: nothing does."""
        self._run = run
        self._overrides = overrides
        self._lock = threading.Lock()
        self._sources = Sources(use, run.store, run.get_scrubber, overrides)
        self.player = Player(self._sources, run.bases, overrides)
        self.recording: Recording | None = None
        """None until a request is sent. A replay does not import what recording needs."""
        self._started = time.monotonic()
        self._header = self._make_header()
        self._values = dict(self._header.values)
        if mode.is_live_fixture:
            from .live_fixtures import LiveFixture

            fixture = LiveFixture(self._sources, self._header, lambda: self.recording)
            run.live_fixtures().add(fixture)

    def _make_header(self) -> Header:
        """The header of what is recorded here; a cassette that is replayed keeps its own."""
        if self._sources.cassette and self.mode.replays:
            return self._sources.header or Header(datetime.now(UTC), self._run.recorded_with)
        seed = new_seed() if self.may_send else None
        return Header(datetime.now(UTC), self._run.recorded_with, self.use.scope, seed)

    # --- what a scope asks ------------------------------------------------------------------

    @property
    def seed(self) -> int | None:
        """The seed of random values; None for a replay whose recording has none."""
        return self._header.seed

    @property
    def replays_from(self) -> datetime | None:
        """When the recording began that is replayed here; None if nothing is, or it is unknown."""
        cassette = self._sources.cassette
        return cassette.known_time if cassette and self.mode.replays else None

    @property
    def started_at(self) -> datetime:
        """When this tape began, on the clock of its recording."""
        return self._header.recorded_at

    def oldest_played(self) -> float | None:
        """When the oldest interaction that was played was recorded, in seconds since 1970."""
        return self.player.oldest_played()

    def oldest_recorded(self) -> float | None:
        """When the oldest interaction was recorded that the cassette had, in seconds since 1970."""
        times = islice(self._sources.recorded_at(), len(self._sources.own))
        return min((time for time in times if time is not None), default=None)

    @property
    def may_send(self) -> bool:
        """Whether a request without a recorded answer is sent."""
        return self.mode.may_send(self._sources.are_available)

    @property
    def sent(self) -> int:
        """How many requests were sent."""
        return len(self.recording.pending) if self.recording else 0

    def requests_sent(self) -> list[Request]:
        """Return the requests that were sent, as the client made them."""
        return [p.request for p in self.recording.pending] if self.recording else []

    @property
    def has_recording(self) -> bool:
        """Whether this scope has a cassette, or will have one."""
        return self._sources.cassette is not None or self.sent > 0

    @property
    def is_legacy(self) -> bool:
        """Whether it plays from what vcrpy wrote."""
        return self._sources.are_legacy

    def decoded(self, response: Response) -> Response:
        """Return a response as a client gets it that is given bodies without their compression.

        Recordings with such a client hold the plain body. A migrated cassette may hold the
        compressed one: vcrpy recorded it with another client, or an older version.
        """
        from ..scrub.content.compression import decompress_or_keep

        own = self._sources.header
        if not (own and own.is_migrated and header(response.headers, "content-encoding")):
            return response
        return response._replace(body=decompress_or_keep(response.body, response.headers))

    @property
    def is_in_legacy_suite(self) -> bool:
        """Whether it plays from what vcrpy wrote, or has no cassette where all others are legacy.

        vcrpy writes none for a test whose requests all failed.
        """
        if self.is_legacy or self._sources.are_available or self._run.store.is_strict:
            return self.is_legacy
        from .neighbours import are_legacy

        return are_legacy(self.use.path.parent, self.use.path.suffix)

    @property
    def can_be_refreshed(self) -> bool:
        """Whether the new recording replaces the old one, and may be merged into it."""
        return self._merges and not self.mode.keeps_unplayed

    @property
    def _merges(self) -> bool:
        """Whether a new recording may be merged into the old one.

        It may not for a legacy cassette, and under the suite's own matching, for which the order of
        all requests may count. Nor may it if blocks have new cassettes, which are not merged.
        """
        is_own = self._sources.header is not None and not self.has_new_blocks
        return is_own and not self.mode.replays and self._overrides.matching is None

    @property
    def excludes_requests(self) -> bool:
        """Whether the suite's configuration excludes requests, which are then sent unrecorded."""
        return self._overrides.filter_request is not None

    # --- requests ---------------------------------------------------------------------------

    def start(self, request: Request) -> Played | PendingInteraction | None:
        """Return what is to be done with a request.

        Played is the recorded answer. A pending interaction is to be filled while the request
        is sent. None: the suite's configuration excludes the request, which is sent unrecorded.

        Raises RequestNotRecorded or RecordingRefused. Both also stay in `missed`, since the code
        under test may catch them.
        """
        __tracebackhide__ = True
        filtered = self._overrides.filtered(request)
        if filtered is None:
            return None
        with self._lock:
            if self.has_ended:
                raise self._late(request)
            if self.missed and (again := self._misses.again(filtered)):
                self.missed.append(again)
                raise again
            played: Played | None = None
            if live := self._run.live:
                played = live.play(self.player, filtered, self.mode)
            elif self.mode.replays:
                played = self.player.play(filtered)
            try:
                if self.faults and (fault := self.faults.replacement(filtered, played)):
                    if played:
                        self.player.give_back()
                    return Played(fault)
                if played and self.pace:
                    from .pace import with_pace  # most replays run at full speed

                    return with_pace(played, self.pace, self.advance_clock)
                if played:
                    if self.advance_clock:
                        self.advance_clock(played.at)
                    return played
                return self._send(request, filtered)
            except RepriseError as error:
                self.missed.append(error)
                if isinstance(error, RequestNotRecorded):
                    self._misses.add(filtered, error)
                raise

    def _late(self, request: Request) -> RepriseError:
        from . import late

        shown = self._run.get_scrubber().scrub_request(request)
        self._run.late.append(f"{late.call(shown)}, started by {self.owner}")
        return late.refused(shown, self.owner, self.may_send)

    def _send(self, request: Request, filtered: Request) -> PendingInteraction:
        __tracebackhide__ = True
        if not self.may_send:
            is_first = not self._sources.are_available and not self.missed
            find_renamed = partial(self._renamed, request) if is_first else lambda: None
            scrubber = self._run.get_scrubber
            if self._run.live:
                filtered = self._run.live.to_recorded(filtered)
            raise self.player.miss(request, filtered, self.use, scrubber, find_renamed)
        return self._record().begin(request)

    def _renamed(self, request: Request) -> Renamed | None:
        """A cassette that no test uses and that answers the first missed request."""
        from .renamed import find_renamed

        return find_renamed(request, self.use, self._run, self._overrides)

    def _record(self) -> Recording:
        if self.recording is None:
            from .recording import Recording

            self.recording = Recording(
                self._run, self._overrides, self.mode, self._sources, self._started
            )
        return self.recording

    def unanswered(self, request: Request) -> PendingInteraction:
        """Return the pending interaction of a request that was sent, or a new one for a request
        that a client made on its own, to follow a redirect."""
        return self._record().unanswered(request)

    def learn(self) -> None:
        """Learn the secrets in what was recorded so far, before something of it is shown."""
        if self.recording:
            self.recording.learn()

    def value(self, name: str, make: Callable[[], object]) -> object:
        """Return the value that was recorded under this name, or what `make` returns.

        Raises RequestNotRecorded where there is no value and the mode does not record one, and
        RecordingRefused where nothing may be recorded.
        """
        with self._lock:
            if self.mode.replays and name in self._header.values:
                return self._header.values[name]
            try:
                self._permit_value(name)
            except RepriseError as error:
                self.missed.append(error)
                raise
            self._values[name] = make()
            return self._values[name]

    def _permit_value(self, name: str) -> None:
        if not self.may_send:
            from . import miss

            raise miss.value_not_recorded(name, self.use, self._sources.cassette is not None)
        self._run.permit_value()

    # --- the view of the `vcr` fixture ------------------------------------------------------

    def interactions(self) -> tuple[Interaction, ...]:
        """What was loaded, then what was recorded so far. Secrets are not replaced yet."""
        sent = self.recording.interactions() if self.recording else ()
        return (*self.player.interactions, *sent)

    def answers_to(self, request: Request) -> Iterator[tuple[Interaction, bool]]:
        """Interactions that could answer a request, and whether they still can be played."""
        filtered, played = self._overrides.filtered(request), self.player.play_counts
        for position, interaction in enumerate(self.interactions() if filtered else ()):
            if filtered and self.player.could_answer(interaction, filtered):
                yield interaction, self._overrides.repeats or not played[position]

    def rewind(self, to: Mapping[int, int] | None = None) -> None:
        """Let all be played again, or only what was played since the player had these counts."""
        with self._lock:
            self.player.rewind(to or {})
            self._misses.clear()

    # --- the end ----------------------------------------------------------------------------

    def end(self) -> None:
        """Refuse requests from now on: threads and tasks may outlive the scope."""
        with self._lock:
            self.has_ended = True

    def not_recordable(self) -> RecordingRefused | None:
        """Return the error for requests that were sent and are missing in the recording."""
        return self.recording.not_recordable(self.owner, self.use) if self.recording else None

    def still_open(self) -> RecordingRefused | None:
        """Return the error for requests that threads or tasks of the scope are still making."""
        return self.recording.still_open(self.owner, self.use) if self.recording else None

    def not_made(self) -> CallsNotMade | None:
        """Return the error for recorded calls that the scope has to make and did not."""
        with self._lock:
            checks = self.mode.requires_all_calls and not self._overrides.drops_unplayed
            is_own = self._sources.cassette is not None and self._sources.header is not None
            if not (checks and is_own) or self.sent:
                return None
            unplayed = self.player.unplayed()
            if not unplayed:
                return None
            from . import miss

            return miss.not_made(unplayed, self.use)

    def close(self, keep_old: bool, usage: Usage | None = None) -> Closing:
        """End the use of the cassette and write what was recorded.

        With `keep_old` the cassette stays as it is. Raises OSError where the cassette cannot be
        written, and Unscrubbed where it would hold a secret.
        """
        usage = usage or Usage()
        self.end()
        with self._lock:
            reasons = self._reasons_to_write(usage)
            if not any(reasons):
                return self._closing("replayed" if self.player.count else "untouched")
            if not self.mode.writes:
                return self._closing("untouched")
            if self.mode.is_live_fixture:
                live, recording = self._run.live_fixtures(), self._record()
                adds = not keep_old and live.adds(self.use, self._sources, self._header, recording)
                return self._closing("written" if adds else "untouched")
            if keep_old:
                if self.mode.reports_changes and self.sent and self._sources.cassette:
                    self._writing().set_aside()
                return self._closing("kept" if self._sources.cassette else "dropped")
            even_if_equal = reasons.new_seed or reasons.new_blocks
            self.was_written = self._writing().write(usage, self._merges, even_if_equal)
            return self._closing("written" if self.was_written else "unchanged")

    def _reasons_to_write(self, usage: Usage) -> Reasons:
        own, mode = self._sources.own, self.mode
        has_cassette = self._sources.cassette is not None
        has_new_seed = self.seed is not None and not (mode.replays and has_cassette)
        return Reasons(
            sent=self.sent > 0,
            emptied=bool(own) and not (mode.keeps_unplayed or mode.replays),
            new_values=self._values != self._header.values,
            new_seed=usage.randomness and self.use.shares_values and has_new_seed,
            new_blocks=self.has_new_blocks and self.may_send,
            new_time=usage.recorded_fixture and self.may_send and not has_cassette,
            dropped=self._overrides.drops_unplayed and self.player.played_own() != own,
        )

    def _writing(self) -> Writing:
        from .writing import Writing  # a replay does not need it

        parts = self.use, self.mode, self._run, self._sources, self.player
        return Writing(*parts, self._record(), self._header, self._values)

    def _closing(self, action: Action) -> Closing:
        unplayed = self.player.unplayed() if self.mode.replays else ()
        return Closing(
            self.use.scope,
            self.use.path,
            action,
            self.player.count,
            self.sent,
            unplayed,
            self.recording.unanswered_count if self.recording else 0,
            headlines(self.missed) if self.missed else (),
        )
