"""Alignment: which new interaction takes the place of which old one.

Interactions are paired in rounds: by the whole request at first, at last by method and path. In
each round, those that are left and have the same form are paired in their order. The order of
requests that were in flight at the same time means nothing; there, equal outcomes are paired first.

All work is linear in the number of interactions.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol

_EQUAL_REQUESTS = 2
"""Rounds in which requests are equal, apart from times and secrets."""


class Shape(Protocol):
    """What is compared of an interaction."""

    @property
    def rounds(self) -> int:
        """How many forms there are."""

    def form(self, number: int, /) -> Hashable:
        """Return what two interactions have in common if they may be paired in this round."""

    @property
    def meaning(self) -> Hashable:
        """Equal for interactions with the same outcome."""

    @property
    def loose_meaning(self) -> Hashable:
        """Equal for those whose outcomes differ at most in generated values."""


class Pair(NamedTuple):
    """Positions in the old and in the new recording; None where the other one is alone."""

    old: int | None
    new: int | None


def align(old: Sequence[Shape], new: Sequence[Shape], periods: Sequence[int] = ()) -> list[Pair]:
    """Return each position once, in the order of the old recording.

    A new interaction without an old one comes after those that were recorded before it. `periods`
    are equal for new interactions that were in flight at the same time (see `busy_periods`).
    """
    in_period = periods or range(len(new))
    together = [0] * len(new)
    new_of: dict[int, int] = {}
    left_old, left_new = list(range(len(old))), list(range(len(new)))
    for round_number in range(old[0].rounds if old and new else 0):
        if not (left_old and left_new):
            break
        groups = _groups(old, new, left_old, left_new, round_number)
        for olds, news in groups:
            # Requests that differ may be sent in any order, and are paired by their outcomes.
            spans = in_period if round_number < _EQUAL_REQUESTS else together
            new_of |= _paired(olds, _in_old_order(olds, news, old, new, spans), old, new)
        taken = set(new_of.values())
        left_old = [n for n in left_old if n not in new_of]
        left_new = [n for n in left_new if n not in taken]
    return _in_order(len(old), len(new), new_of)


def _groups(
    old: Sequence[Shape],
    new: Sequence[Shape],
    left_old: list[int],
    left_new: list[int],
    round_number: int,
) -> Iterator[tuple[list[int], list[int]]]:
    """Yield the positions in both recordings that have the same form."""
    groups: dict[Hashable, tuple[list[int], list[int]]] = {}
    for side, shapes, positions in ((0, old, left_old), (1, new, left_new)):
        for position in positions:
            form = shapes[position].form(round_number)
            groups.setdefault(form, ([], []))[side].append(position)
    return (group for group in groups.values() if all(group))


def _in_old_order(
    olds: list[int],
    news: list[int],
    old: Sequence[Shape],
    new: Sequence[Shape],
    periods: Sequence[int],
) -> list[int]:
    """Return the new positions of a group, each run of one period in the order of the old ones."""
    arranged: list[int] = []
    start = 0
    while start < len(news):
        end = start + 1
        while end < len(news) and periods[news[end]] == periods[news[start]]:
            end += 1
        arranged += _arranged(olds[start:end], news[start:end], old, new)
        start = end
    return arranged


def _arranged(
    olds: list[int], news: list[int], old: Sequence[Shape], new: Sequence[Shape]
) -> list[int]:
    """Return the new positions so that equal outcomes are at the same place as the old ones."""
    arranged: dict[int, int] = {}
    for meaning in (_exact, _loose):
        by_meaning: dict[Hashable, deque[int]] = {}
        for position in news:
            by_meaning.setdefault(meaning(new[position]), deque()).append(position)
        for place, position in enumerate(olds):
            if place not in arranged and (found := by_meaning.get(meaning(old[position]))):
                arranged[place] = found.popleft()
        taken = set(arranged.values())
        news = [position for position in news if position not in taken]
    rest = iter(news)
    ordered = [arranged[p] if p in arranged else next(rest, None) for p in range(len(olds))]
    return [position for position in (*ordered, *rest) if position is not None]


def _exact(shape: Shape) -> Hashable:
    return shape.meaning


def _loose(shape: Shape) -> Hashable:
    return shape.loose_meaning


def _paired(
    olds: list[int], news: list[int], old: Sequence[Shape], new: Sequence[Shape]
) -> dict[int, int]:
    """Pair two groups in order: equal starts, then equal ends, then what is between them."""
    shorter = min(len(olds), len(news))

    def are_equal(one: int, other: int) -> bool:
        return old[one].loose_meaning == new[other].loose_meaning

    start = 0
    while start < shorter and are_equal(olds[start], news[start]):
        start += 1
    end = 0
    while end < shorter - start and are_equal(olds[-1 - end], news[-1 - end]):
        end += 1
    middle = zip(olds[start : len(olds) - end], news[start : len(news) - end], strict=False)
    ends = zip(olds[len(olds) - end :], news[len(news) - end :], strict=True)
    return {**dict(zip(olds[:start], news[:start], strict=True)), **dict(middle), **dict(ends)}


def _in_order(old_count: int, new_count: int, new_of: dict[int, int]) -> list[Pair]:
    old_of = {new: old for old, new in new_of.items()}
    added_after: dict[int, list[int]] = {}
    last = -1
    for position in range(new_count):
        if position in old_of:
            last = old_of[position]
        else:
            added_after.setdefault(last, []).append(position)
    pairs = [Pair(None, n) for n in added_after.get(-1, ())]
    for position in range(old_count):
        pairs.append(Pair(position, new_of.get(position)))
        pairs += (Pair(None, n) for n in added_after.get(position, ()))
    return pairs


def busy_periods(spans: Iterable[tuple[float, float]]) -> list[int]:
    """Return a number for each request, equal for all of one busy period.

    A busy period is a time in which always at least one request is in flight. `spans` are beginning
    and end of each request, ordered by their beginnings.
    """
    numbers: list[int] = []
    number, until = 0, float("-inf")
    for start, end in spans:
        number += start >= until
        until = max(until, end)
        numbers.append(number)
    return numbers
