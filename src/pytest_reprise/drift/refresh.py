"""Refresh: what a cassette holds after its scope was recorded again.

An interaction that says the same as before is the old one. So its text in the file stays as it is,
and a diff shows only what the API changed.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence, Set
from typing import NamedTuple, TypeAlias, TypeVar

from ..exchange import Failure, Interaction, Outcome, Request
from .alignment import Shape, align
from .correlation import Correlation, Difference, Evidence, Words, unquoted
from .merging import NewTexts, added_request, as_recorded, has_same_places, merge
from .noise import Clocks, Noise
from .places import Place
from .polls import Aligned, Call, align_polls
from .races import with_races
from .request_keys import request_key
from .shapes import endpoint, needs_names, shapes

TIME_TOLERANCE = 1.0
"""Seconds by which the recorded time of an old interaction may be later than that of the new."""


Key = TypeVar("Key", bound=Hashable)
Names: TypeAlias = tuple[Mapping[str, str], Mapping[str, str]]
"""What the ids of the old and of the new recording are called."""


class Refreshed(NamedTuple):
    """The interactions to write.

    `has_same_requests` says that the requests are those of the old recording; `is_clear` that no
    value was taken which may depend on a value that was not (see `Noise`).
    """

    interactions: tuple[Interaction, ...]
    has_same_requests: bool
    is_clear: bool
    taken: tuple[int | None, ...] = ()
    """For each interaction its position in the new recording; None for an old one that stays."""

    @property
    def is_safe(self) -> bool:
        """Whether the merged recording can replace the old one, with its seed and its clock."""
        return self.has_same_requests and self.is_clear


class Compared(NamedTuple):
    """An old interaction, the new one with the old values for noise, and the new one as it was
    recorded. None stands for an interaction that only the other recording has."""

    old: Interaction | None
    new: Interaction | None
    recorded: Interaction | None


class Recordings(NamedTuple):
    """The old and the new recording of one scope.

    `periods` are those of `align`. `makes_values` says that the scope used random values.
    """

    old: Sequence[Interaction]
    new: Sequence[Interaction]
    clocks: Clocks
    periods: Sequence[int] = ()
    makes_values: bool = False


class Examined(NamedTuple):
    """What the recordings of one scope show before the correlation is complete."""

    aligned: Aligned
    has_same_calls: bool
    """Whether each interaction has a partner, with a request that has values at the same places."""
    differing: Sequence[Difference]
    """What differs in requests."""
    made: Set[Words]
    """Values that the scope sent although the API had not returned them."""
    made_texts: Set[Words]
    """The whole texts of this kind."""
    clocks: Clocks
    makes_values: bool


def examine_all(
    keys: Iterable[Key], recordings_of: Callable[[Key], Recordings | None], known: Correlation
) -> Iterator[tuple[Key, Examined]]:
    """Examine all scopes that were recorded together, before any of them is refreshed.

    Those whose calls are told apart only by ids of others come last.
    """
    dependent: list[Key] = []
    for key in keys:
        if recordings := recordings_of(key):
            if _depends_on_others(recordings):
                dependent.append(key)
            else:
                yield key, examine(recordings, known)
    names = known.names() if dependent else None
    for key in dependent:
        if recordings := recordings_of(key):
            yield key, examine(recordings, known, names)


def examine(recordings: Recordings, known: Correlation, names: Names | None = None) -> Examined:
    """Add to `known` which values of the two recordings of a scope correspond. `names` are those of
    ids in other scopes."""
    clocks, makes_values = recordings.clocks, recordings.makes_values
    evidence = Evidence(known, clocks)
    found = _aligned(recordings, has_polls=True, names=names)
    has_same_calls = found.is_complete
    for old, new in _in_sent_order(found):
        before, now = recordings.old[old], recordings.new[new]
        request = request_key(before.request)
        evidence.begin(*endpoint(request), status_text(before.outcome), request)
        evidence.period = recordings.periods[new] if recordings.periods else None
        evidence.is_racing = old in found.racing
        merge(before, now, evidence)
        has_same_calls &= has_same_places(before.request, now.request)
    evidence.end()
    made = evidence.made, evidence.made_texts
    return Examined(found, has_same_calls, evidence.differing, *made, clocks, makes_values)


def _depends_on_others(recordings: Recordings) -> bool:
    """Whether the calls of a scope can only be aligned once the ids of others are known."""
    (old, new, clocks), makes_values = recordings[:3], recordings.makes_values
    return needs_names(new, clocks.new, makes_values) or needs_names(old, clocks.old, makes_values)


def aligned(
    recordings: Recordings, found: Aligned | None = None, names: Names | None = None
) -> Iterator[tuple[Interaction, Interaction]]:
    """Yield each old interaction with the new one that takes its place, as they were sent now.
    `found` is what `examine` has found; without it, `names` are those of ids in other scopes."""
    found = found or _aligned(recordings, has_polls=True, names=names)
    return ((recordings.old[old], recordings.new[new]) for old, new in _in_sent_order(found))


def _in_sent_order(found: Aligned) -> list[tuple[int, int]]:
    """Return the positions of each pair, old and new, in the order of the new recording."""
    pairs = [(p.new, p.old) for p in found.pairs if p.new is not None and p.old is not None]
    return [(old, new) for new, old in sorted(pairs)]


def is_edited(found: Examined, known: Correlation) -> bool:
    """Whether a scope sends other requests than before, apart from noise."""
    noise = Noise(found.clocks, known=known, makes_values=found.makes_values)
    noise.knows_edited = False
    for method, path, place, old, new in found.differing:
        noise.begin(method, path, "")
        noise.merge(place, old, new)
    return noise.took_request or not found.has_same_calls


def sent_values(interactions: Iterable[Interaction]) -> set[str]:
    """Return the values in all requests that may identify something."""
    found = _Sent()
    for interaction in interactions:
        request = interaction.request
        added_request(Request(request.method, request.url, (), request.body), found)
    return found.values


class _Sent(NewTexts):
    """As `Texts`, collects what may identify something."""

    def __init__(self) -> None:
        self.values: set[str] = set()

    def added(self, place: Place, new: str, /) -> str:
        if place.part in ("segment", "query") or place.is_id or not new.isdecimal():
            self.values.add(unquoted(new))
        return new


def refresh(
    recordings: Recordings,
    keeps_clock: bool = True,
    known: Correlation | None = None,
    aligned: Aligned | None = None,
) -> Refreshed:
    """Merge the new recording of a scope into the old one.

    For `keeps_clock` see `Noise`. `known` and `aligned` are what `examine` found.
    """
    noise = Noise(recordings.clocks, keeps_clock, known, recordings.makes_values)
    return _merged(recordings, noise, aligned)


def refresh_unedited(
    recordings: Recordings, known: Correlation, aligned: Aligned
) -> tuple[Interaction, ...]:
    """Merge the new recording of a scope that still replays from the old one.

    Its requests stay as they are, however the values in them are made. If it makes other calls now
    although no answer changed, chance was the reason; else the new answers are.
    """

    def merged(found: Aligned) -> tuple[Interaction, ...]:
        noise = Noise(recordings.clocks, True, known, recordings.makes_values, keeps_requests=True)
        return _merged(recordings, noise, found).interactions

    if not aligned.is_complete:
        both = merged(aligned._replace(pairs=[pair for pair in aligned.pairs if None not in pair]))
        if {*map(id, both)} <= {*map(id, recordings.old)}:
            return tuple(recordings.old)
    return merged(aligned)


def _merged(recordings: Recordings, noise: Noise, aligned: Aligned | None) -> Refreshed:
    old, new = recordings.old, recordings.new
    written: list[Interaction] = []
    taken: list[int | None] = []
    aligned = aligned or _aligned(recordings, has_polls=noise.knows_others)
    same = aligned.is_complete
    for pair in aligned.pairs:
        if pair.old is not None and pair.old in aligned.stay:
            written.append(old[pair.old])
            taken.append(None)
        elif pair.new is not None:
            before = None if pair.old is None else old[pair.old]
            found = _refreshed(before, new[pair.new], noise, pair.old in aligned.racing)
            same &= before is None or _sends_the_same(before.request, found.request)
            written.append(found)
            taken.append(pair.new)
    same &= not noise.took_request
    return Refreshed(tuple(written), same, noise.is_clear, tuple(taken))


def compared(
    recordings: Recordings, known: Correlation | None = None, names: Names | None = None
) -> Iterator[Compared]:
    """Yield each old interaction with its new one, in which noise has the old values."""
    old, new = recordings.old, recordings.new
    noise = Noise(recordings.clocks, known=known, makes_values=True)
    found = _aligned(recordings, has_polls=True, names=names)
    for pair in found.pairs:
        if pair.old is not None and pair.old in found.stay:
            continue
        before = None if pair.old is None else old[pair.old]
        now = None if pair.new is None else new[pair.new]
        is_racing = pair.old in found.racing
        yield Compared(before, _refreshed(before, now, noise, is_racing) if now else None, now)


def refresh_edited(recordings: Recordings, known: Correlation) -> tuple[Interaction, ...]:
    """Return the new recording of a scope that sends something else than before: its calls in their
    order, with the old values where the old recording has the same call."""
    old, new = recordings.old, recordings.new
    noise = Noise(recordings.clocks, known=known)
    old_of = {pair.new: pair.old for pair in _aligned(recordings, has_polls=False).pairs}
    found = []
    for position, now in enumerate(new):
        before = old_of.get(position)
        found.append(_refreshed(None if before is None else old[before], now, noise))
    return tuple(found)


def in_recorded_values(
    new: Iterable[Interaction], clocks: Clocks, known: Correlation
) -> tuple[Interaction, ...]:
    """Return a new recording as the old one would have it: with its ids, and on its clock."""
    noise = Noise(clocks, known=known)
    return tuple(_refreshed(None, interaction, noise) for interaction in new)


def _refreshed(
    old: Interaction | None, new: Interaction, noise: Noise, is_racing: bool = False
) -> Interaction:
    shown = old or new
    noise.begin(*endpoint(request_key(shown.request)), status_text(shown.outcome), is_racing)
    if old is None:
        return as_recorded(new, noise)
    found = merge(old, new, noise)
    if noise.keeps_requests and found.request != old.request:
        is_same = found.outcome == old.outcome
        found = old if is_same else found.with_request_and_outcome(old.request, found.outcome)
    # The replay's clock must have reached a time that is in the response.
    is_early = noise.took_time and not new.at <= old.at < new.at + TIME_TOLERANCE
    return found._replace(at=new.at) if found is not old and is_early else found


def status_text(outcome: Outcome) -> str:
    """Return the status of a response, or the error of a failure."""
    return outcome.error if isinstance(outcome, Failure) else str(outcome.status)


def _sends_the_same(old: Request, new: Request) -> bool:
    """Whether two requests are equal for a replay."""
    return old is new or request_key(old) == request_key(new)


# --- pairs ------------------------------------------------------------------------------------


def _aligned(recordings: Recordings, has_polls: bool, names: Names | None = None) -> Aligned:
    clocks = recordings.clocks
    makes_values = recordings.makes_values
    old_names, new_names = names or ({}, {})
    old = shapes(recordings.old, clocks.old, makes_values, old_names)
    new = shapes(recordings.new, clocks.new, makes_values, new_names)
    aligned = Aligned(align(old, new, recordings.periods))
    if not has_polls:
        return aligned
    if not (aligned.is_complete and _are_one_to_one(old, new, aligned)):
        aligned = align_polls(
            [*map(Call, old, map(_is_read, recordings.old))],
            [*map(Call, new, map(_is_read, recordings.new))],
            recordings.periods,
        )
    if len({*recordings.periods}) == len(recordings.periods):
        return aligned  # nothing was in flight at the same time
    return with_races(aligned, recordings.old, recordings.new, new, recordings.periods)


def _are_one_to_one(old: Sequence[Shape], new: Sequence[Shape], found: Aligned) -> bool:
    """Whether equal requests have equal partners: else calls of two polls are mixed up."""
    partners: tuple[dict[Hashable, Hashable], dict[Hashable, Hashable]] = ({}, {})
    for before, now in found.pairs:
        if before is not None and now is not None:
            one, other = old[before].form(1), new[now].form(1)
            if partners[0].setdefault(one, other) != other:
                return False
            if partners[1].setdefault(other, one) != one:
                return False
    return True


def _is_read(interaction: Interaction) -> bool:
    return interaction.request.method in ("GET", "HEAD")
