"""Pairing of interactions: each once, in the old order, whatever order concurrent ones have."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from pytest_reprise.drift.alignment import Pair, align, busy_periods

from ..harness.shapes import GivenShape
from ..harness.strategies import SOME

shapes = st.builds(
    lambda request, outcome: GivenShape((f"{request}{outcome % 2}", request), outcome, outcome),
    st.sampled_from("abc"),
    st.integers(0, 3),
)
recordings = st.lists(shapes, max_size=8)


def _shapes(text: str) -> list[GivenShape]:
    """`a1 b2` are a request `a` with the outcome 1, and `b` with 2."""
    return [GivenShape((word[0],), word[1:], word[1:]) for word in text.split()]


def _pairs(old: str, new: str, periods: tuple[int, ...] = ()) -> list[tuple[int | None, ...]]:
    return [tuple(pair) for pair in align(_shapes(old), _shapes(new), periods)]


@SOME
@given(recordings, recordings)
def test_each_position_is_in_one_pair(old: list[GivenShape], new: list[GivenShape]) -> None:
    pairs = align(old, new)
    assert [p.old for p in pairs if p.old is not None] == list(range(len(old)))
    assert sorted(p.new for p in pairs if p.new is not None) == list(range(len(new)))
    for pair in pairs:
        if pair.old is not None and pair.new is not None:
            assert old[pair.old].forms[-1] == new[pair.new].forms[-1]


@SOME
@given(recordings, st.randoms(use_true_random=False))
def test_concurrent_requests_in_any_order_are_paired_with_equal_ones(
    old: list[GivenShape], chance: random.Random
) -> None:
    new = list(old)
    chance.shuffle(new)
    for pair in align(old, new, [1] * len(new)):
        assert pair.old is not None
        assert pair.new is not None
        assert old[pair.old] == new[pair.new]


@SOME
@given(recordings)
def test_a_recording_is_paired_with_itself(found: list[GivenShape]) -> None:
    assert align(found, found) == [Pair(n, n) for n in range(len(found))]


def test_the_order_of_different_requests_means_nothing() -> None:
    assert _pairs("a1 b2", "b2 a1") == [(0, 1), (1, 0)]


def test_the_order_of_equal_requests_counts_unless_they_were_in_flight_together() -> None:
    assert _pairs("a1 a2", "a2 a1") == [(0, 0), (1, 1)]
    assert _pairs("a1 a2", "a2 a1", (5, 5)) == [(0, 1), (1, 0)]
    assert _pairs("a1 a2 a3", "a2 a1 a3", (5, 5, 6)) == [(0, 1), (1, 0), (2, 2)]
    assert _pairs("a1 a2 a3", "a1 a3 a2", (5, 5, 6)) == [(0, 0), (1, 1), (2, 2)]


def test_a_poll_that_took_longer_is_paired_at_both_ends() -> None:
    assert _pairs("a1 a2", "a1 a1 a2") == [(0, 0), (None, 1), (1, 2)]
    assert _pairs("a1 a1 a2", "a1 a2") == [(0, 0), (1, None), (2, 1)]


def test_a_new_request_comes_after_those_that_were_recorded_before_it() -> None:
    assert _pairs("a1 b1", "a1 c1 b1 d1") == [(0, 0), (None, 1), (1, 2), (None, 3)]
    assert _pairs("a1", "c1 a1") == [(None, 0), (0, 1)]


def test_busy_periods_end_where_no_request_is_in_flight() -> None:
    spans = [(0.0, 1.0), (0.5, 3.0), (2.0, 2.5), (3.0, 4.0), (5.0, 6.0)]
    assert busy_periods(spans) == [1, 1, 1, 2, 3]
