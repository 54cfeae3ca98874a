"""What a scope recorded becomes a cassette: with what stays of the old one, and merged into it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from ..cassette.model import CassetteUse, Header
from ..errors import RepriseError
from ..exchange import Failure, Interaction
from ..regular_file import MAX_BODY_FILE_SIZE, too_large
from .closing import Usage
from .modes import RecordMode
from .player import Player
from .recording import Recording
from .run import Run
from .sources import Sources

if TYPE_CHECKING:
    from .refreshing import Version


class Writing(NamedTuple):
    """The recording of a tape at its end. `header` and `values` are not scrubbed yet."""

    use: CassetteUse
    mode: RecordMode
    run: Run
    sources: Sources
    player: Player
    recording: Recording
    header: Header
    values: Mapping[str, object]

    def set_aside(self) -> None:
        """Keep what a failed scope recorded until it was compared."""
        with suppress(OSError, RepriseError):  # it is not compared then
            recorded = self.recording.scrubbed()
            header = self._header_to_write(self.header, Usage())
            self.run.store.note_periods(self.use.path, self.recording.periods())
            self.run.store.set_aside(self.use.path, header, recorded)

    def write(self, usage: Usage, merges: bool, even_if_equal: bool) -> bool:
        """Write the cassette. Returns False if its content would be the same.

        With `merges` the new recording is merged into the old one. For errors see `Tape.close`.
        """
        self._check_sizes()
        run, header, recorded = self.run, self.header, self.recording.scrubbed()
        if run.live and not self.mode.reports_changes:
            needs_clock = usage.recorded_fixture or self.use.shares_values
            header, recorded = run.live.written(self.use.nodeid, header, recorded, needs_clock)
        interactions = self.player.staying(self.mode, recorded, self.use.scope) + recorded
        header = self._header_to_write(header, usage)
        if merges:
            (header, interactions), periods = self._merged(header, interactions, usage)
            run.store.note_periods(self.use.path, periods)
        return run.write(self.use.path, header, interactions, even_if_equal)

    def _check_sizes(self) -> None:
        """Raise OSError for a body that is too large to be read back.

        This comes before it is scrubbed, which takes 0.1 s and up to 4 MB of memory for each MB.
        """
        if _largest_body(self.recording.interactions()) > MAX_BODY_FILE_SIZE:
            size = _largest_body(self.recording.kept())  # the suite's filters may leave it out
            if size > MAX_BODY_FILE_SIZE:
                raise too_large(self.use.path, size, MAX_BODY_FILE_SIZE)

    def _header_to_write(self, header: Header, usage: Usage) -> Header:
        old = self.sources.header
        return header._replace(
            scope=self.use.scope,
            base_url=self.recording.base_url,
            seed=self.header.seed if usage.randomness or not old else old.seed,
            values=self.run.get_scrubber().scrub_values(self.values),
        )

    def _merged(
        self, header: Header, new: tuple[Interaction, ...], usage: Usage
    ) -> tuple[Version, list[int]]:
        from .refreshing import merged_alone  # a first recording does not need it

        assert self.sources.header
        # The clocks and seeds of a test and of its wider fixtures belong together.
        is_alone = not (usage.recorded_fixture or self.use.shares_values)
        old = self.sources.header, self.sources.own
        return merged_alone(old, (header, new), self.recording.periods(), is_alone)


def _largest_body(interactions: Iterable[Interaction]) -> int:
    """Return the size of the largest body, in bytes."""
    messages = (message for i in interactions for message in (i.request, i.outcome))
    return max((len(m.body) for m in messages if not isinstance(m, Failure)), default=0)
