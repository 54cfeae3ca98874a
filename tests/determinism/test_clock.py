"""The clock of a replay: it starts at the recorded time, goes on, and is put back."""

import datetime
import time
from collections.abc import Iterator
from datetime import UTC
from time import time as time_imported_early

import pytest
import time_machine

from pytest_reprise.determinism.clock import Clock

RECORDED = datetime.datetime(2020, 2, 29, 12, tzinfo=UTC).timestamp()
CLOSE = 5.0
"""Seconds that a slow machine may take between two lines."""


@pytest.fixture
def clock() -> Iterator[Clock]:
    clock = Clock(RECORDED)
    yield clock
    clock.leave()


def test_time_is_the_recorded_one(clock: Clock) -> None:
    clock.enter()

    assert time.time() == pytest.approx(RECORDED, abs=CLOSE)
    assert time_imported_early() == pytest.approx(RECORDED, abs=CLOSE)
    assert datetime.datetime.now(UTC).date() == datetime.date(2020, 2, 29)


def test_time_goes_on(clock: Clock) -> None:
    clock.enter()
    first = time.time_ns()
    while time.time_ns() == first:
        pass

    assert time.time_ns() > first


def test_real_clock_is_put_back(clock: Clock) -> None:
    before = time.time()
    clock.enter()
    clock.leave()

    assert time.time() == pytest.approx(before, abs=CLOSE)


def test_clock_goes_on_after_leave(clock: Clock) -> None:
    clock.enter()
    first = time.time()
    clock.leave()
    clock.enter()

    assert first <= time.time() < first + CLOSE


def test_clock_advances_to_the_recorded_time(clock: Clock) -> None:
    clock.enter()
    clock.advance_to_offset(3600.0)

    assert time.time() == pytest.approx(RECORDED + 3600, abs=CLOSE)


def test_clock_never_goes_back(clock: Clock) -> None:
    clock.enter()
    clock.advance_to_offset(3600.0)
    clock.advance_to_offset(60.0)

    assert time.time() == pytest.approx(RECORDED + 3600, abs=CLOSE)


def test_clock_advances_after_leave_too(clock: Clock) -> None:
    clock.enter()
    clock.leave()
    clock.advance_to_offset(3600.0)
    clock.enter()

    assert time.time() == pytest.approx(RECORDED + 3600, abs=CLOSE)


def test_monotonic_clock_is_not_changed(clock: Clock) -> None:
    before = time.monotonic()
    clock.enter()

    assert before <= time.monotonic() < before + CLOSE


def test_traveller_of_the_test_has_precedence(clock: Clock) -> None:
    clock.enter()
    travel = time_machine.travel(0.0)
    travel.start()
    clock.leave()
    during_a_pause = time.time()
    clock.enter()
    travel.stop()

    assert during_a_pause == pytest.approx(0, abs=CLOSE)
    assert time.time() == pytest.approx(RECORDED, abs=CLOSE)
