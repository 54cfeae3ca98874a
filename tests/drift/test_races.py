"""Requests that were sent at the same time: whichever was the first, the API is the same."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from pytest_reprise.drift.correlation import Correlation
from pytest_reprise.drift.noise import Clocks
from pytest_reprise.drift.refresh import Recordings, examine, refresh
from pytest_reprise.exchange import Interaction, Request, Response

from ..harness.strategies import MANY

NAMES = ("ada", "bob", "eve", "kim")


def _booked(names: tuple[str, ...], order: list[int], seats: int) -> list[Interaction]:
    """Return what the API answers if requests arrive in this order; the first ones get a seat."""
    found = []
    for n, name in enumerate(names):
        rank = order.index(n)
        body: dict[str, object] = {"name": name, "rank": "abcd"[rank]}
        status = 201 if rank < seats else 409
        answer = Response(status, "", (), json.dumps(body).encode())
        sent = json.dumps({"name": name}).encode()
        found.append(Interaction(Request("POST", "http://api.test/seats", (), sent), answer))
    return found


def _refreshed(
    old: list[Interaction], new: list[Interaction], periods: list[int]
) -> tuple[Interaction, ...]:
    known = Correlation()
    recordings = Recordings(old, new, Clocks(0.0, 0.0), periods)
    found = examine(recordings, known)
    return refresh(recordings, known=known, aligned=found.aligned).interactions


orders = st.permutations(range(4))


@MANY
@given(orders, orders, st.integers(0, 4))
def test_any_order_leaves_the_recording_as_it_was(
    before: list[int], now: list[int], seats: int
) -> None:
    old, new = _booked(NAMES, before, seats), _booked(NAMES, now, seats)
    assert _refreshed(old, new, [0, 0, 0, 0]) == tuple(old)


@MANY
@given(orders, orders, st.integers(1, 3))
def test_requests_one_after_the_other_do_not_race(
    before: list[int], now: list[int], seats: int
) -> None:
    old, new = _booked(NAMES, before, seats), _booked(NAMES, now, seats)
    found = _refreshed(old, new, [0, 1, 2, 3])
    assert [i.outcome.status for i in found] == [i.outcome.status for i in new]  # type: ignore[union-attr]


def test_more_refusals_than_before_are_a_change() -> None:
    old, new = _booked(NAMES, [0, 1, 2, 3], 2), _booked(NAMES, [3, 2, 1, 0], 1)
    assert _refreshed(old, new, [0, 0, 0, 0]) == tuple(new)
