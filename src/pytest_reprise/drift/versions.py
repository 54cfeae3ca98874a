"""Compare two versions of many cassettes: what the API answers differently, over all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from ..cassette.model import Cassette
from ..exchange import Interaction, Response, header
from .api_changes import ApiChange
from .comparison import ApiComparison, Source
from .correlation import Correlation
from .noise import Clocks
from .refresh import Compared, Recordings, compared, examine, examine_all
from .volatile import Volatile


class Versions(NamedTuple):
    """The two recordings of a cassette. `name` stands for it in `ApiChange.sources`."""

    name: str
    old: Cassette
    new: Cassette
    has_failed: bool = False
    """Whether the test failed that made the new recording."""
    periods: Sequence[int] = ()
    """Numbers for the new interactions, equal for those that were in flight at the same time."""


class Comparison(NamedTuple):
    """What the API changed, and the operations that were compared."""

    changes: tuple[ApiChange, ...] = ()
    operations: tuple[str, ...] = ()
    uncertain: tuple[ApiChange, ...] = ()
    """Values that differ, and may vary anyway."""


def compare_files(versions: Sequence[Versions], volatile: Volatile) -> Comparison:
    """Compare cassettes that are all there is of two recordings."""
    known = Correlation(volatile)
    recordings = [one for found in versions for one in recordings_of(found)]
    for _ in examine_all(range(len(recordings)), recordings.__getitem__, known):
        pass
    return compare_versions(lambda: versions, (), known, tells_calls=True)


def compare_versions(
    versions: Callable[[], Iterable[Versions]],
    unchanged: Iterable[tuple[str, Cassette]],
    known: Correlation,
    tells_calls: bool = False,
) -> Comparison:
    """Compare all cassettes of a run together; `versions` is called twice.

    `unchanged` were recorded again with the same content; they are read only if others changed:
    what they have is no new field, and what varies in them is no change. `known` are values that
    correspond in all cassettes. For `tells_calls` see `ApiComparison`.
    """
    comparison = ApiComparison(tells_calls, known.volatile)
    for found in versions():
        comparison.learn(found.old.interactions, found.new.interactions)
    names = known.names()
    for found in versions():
        base_url = found.new.header.base_url if found.new.header else ""
        for recordings in recordings_of(found):
            if found.has_failed:
                examine(recordings, known, names)
            source = Source(found.name, recordings.clocks, base_url, found.has_failed)
            comparison.add(compared(recordings, known, names), source)
    changes, uncertain = comparison.changes()
    if changes:
        for name, cassette in unchanged:
            base_url = cassette.header.base_url if cassette.header else ""
            clock = _clock(cassette) or 0.0
            pairs = (Compared(i, i, i) for i in cassette.interactions)
            comparison.add(pairs, Source(name, Clocks(clock, clock), base_url))
        changes, uncertain = comparison.changes()
    return Comparison(tuple(changes), tuple(comparison.operations), tuple(uncertain))


def recordings_of(found: Versions) -> Iterator[Recordings]:
    """Yield the recordings of each scope of a cassette: one, unless several tests share it."""
    old, new = found.old, found.new
    after = _clock(new) or _clock(old) or 0.0
    clocks = Clocks(_clock(old) or after, after)
    if old.header is None or new.header is None:
        yield Recordings(old.interactions, new.interactions, clocks)
        return
    if not any(i.scope for i in (*old.interactions, *new.interactions)):
        yield Recordings(old.interactions, new.interactions, clocks, found.periods)
        return
    for scope in dict.fromkeys(i.scope for i in (*old.interactions, *new.interactions)):
        yield Recordings(_of(old, scope), _of(new, scope), clocks)


def _of(cassette: Cassette, scope: str) -> tuple[Interaction, ...]:
    return tuple(i for i in cassette.interactions if i.scope == scope)


def _clock(cassette: Cassette) -> float | None:
    """Return when a recording began, in seconds since 1970; for a legacy one by its answers."""
    if cassette.header:
        return cassette.header.recorded_at.timestamp()
    dates = map(date_of, cassette.interactions)
    return next((date for date in dates if date is not None), None)


def date_of(interaction: Interaction) -> float | None:
    """Return the time in the header `Date` of an answer, in seconds since 1970."""
    outcome = interaction.outcome
    date = header(outcome.headers, "date") if isinstance(outcome, Response) else None
    try:
        return parsedate_to_datetime(date).timestamp() if date else None
    except ValueError:
        return None
