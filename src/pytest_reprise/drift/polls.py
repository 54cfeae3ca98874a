"""Polls: a call that is repeated until its answer says something else.

How often is a matter of speed, so a poll that needed more or fewer answers is no change.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from itertools import pairwise
from typing import NamedTuple

from .alignment import Pair, Shape, align


class Call(NamedTuple):
    """What is compared of an interaction, and whether its request only reads."""

    shape: Shape
    is_read: bool


class Aligned(NamedTuple):
    """The pairs of two recordings, and positions of old interactions that stay without a partner:
    answers of a poll, of which the new recording has fewer."""

    pairs: list[Pair]
    stay: frozenset[int] = frozenset()
    racing: frozenset[int] = frozenset()
    """Positions of old interactions whose partner has another request, sent at the same time."""

    @property
    def is_complete(self) -> bool:
        """Whether all others have a partner."""
        return all(p.old is not None and (p.new is not None or p.old in self.stay) for p in self[0])


def align_polls(old: Sequence[Call], new: Sequence[Call], periods: Sequence[int] = ()) -> Aligned:
    """Return what `align` does, with polls as one call each.

    Of a poll the last answers are paired, and those before them as far as both have some. Old ones
    that are left stay as they are; new ones are not written.
    """
    olds, news = _polls(old), _polls(new)
    left_old, left_new = _last_ones(old, olds), _last_ones(new, news)
    pairs = align(
        [old[n].shape for n in left_old],
        [new[n].shape for n in left_new],
        [periods[n] for n in left_new] if periods else (),
    )
    found: list[Pair] = []
    stay: set[int] = set()
    for pair in pairs:
        before = None if pair.old is None else left_old[pair.old]
        now = None if pair.new is None else left_new[pair.new]
        earlier_old, earlier_new = olds.get(before, []), news.get(now, [])
        one = _Poll(old, earlier_old, before)
        other = _Poll(new, earlier_new, now)
        if one.goes_on_as(other) and other.goes_on_as(one):
            found += _pairs(earlier_old, earlier_new)
            stay.update(earlier_old if not earlier_new else ())
        else:
            found += [Pair(n, None) for n in earlier_old]
            found += [Pair(None, n) for n in earlier_new]
        found.append(Pair(before, now))
    return Aligned(_in_old_order(found) if olds else found, frozenset(stay))


class _Poll(NamedTuple):
    """A poll in one recording: positions of the earlier answers, and of the last one."""

    calls: Sequence[Call]
    earlier: Sequence[int]
    last: int | None

    def goes_on_as(self, other: _Poll) -> bool:
        """Whether its last answer is not an earlier one of the same poll in the other recording."""
        if self.last is None:
            return False
        meanings = (other.calls[n].shape.loose_meaning for n in other.earlier)
        return self.calls[self.last].shape.loose_meaning not in meanings


def _pairs(olds: Sequence[int], news: Sequence[int]) -> list[Pair]:
    """Return a pair for each of the old answers; several may have the same new one."""
    return [Pair(n, news[min(k, len(news) - 1)] if news else None) for k, n in enumerate(olds)]


def _in_old_order(pairs: Sequence[Pair]) -> list[Pair]:
    """Return the pairs in the order of the old recording, new ones after those before them."""
    ranks: list[int] = []
    for pair in pairs:
        ranks.append(ranks[-1] if pair.old is None and ranks else pair.old or 0)
    return [pairs[n] for n in sorted(range(len(pairs)), key=ranks.__getitem__)]


def _last_ones(calls: Sequence[Call], polls: dict[int | None, list[int]]) -> list[int]:
    hidden = {n for earlier in polls.values() for n in earlier}
    return [n for n in range(len(calls)) if n not in hidden]


def _polls(calls: Sequence[Call]) -> dict[int | None, list[int]]:
    """Return the earlier positions of each poll by its last one.

    Between the calls of a poll, nothing but reading happens.
    """
    runs: dict[Hashable, list[int]] = {}
    found: dict[int | None, list[int]] = {}

    def end() -> None:
        for run in runs.values():
            meanings = [calls[n].shape.loose_meaning for n in run]
            if len(run) > 1 and meanings[-1] not in meanings[:-1] and _are_states(meanings):
                found[run[-1]] = run[:-1]
        runs.clear()

    for position, call in enumerate(calls):
        if call.is_read:
            runs.setdefault(call.shape.form(1), []).append(position)
        else:
            end()
    end()
    return found


def _are_states(meanings: Sequence[Hashable]) -> bool:
    """Whether no meaning comes back after another one."""
    ended = [one for one, following in pairwise(meanings) if one != following]
    return len({*ended, meanings[-1]}) == len(ended) + 1
