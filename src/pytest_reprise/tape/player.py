"""Replay: find the recorded interaction that answers a request."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from ..cassette.model import VCRPY_SCOPE, CassetteUse
from ..determinism.base_url import BaseUrlMapping, BaseUrls, origin
from ..errors import RequestNotRecorded
from ..exchange import CANCELLED, Failure, Interaction, Latency, Outcome, Request
from ..matching.index import Answers
from .modes import RecordMode
from .overrides import Overrides
from .sources import Sources

if TYPE_CHECKING:
    from ..scrub.scrubber import Scrubber
    from .miss import Renamed
    from .pace import Pace


class Played(NamedTuple):
    """The recorded outcome of a request.

    `at` is when it arrived, in seconds after the recording began. `pace` is None at full speed.
    """

    outcome: Outcome
    at: float = 0.0
    latency: Latency | None = None
    pace: Pace | None = None


class Player:
    """Plays each recorded interaction once. The tape's lock guards it."""

    def __init__(self, sources: Sources, bases: BaseUrls, overrides: Overrides) -> None:
        self.count = 0
        """How many requests were answered."""
        self._sources = sources
        self._bases = bases
        self._overrides = overrides
        self._index = sources.make_index()
        self._searched_at = 0.0
        """The time of the last request that was searched by meaning."""

    def play(self, request: Request) -> Played | None:
        """Return the recorded outcome of a request, or None for a miss."""
        if identical := self._index.take_identical(request):
            self.count += 1
            return Played(identical.outcome, identical.at, identical.latency)
        found = self._search(request)
        if found is None:
            return None
        interaction, rebase = found
        self.count += 1
        outcome = interaction.outcome
        if rebase is not None:
            self._bases.use(rebase)
            outcome = rebase.to_current(outcome)
        return Played(outcome, interaction.at, interaction.latency)

    def give_back(self) -> None:
        """Let the last played interaction be played once more: a fault was given in its place."""
        self.count -= 1
        self._index.give_back()

    def _search(self, request: Request) -> tuple[Interaction, BaseUrlMapping | None] | None:
        """The interaction with equal meaning, and how the base URL changed since it was recorded.

        A request is matched by wildcard only after an exact match failed under every base URL.
        """
        if not self._index.interactions:
            return None
        self._searched_at = now = time.time()
        index = self._index
        for take, take_moved in (
            (index.take_by_meaning, index.take_matching),
            (index.take_by_wildcard, index.take_by_wildcard),
        ):
            for rebase in self._rebases(request):
                moved = rebase.to_recorded(request) if rebase else request
                interaction = take_moved(moved, now) if rebase else take(moved, now)
                if interaction:
                    return interaction, rebase
        return None

    def _rebases(self, request: Request) -> Iterator[BaseUrlMapping | None]:
        """The base URLs under which the request may have been recorded; None: its own URL.

        A suite with its own matchers decides itself what has to match: then only the base URL is
        replaced, never another origin.
        """
        header = self._sources.header
        return self._bases.candidates(
            request,
            header.base_url if header else "",
            lambda: {origin(request.url)} if self._overrides.matching else self._origins,
        )

    @cached_property
    def _origins(self) -> frozenset[str]:
        cassette = self._sources.cassette
        return frozenset(origin(i.request.url) for i in (cassette.interactions if cassette else ()))

    def has_answer(self, request: Request) -> bool:
        """Whether the request could be played. The interaction that answers it counts as played."""
        identical = self._index.take_identical(request)
        return identical is not None or self._search(request) is not None

    def miss(
        self,
        request: Request,
        filtered: Request,
        use: CassetteUse,
        get_scrubber: Callable[[], Scrubber],
        find_renamed: Callable[[], Renamed | None],
    ) -> RequestNotRecorded:
        """Return the error for a request that has no recorded answer.

        `filtered` is the request as the suite's filters leave it, which is what is compared.
        `find_renamed` returns a cassette that no test uses and that has an answer, or None.
        """
        from .miss import Miss, not_recorded

        rebase = next(filter(None, self._rebases(filtered)), None)
        compared = rebase.to_recorded(filtered) if rebase else filtered
        sources = self._sources
        own = sources.cassette
        index, now = self._index, self._searched_at
        missed = Miss(
            request,
            compared,
            self._unplayed_first() if sources.are_available else None,
            lambda: index.answers(compared, now) if sources.are_available else Answers(),
            sources.matching,
            len(own.interactions) if own else None,
            sources.further,
        )
        return not_recorded(missed, use, get_scrubber, find_renamed)

    def _unplayed_first(self) -> tuple[Interaction, ...]:
        """All interactions, those first that still can be played: the test may mean one of them."""
        counts = self._index.play_counts
        order = sorted(range(len(counts)), key=lambda position: counts[position] > 0)
        return tuple(self._index.interactions[position] for position in order)

    @property
    def interactions(self) -> tuple[Interaction, ...]:
        """All loaded interactions, played or not."""
        return self._index.interactions

    @property
    def play_counts(self) -> Counter[int]:
        """How often each loaded interaction was played, by its position."""
        return Counter({n: count for n, count in enumerate(self._index.play_counts) if count})

    def oldest_played(self) -> float | None:
        """When the oldest played interaction was recorded, in seconds since 1970."""
        counts = self._index.play_counts
        times = (t for t, count in zip(self._sources.recorded_at(), counts, strict=True) if count)
        return min((time for time in times if time is not None), default=None)

    def could_answer(self, interaction: Interaction, request: Request) -> bool:
        """Whether an interaction, played or not, could answer this request."""
        return self._index.could_answer(interaction, request, time.time())

    def rewind(self, to: Mapping[int, int]) -> None:
        """Let every interaction be played again, except those that these counts name."""
        self._index = self._sources.make_index()
        self._index.count_as_played(to)

    def unplayed(self) -> tuple[Interaction, ...]:
        """The scope's own interactions that were not played.

        One whose task was cancelled is left out: the next time it need not even start.
        """
        unplayed = self._index.unplayed(among_first=len(self._sources.own))
        return tuple(i for i in unplayed if not _was_cancelled(i))

    def played_own(self) -> tuple[Interaction, ...]:
        """The scope's own interactions that were played."""
        return tuple(self._sources.own[n] for n in self.played_positions())

    def played_positions(self) -> tuple[int, ...]:
        """The positions of these among the scope's own interactions."""
        counts = self._index.play_counts
        return tuple(n for n in range(len(self._sources.own)) if counts[n])

    def staying(
        self, mode: RecordMode, recorded: tuple[Interaction, ...], scope: str
    ) -> tuple[Interaction, ...]:
        """The scope's own interactions that stay in the cassette beside those recorded now."""
        if not mode.keeps_unplayed:
            return ()
        kept = self._sources.own
        if not mode.replays:
            kept = self._own_without(recorded)
        elif self._overrides.drops_unplayed:
            kept = self.played_own()
        # vcrpy does not note which test recorded an interaction; it stays for all that share it.
        is_shared_legacy = scope and self._sources.header is None
        return tuple(i._replace(scope=VCRPY_SCOPE) for i in kept) if is_shared_legacy else kept

    def _own_without(self, recorded: tuple[Interaction, ...]) -> tuple[Interaction, ...]:
        """The scope's own interactions whose requests are not among those recorded now."""
        for interaction in recorded:
            self._index.take_matching(interaction.request, time.time())
        return self._index.unplayed(among_first=len(self._sources.own))


def _was_cancelled(interaction: Interaction) -> bool:
    return isinstance(interaction.outcome, Failure) and interaction.outcome.error == CANCELLED
