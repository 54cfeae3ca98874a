"""Wider fixtures that run live although they are recorded, for a new test that uses them.

Their cassettes stay. Tests that replay in the same run get the live values of these fixtures, and
send them: requests are translated to the recorded values, and answers back. New tests are written
with the recorded values, and on the clock of the recorded fixtures. So afterwards all of them
replay together.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from ..cassette.model import CassetteUse, Header
from ..drift.noise import Clocks
from ..drift.places import Place
from ..drift.refresh import Recordings
from ..drift.translation import MAKING, LiveValues, identifiers
from ..exchange import Interaction, Request
from .modes import RecordMode
from .player import Played, Player
from .recording import Recording
from .refreshing import Version
from .sources import Sources

if TYPE_CHECKING:
    from .run import Run


class LiveFixture:
    """One live fixture: its cassette, and what it has recorded so far."""

    def __init__(
        self, sources: Sources, header: Header, recording: Callable[[], Recording | None]
    ) -> None:
        self.clocks = _clocks(sources, header)
        self._sources = sources
        self._recording = recording

    def recordings(self) -> Recordings:
        """Return what is compared. Secrets of the live recording are not replaced."""
        recording = self._recording()
        return Recordings(self._sources.own, recording.kept() if recording else (), self.clocks)


class LiveFixtures:
    """The live fixtures of a run. Safe to use from several threads."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._lock = threading.Lock()
        self._fixtures: list[LiveFixture] = []
        self._values = LiveValues()
        self._learned = 0
        """How many interactions the live fixtures had when their values were learned."""
        self.doubtful: dict[str, Place] = {}
        """The tests and fixtures that sent a live value without a recorded one, and where."""
        self._sent: set[str] = set()
        self._made: set[str] = set()
        """What identifies objects that a replayed test made: the real server knows none of them."""

    def add(self, fixture: LiveFixture) -> None:
        """Note that a fixture runs live from now on."""
        self._fixtures.append(fixture)

    @property
    def values(self) -> LiveValues:
        """The pairs of live and recorded values so far."""
        with self._lock:
            found = [fixture.recordings() for fixture in self._fixtures]
            count = sum(len(recordings.new) for recordings in found)
            if count != self._learned:
                self._learned, self._values = count, LiveValues()
                for recordings in found:
                    self._values.learn(recordings)
            return self._values

    # --- tests that replay ------------------------------------------------------------------

    def to_recorded(self, request: Request) -> Request:
        """Return the request as the recording has it."""
        return self.values.to_recorded.request(request)

    def play(self, player: Player, request: Request, mode: RecordMode) -> Played | None:
        """Return the recorded outcome of a request with live values; None for a miss.

        A live fixture is answered from its cassette only if it sends what a replayed test made, to
        delete it for example: the real server does not know this object.
        """
        replays = self._made & identifiers(request) if mode.is_live_fixture else mode.replays
        if not (replays and player.interactions):
            return None
        recorded = self.to_recorded(request)
        played = player.play(recorded) or player.play(request)
        if played is None:
            return None
        self._note_made(recorded, played)
        return played._replace(outcome=self.values.to_live.outcome(played.outcome, request))

    def _note_made(self, request: Request, played: Played) -> None:
        with self._lock:
            self._sent |= identifiers(request)
            if request.method in MAKING:
                self._made |= identifiers(request, played.outcome) - self._sent

    # --- what is written --------------------------------------------------------------------

    def written(
        self, owner: str, header: Header, interactions: tuple[Interaction, ...], needs_clock: bool
    ) -> Version:
        """Return a new recording of the test or fixture `owner` with recorded values.

        With `needs_clock` it is moved to the clock of the recorded fixtures, since it uses them.
        """
        later = max(f.clocks.old - f.clocks.new for f in self._fixtures) if needs_clock else 0.0
        translation = self.values.to_recorded
        unpaired = [place for i in interactions for place in translation.unpaired(i.request)]
        if unpaired:
            self.doubtful[owner] = unpaired[0]
        moved = tuple(translation.interaction(i, later) for i in interactions)
        recorded_at = header.recorded_at + timedelta(seconds=later)
        return header._replace(recorded_at=recorded_at), moved

    def adds(
        self, use: CassetteUse, sources: Sources, header: Header, recording: Recording
    ) -> bool:
        """Add to the cassette of a live fixture what it sent and the cassette does not have.

        Returns whether there was such a thing. A cassette of vcrpy stays as it is.
        """
        if sources.header is None:
            return False
        both = Recordings(sources.own, recording.scrubbed(), _clocks(sources, header))
        more = self.values.not_recorded(both)
        held = (*sources.own, *more)
        return bool(more) and self._run.write(use.path, sources.header, held)


def _clocks(sources: Sources, live: Header) -> Clocks:
    recorded = sources.header or live
    return Clocks.of(recorded.recorded_at, live.recorded_at)
