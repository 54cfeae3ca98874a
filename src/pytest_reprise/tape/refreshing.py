"""The end of a run with `--record-mode=rewrite`: only what the API changed is changed in the files.

All cassettes of the run are compared with their old versions together, because ids and made-up
values travel between them. What is read of a cassette is given up before the next one is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from ..cassette.model import Cassette, Header
from ..drift.correlation import Correlation
from ..drift.generations import Travel, connected, shared_values
from ..drift.noise import Clocks
from ..drift.refresh import Recordings, correlate, refresh
from ..exchange import Interaction

Load = Callable[[Path], tuple[Cassette | None, Cassette | None]]
"""Returns the old and the new version of a cassette."""


class Both(NamedTuple):
    """The two versions of a cassette that can be merged."""

    old: Cassette
    new: Cassette
    old_header: Header
    new_header: Header

    @property
    def used_randomness(self) -> bool:
        """Whether the new recording has a seed of its own, since random values were used."""
        return self.old_header.seed != self.new_header.seed

    def recordings(self, makes_values: bool) -> Recordings:
        """Return what is compared."""
        moments = (self.old_header.recorded_at, self.new_header.recorded_at)
        clocks = Clocks(*(moment.timestamp() for moment in moments))
        old, new = self.old.interactions, self.new.interactions
        return Recordings(old, new, clocks, makes_values=makes_values)


class Refreshing:
    """Merges the cassettes of a run, which were written to other places, into their old versions.

    `groups` are the cassettes that each test uses: its own, and those of its wider fixtures.
    """

    def __init__(self, load: Load, paths: Iterable[Path], groups: Iterable[Iterable[Path]]) -> None:
        self._load = load
        self._paths = dict.fromkeys(paths)
        self._groups = [list(group) for group in groups]
        self.known = Correlation()
        """The values that correspond; complete when `merged` has ended."""

    def merged(self) -> Iterator[tuple[Path, Cassette | None]]:
        """Yield the cassettes to write instead; None where the old version can stay."""
        drawing: set[Path] = set()
        travels = {}
        for path in self._paths:
            if both := self._both(path):
                travels[path] = correlate(both.recordings(makes_values=False), self.known)
                drawing |= {path} if both.used_randomness else set()
        for component in self._components(travels):
            makes_values = not drawing.isdisjoint(component)
            if all(self._merge(path, makes_values) is not None for path in component):
                yield from self._of(component, makes_values)

    def _components(self, travels: dict[Path, Travel]) -> list[set[Path]]:
        alone = [[path] for path in travels]
        return connected([*self._groups, *shared_values(travels), *alone])

    def _of(self, paths: set[Path], makes_values: bool) -> Iterator[tuple[Path, Cassette | None]]:
        for path in paths:
            if merged := self._merge(path, makes_values):
                old, _ = self._load(path)
                is_same = old is not None and old.interactions == merged.interactions
                yield path, None if is_same else merged

    def _both(self, path: Path) -> Both | None:
        """Return both versions; None for a cassette that cannot be merged: a new one, one of vcrpy,
        one that several tests share, or one with other values of the fixture `recorded`."""
        old, new = self._load(path) if path in self._paths else (None, None)
        if not (old and new and old.header and new.header):
            return None
        both = Both(old, new, old.header, new.header)
        is_shared = any(h.scope for h in both[2:]) or any(
            interaction.scope for interaction in (*old.interactions, *new.interactions)
        )
        is_same = both.old_header.values == both.new_header.values
        is_same &= both.old_header.base_url == both.new_header.base_url
        return both if is_same and not is_shared else None

    def _merge(self, path: Path, makes_values: bool) -> Cassette | None:
        """Return the merged cassette; None if it may not answer the test as the API did."""
        both = self._both(path)
        if both is None:
            return None
        found = refresh(both.recordings(makes_values), known=self.known)
        if not found.is_safe:
            return None
        header = replace(both.old_header, recorded_with=both.new_header.recorded_with)
        return Cassette(found.interactions, header)


Version = tuple[Header, tuple[Interaction, ...]]
"""The header of a cassette, and the interactions of one scope."""


def merged_alone(old: Version, new: Version, periods: list[int], is_alone: bool) -> Version:
    """Return a new recording merged into the old one, without regard to other cassettes.

    `periods` are those of the last interactions of `new`, which were recorded now. A scope that
    `is_alone` uses no values of others: it stays on the old clock if it sends the same requests.
    """
    (old_header, before), (header, now) = old, new
    clocks = Clocks(old_header.recorded_at.timestamp(), header.recorded_at.timestamp())
    periods = [*range(len(periods) - len(now), 0), *periods]
    both = Recordings(before, now, clocks, periods)
    if is_alone and old_header.values == header.values:
        merged = refresh(both)
        if merged.is_safe:
            kept = replace(header, recorded_at=old_header.recorded_at, seed=old_header.seed)
            return kept, merged.interactions
    return header, refresh(both, keeps_clock=False).interactions
