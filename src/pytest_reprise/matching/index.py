"""Recorded interactions, each to be given out once, in recorded order.

Most requests are sent as they were recorded, byte for byte: these are found without a look at what
is in them. The others are looked for by their meaning.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, TypeAlias

from ..exchange import Headers, Interaction, Request

if TYPE_CHECKING:
    from .search import Search

Raw: TypeAlias = tuple[str, str, bytes, Headers]
"""A request as it is sent, without the headers that a client sets anew each time."""

_OF_THE_CLIENT = frozenset(
    form
    for name in (
        *("host", "user-agent", "accept-encoding", "connection", "content-length"),
        *("traceparent", "tracestate"),
    )
    for form in (name, name.title())
)
"""As clients write them; in any other form they only cost time."""


def _raw(request: Request) -> Raw:
    return request.method, request.url, request.body, _told(request.headers)


@lru_cache(maxsize=1024)
def _told(headers: Headers) -> Headers:
    return tuple([h for h in headers if h[0] not in _OF_THE_CLIENT])


class Index:
    """The interactions of one cassette that are still to be played.

    `make_search` gives the search by meaning; it is called when a request is not found as it is.
    `by_bytes` says that requests of the same bytes are the same call.
    """

    def __init__(
        self,
        interactions: tuple[Interaction, ...],
        make_search: Callable[[], Search],
        by_bytes: bool = True,
    ) -> None:
        self.interactions = interactions
        self._make_search = make_search
        self.play_counts = [0] * len(interactions)
        """How often each was played."""
        self._unplayed = dict.fromkeys(range(len(interactions)))
        self._by_raw: dict[Raw, deque[int]] = {}
        for position, interaction in enumerate(interactions if by_bytes else ()):
            self._by_raw.setdefault(_raw(interaction.request), deque()).append(position)

    @cached_property
    def _search(self) -> Search:
        return self._make_search()

    def take_identical(self, request: Request) -> Interaction | None:
        """The next recorded interaction for this very request, which is then played; or None."""
        same = self._by_raw.get(_raw(request), ())
        while same:
            position = same.popleft()
            if position in self._unplayed:
                return self._played(position)
        return None

    def take_matching(self, request: Request, now: float) -> Interaction | None:
        """The same, else one of this meaning; `now` is its time in seconds since 1970."""
        same = self.take_identical(request)
        return same or self._played(self._search.find(request, now, self._unplayed))

    def take_by_wildcard(self, request: Request, now: float) -> Interaction | None:
        """The same, where a placeholder stands in a place that no name makes a secret's."""
        return self._played(self._search.find_by_wildcard(request, now, self._unplayed))

    def _played(self, position: int | None) -> Interaction | None:
        if position is None:
            return None
        self.play_counts[position] += 1
        self._unplayed.pop(position, None)
        return self.interactions[position]

    def could_answer(self, recorded: Interaction, request: Request, now: float) -> bool:
        """Whether a recorded call, played or not, could answer this request."""
        return self._search.could_answer(recorded, request, now)

    def was_recorded(self, request: Request, now: float) -> bool:
        """Whether the call was recorded, though not as often as it is made."""
        return self._search.was_recorded(request, now)

    def unplayed(self, among_first: int) -> tuple[Interaction, ...]:
        """What has not been played of the first so many interactions."""
        return tuple(self.interactions[p] for p in self._unplayed if p < among_first)
