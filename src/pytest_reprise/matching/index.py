"""The recorded interactions of a cassette. Each answers one request, in recorded order.

Most requests are sent with the same bytes as in the recording, since seed and clock are the same.
They are found without parsing them, which saves 3.6 % of a replay (in instructions). All others are
left to the search by meaning, which is created only then.

The bytes are only a shortcut to the key: of unplayed interactions with equal keys the first one
answers, whatever its bytes. Most requests are sent in recorded order. Then the interaction with
their bytes is the first unplayed one of all, and no other has to be looked at. For a request that
is sent in another order, or by another version of the client, a dictionary is made of all.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from ..exchange import Headers, Interaction, Request

if TYPE_CHECKING:
    from .groups import Groups
    from .search import Search

Bytes: TypeAlias = tuple[str, str, bytes, Headers]
"""The bytes of a request: all that is sent, without the headers that clients set themselves."""

_CLIENT_HEADERS = frozenset(
    form
    for name in (
        *("host", "user-agent", "accept-encoding", "connection", "content-length"),
        *("traceparent", "tracestate"),
    )
    for form in (name, name.title())
)
"""Headers that differ between versions of a client, or in each run, and that no key contains. In
the two spellings that clients use; a request with another spelling is found by meaning."""


def _bytes_of(request: Request) -> Bytes:
    own_headers = tuple([h for h in request.headers if h[0] not in _CLIENT_HEADERS])
    return request.method, request.url, request.body, own_headers


class Answers(NamedTuple):
    """How many interactions have the key of a request, and how many of them were played."""

    recorded: int = 0
    played: int = 0


class Index:
    """The interactions of one cassette, and how often each was played.

    `make_search` creates the search by meaning. It is called for the first request that is not
    found by its bytes. Without `by_bytes` all requests are searched by meaning: under vcrpy's rules
    an earlier interaction with another body may match first. With `only_next` bytes decide only for
    the first unplayed interaction: other rules say which earlier one matches.
    """

    def __init__(
        self,
        interactions: tuple[Interaction, ...],
        make_search: Callable[[], Search],
        by_bytes: bool = True,
        only_next: bool = False,
    ) -> None:
        self.interactions = interactions
        self._make_search = make_search
        self.play_counts = [0] * len(interactions)
        """How often each interaction was played, by its position."""
        # A dict keeps the order, and deletes in constant time.
        self._unplayed = dict.fromkeys(range(len(interactions)))
        self._last_played = -1
        self._given_back = set[int]()
        """Positions that can be played once more, and count as played already."""
        self._first_unplayed = 0
        """A position before which all are played. It only grows: to look for the first key of a
        dict takes the longer, the more keys were deleted before it."""
        self._uses_bytes = by_bytes
        self._only_next = only_next

    @cached_property
    def _by_bytes(self) -> dict[Bytes, deque[int]]:
        found: dict[Bytes, deque[int]] = {}
        for position, interaction in enumerate(self.interactions):
            found.setdefault(_bytes_of(interaction.request), deque()).append(position)
        return found

    @cached_property
    def _search(self) -> Search:
        return self._make_search()

    @cached_property
    def _groups(self) -> Groups:
        from .groups import Groups

        return Groups(self.interactions)

    def take_identical(self, request: Request) -> Interaction | None:
        """Play the next interaction with the key of a request whose bytes were recorded.

        Return None if none with the same bytes is left, though others may have the same key.
        """
        if not (self._uses_bytes and self._unplayed):
            return None
        first = self._first_unplayed
        while first not in self._unplayed:
            first += 1
        self._first_unplayed = first
        if self.interactions[first].request == request:
            return self._played(first)
        if self._only_next:
            return None
        positions = self._by_bytes.get(_bytes_of(request), ())
        while positions:
            position = positions[0]
            if position == first:
                return self._played(first)
            if position in self._unplayed:
                return self._played(self._groups.first_with_equal_key(position, self._unplayed))
            positions.popleft()
        return None

    def take_matching(self, request: Request, now: float) -> Interaction | None:
        """Play the next interaction that matches, by bytes or by meaning; return it, or None.

        `now` is the time of the request, in seconds since 1970.
        """
        return self.take_identical(request) or self.take_by_meaning(request, now)

    def take_by_meaning(self, request: Request, now: float) -> Interaction | None:
        """Play the next interaction that matches a request which is not recorded in its bytes."""
        return self._played(self._search.find(request, now, self._unplayed))

    def take_by_wildcard(self, request: Request, now: float) -> Interaction | None:
        """Play the next interaction that matches if its placeholders match any text.

        Call it only if `take_matching` found nothing: it may take another interaction otherwise.
        """
        return self._played(self._search.find_by_wildcard(request, now, self._unplayed))

    def _played(self, position: int | None) -> Interaction | None:
        if position is None:
            return None
        self._last_played = position
        self.play_counts[position] += 1
        self._unplayed.pop(position, None)
        return self.interactions[position]

    def give_back(self) -> None:
        """Let the last played interaction be played once more; it still counts as played."""
        position = self._last_played
        self._given_back.add(position)
        self.play_counts[position] -= 1
        self._unplayed = dict.fromkeys(sorted({*self._unplayed, position}))
        self._first_unplayed = min(self._first_unplayed, position)
        if self._uses_bytes:
            same = _bytes_of(self.interactions[position].request)
            self._by_bytes[same] = deque(sorted({*self._by_bytes[same], position}))

    def count_as_played(self, play_counts: Mapping[int, int]) -> None:
        """Count interactions as played, by their position. Call it before the first request."""
        for position, count in play_counts.items():
            self.play_counts[position] = count
            self._unplayed.pop(position, None)

    def could_answer(self, recorded: Interaction, request: Request, now: float) -> bool:
        """Whether a recorded interaction, played or not, matches this request."""
        return self._search.could_answer(recorded, request, now)

    def answers(self, request: Request, now: float) -> Answers:
        """Return how many interactions have the key of this request."""
        positions = self._search.recorded(request, now)
        return Answers(len(positions), sum(self.play_counts[p] > 0 for p in positions))

    def unplayed(self, among_first: int) -> tuple[Interaction, ...]:
        """Return those of the first `among_first` interactions that were not played, in order."""
        unplayed = (p for p in self._unplayed if p < among_first and p not in self._given_back)
        return tuple(self.interactions[p] for p in unplayed)
