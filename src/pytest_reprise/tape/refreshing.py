"""The end of a run with `--record-mode=rewrite`: only what the API changed is changed in the files.

All cassettes of the run are compared with their old versions together, because ids and made-up
values travel between them. Noise keeps the old values, so that all cassettes stay of one
generation, with those of tests that failed or did not run. Cassettes are read one after the other;
only small ones are held.
"""

from __future__ import annotations

from collections.abc import (
    Callable,
    Collection,
    Hashable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..cassette.model import Cassette, Header
from ..drift.correlation import Correlation
from ..drift.noise import Clocks
from ..drift.polls import Aligned
from ..drift.refresh import (
    Examined,
    Recordings,
    Refreshed,
    examine_all,
    in_recorded_values,
    is_edited,
    refresh,
    refresh_edited,
    refresh_unedited,
    sent_values,
)
from ..drift.request_keys import request_key
from ..drift.time_uuids import uuids_on_old_clock
from ..drift.volatile import Volatile
from ..exchange import Interaction, Response
from .closing import StillReplay

if TYPE_CHECKING:
    from ..drift.consistency import Scope

Load = Callable[[Path], tuple[Cassette | None, Cassette | None]]
"""Returns the old and the new version of a cassette."""
Periods = Mapping[Path, Sequence[int]]
"""For cassettes with requests that were in flight at the same time: numbers as `align` has them."""


_MOST_HELD = 16_000_000
"""Bytes of cassettes to hold. To read each of them again takes a fifth of the time."""
_OVERHEAD = 4000
"""Bytes of an interaction apart from its bodies."""


class Both(NamedTuple):
    """The two versions of a cassette that can be merged."""

    old: Cassette
    new: Cassette
    old_header: Header
    new_header: Header
    periods: Sequence[int] = ()

    @property
    def makes_values(self) -> bool:
        """Whether the new recording has a seed of its own, since random values were used, or other
        values of the fixture `recorded`."""
        return self.old_header.seed != self.new_header.seed or self.has_other_values

    @property
    def has_other_values(self) -> bool:
        """Whether the fixture `recorded` has other values now, under the same names."""
        return self.old_header.values != self.new_header.values

    @property
    def clocks(self) -> Clocks:
        return Clocks.of(self.old_header.recorded_at, self.new_header.recorded_at)

    @property
    def recordings(self) -> Recordings:
        """What is compared."""
        old, new = self.old.interactions, self.new.interactions
        return Recordings(old, new, self.clocks, self.periods, makes_values=self.makes_values)


class Refreshing:
    """Merges the cassettes of a run, which were written to other places, into their old versions.

    `paths` are those that have an old version; `others` are written in the recorded ids, too. What
    a scope sends may differ because it was edited, or by chance. Where the two recordings do not
    tell, `still_replay` does.
    """

    def __init__(
        self,
        load: Load,
        periods: Periods,
        paths: Iterable[Path],
        others: Iterable[Path] = (),
        volatile: Volatile | None = None,
        still_replay: StillReplay = lambda _: (),
    ) -> None:
        self._read = load
        self._periods = periods
        self._held: dict[Path, tuple[Cassette | None, Cassette | None]] = {}
        """Small cassettes that were read: each is needed several times."""
        self._room = _MOST_HELD
        self._still_replay = still_replay
        self._paths = dict.fromkeys(paths)
        self._others = [path for path in others if path not in self._paths]
        self.known = Correlation(volatile)
        """The values that correspond; complete when `merged` has begun."""
        self._aligned: dict[Path, Aligned] = {}
        """Which calls of the two versions of each cassette are the same."""
        self._edited: set[Path] = set()
        """Cassettes of scopes that send something else than before."""
        self._unedited: set[Path] = set()
        """Cassettes that still replay, although other requests were recorded now."""
        self.doubtful: set[Path] = set()
        """Cassettes whose merged version does not answer what was sent now, so that they take the
        new recording. Complete when `merged` has ended."""

    def merged(self) -> Iterator[tuple[Path, Cassette | None]]:
        """Yield the cassettes to write instead; None where the old version can stay."""
        self._examine()
        for path in self._paths:
            if both := self._both(path):
                merged = self._merge(path, both)
                yield path, None if merged.interactions == both.old.interactions else merged
            else:
                yield from self._translated(path)
        for path in self._others:
            yield from self._translated(path)

    def _load(self, path: Path) -> tuple[Cassette | None, Cassette | None]:
        """Return the old and the new version of a cassette, which nothing changes meanwhile."""
        if path not in self._held:
            found = self._read(path)
            size = sum(map(_size, found))
            if size > self._room:
                return found
            self._room -= size
            self._held[path] = found
        return self._held[path]

    def that_do_not_fit(self, merged: Iterable[tuple[Path, Cassette | None]]) -> set[Path]:
        """Return those of the merged cassettes that do not serve each other's values."""
        from ..drift.consistency import inconsistent

        return inconsistent(self._scopes(dict(merged)))

    def of_two_recordings(self, fixtures: Collection[Path]) -> set[Path]:
        """Return the cassettes whose old versions do not fit each other."""
        from ..drift.consistency import TwoRecordings, of_two_recordings

        pairs = ((path, self._both(path)) for path in self._paths)
        return of_two_recordings(
            TwoRecordings(path, both.recordings, path in fixtures, self._aligned.get(path))
            for path, both in pairs
            if both
        )

    def makes_others(self, path: Path) -> bool:
        """Whether a scope makes other objects than before: which of them takes the place of which
        old one is not known."""
        from ..drift.consistency import makes_the_same

        old, new = self._load(path)
        if not (old and new):
            return False
        return not makes_the_same(old.interactions, new.interactions)

    def lost(self, path: Path, merged: Cassette | None) -> set[str]:
        """Return what identified objects in the answers of a cassette and may no longer do so."""
        from ..drift.consistency import returned

        old, _ = self._load(path)
        found = returned(old.interactions) if old else set()
        if merged is None or self.makes_others(path):
            return found if merged else set()
        return found - returned(merged.interactions)

    def _scopes(self, merged: Mapping[Path, Cassette | None]) -> Iterator[Scope[Path]]:
        from ..drift.consistency import Scope

        names = self.known.names()
        for path in (*self._paths, *self._others):
            old, new = self._load(path)
            written = merged.get(path, new) or old
            if not (new and new.header and written and written.header):
                continue
            clocks = Clocks.of(written.header.recorded_at, new.header.recorded_at)
            aligned = self._aligned.get(path) if written is old else None
            yield Scope(path, new.interactions, written.interactions, clocks, aligned, names)

    def _examine(self) -> None:
        """Find out which values correspond, and which scopes were edited."""
        found: dict[Path, Examined] = {}
        others: set[Path] = set()
        for path, examined in examine_all(self._paths, self._recordings, self.known):
            found[path] = examined
            both = self._both(path)
            others |= {path} if both and both.has_other_values else set()
        self._aligned = {path: one.aligned for path, one in found.items()}
        known = self.known
        known.made.update(*(one.made for one in found.values() if one.makes_values))
        differing = {path for path, one in found.items() if is_edited(one, known)} | others
        self._unedited = {*self._still_replay(differing)} if differing else set()
        self._edited = differing - self._unedited
        known.made.clear()
        for path, one in found.items():
            # What an unedited test without random values sends is made of those of its fixtures.
            if path in self._unedited or (one.makes_values and path not in self._edited):
                known.made |= one.made
                known.made_texts |= one.made_texts
        for path in self._edited:
            known.forget(found[path].made - known.made - known.origins)
            _, new = self._load(path)
            if new and found[path].makes_values:  # it gets the new seed, on the old clock
                clocks = found[path].clocks
                known.on_old_clock |= uuids_on_old_clock(new.interactions, clocks)
        unmerged = [path for path in self._paths if path not in found]
        for path in (*self._edited, *unmerged, *self._others):
            _, new = self._load(path)
            known.unmatched |= sent_values(new.interactions) if new else set()

    def _recordings(self, path: Path) -> Recordings | None:
        both = self._both(path)
        return both.recordings if both else None

    def _both(self, path: Path) -> Both | None:
        """Return both versions; None for a cassette that cannot be merged: a new one, one of vcrpy,
        one that several tests share, or one with other names in the values of `recorded`."""
        old, new = self._load(path)
        if not (old and new and old.header and new.header):
            return None
        both = Both(old, new, old.header, new.header, self._periods.get(path, ()))
        is_shared = any(h.scope for h in both[2:4]) or any(
            interaction.scope for interaction in (*old.interactions, *new.interactions)
        )
        is_same = both.old_header.values.keys() == both.new_header.values.keys()
        is_same &= both.old_header.base_url == both.new_header.base_url
        return both if is_same and not is_shared else None

    def _merge(self, path: Path, both: Both) -> Cassette:
        header = both.old_header._replace(recorded_with=both.new_header.recorded_with)
        if path in self._unedited:
            found = refresh_unedited(both.recordings, self.known, self._aligned[path])
            return Cassette(found, header)
        if path not in self._edited:
            merged = refresh(both.recordings, known=self.known, aligned=self._aligned[path])
            if merged.has_same_requests:
                return Cassette(merged.interactions, header)
            self.doubtful.add(path)
        if not both.makes_values:
            return Cassette(refresh_edited(both.recordings, self.known), header)
        # Which of its values the new seed makes is not known, so all of them are taken.
        taken = both.new_header
        header = header._replace(seed=taken.seed, values=taken.values)
        return Cassette(in_recorded_values(both.new.interactions, both.clocks, self.known), header)

    def _translated(self, path: Path) -> Iterator[tuple[Path, Cassette]]:
        """Yield a new recording that is not merged, if it has values of the merged ones."""
        _, new = self._load(path)
        if new is None or new.header is None:
            return
        now = new.header.recorded_at
        interactions = in_recorded_values(new.interactions, Clocks.of(now, now), self.known)
        if interactions != new.interactions:
            yield path, new._replace(interactions=interactions)


def _size(cassette: Cassette | None) -> int:
    """Return about how many bytes a cassette takes in memory."""
    size = 0
    for interaction in cassette.interactions if cassette else ():
        outcome = interaction.outcome
        answer = len(outcome.body) if isinstance(outcome, Response) else 0
        size += _OVERHEAD + len(interaction.request.body) + answer
    return size


Version = tuple[Header, tuple[Interaction, ...]]
"""The header of a cassette, and the interactions of one scope."""


def merged_alone(
    old: Version, new: Version, periods: list[int], is_alone: bool
) -> tuple[Version, list[int]]:
    """Return a new recording merged into the old one, without regard to other cassettes, and the
    periods of its interactions.

    `periods` are those of the last interactions of `new`, which were recorded now. A scope that
    `is_alone` uses no values of others: it stays on the old clock if it sends the same requests.
    """
    (old_header, before), (header, now) = old, new
    clocks = Clocks.of(old_header.recorded_at, header.recorded_at)
    periods = [*range(len(periods) - len(now), 0), *periods]
    both = Recordings(before, now, clocks, periods)
    if is_alone and old_header.values == header.values:
        merged = refresh(both)
        if merged.is_safe:
            kept = header._replace(
                recorded_at=old_header.recorded_at,
                confirmed_at=old_header.confirmed_at,
                seed=old_header.seed,
            )
            return (kept, merged.interactions), _periods(merged, periods)
    merged = refresh(both, keeps_clock=False)
    found = list(zip(_periods(merged, periods), merged.interactions, strict=True))
    _sort_equal_requests(found)
    return (header, tuple(one for _, one in found)), [period for period, _ in found]


def _sort_equal_requests(found: list[tuple[int, Interaction]]) -> None:
    """Give the answers to each request the order in which they came, by their periods: a poll ends
    with its last answer. Those of one period keep their order."""
    positions: dict[Hashable, list[int]] = {}
    for position, (_, interaction) in enumerate(found):
        positions.setdefault(request_key(interaction.request), []).append(position)
    for same in positions.values():
        in_order = sorted((found[n] for n in same), key=lambda pair: pair[0])
        for position, pair in zip(same, in_order, strict=True):
            found[position] = pair


def _periods(merged: Refreshed, periods: Sequence[int]) -> list[int]:
    """Return the periods of merged interactions; those of old ones that stay are below all."""
    lowest = min(periods, default=0)
    return [lowest - n if at is None else periods[at] for n, at in enumerate(merged.taken, 1)]
