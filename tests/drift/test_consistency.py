"""Cassettes that are written together hold the same value where one sends what another returned."""

from __future__ import annotations

import json

import pytest

from pytest_reprise.drift.consistency import (
    Scope,
    TwoRecordings,
    inconsistent,
    of_two_recordings,
    returned,
)
from pytest_reprise.drift.noise import Clocks
from pytest_reprise.drift.refresh import Recordings
from pytest_reprise.exchange import Interaction, Request, Response

CLOCKS = Clocks(1.7e9, 1.7e9 + 1000)
JSON = (("content-type", "application/json"),)


def call(method: str, path: str, answer: object) -> Interaction:
    body = json.dumps(answer).encode()
    return Interaction(Request(method, f"http://api.test{path}"), Response(200, "OK", JSON, body))


def fixture(number: int) -> Interaction:
    return call("POST", "/orgs", {"id": number, "name": "Acme", "count": 1034})


def of_test(number: int) -> Interaction:
    return call("GET", f"/orgs/{number}", {"name": "Acme"})


@pytest.mark.parametrize(
    ("fixture_has", "test_has", "is_consistent"),
    [(1007, 1007, True), (2014, 2014, True), (2014, 1007, False), (1007, 2014, False)],
)
def test_what_a_test_sends_is_what_its_fixture_returns(
    fixture_has: int, test_has: int, is_consistent: bool
) -> None:
    """Live, the fixture returned 2014."""
    scopes = [
        Scope("fixture", [fixture(2014)], [fixture(fixture_has)], CLOCKS),
        Scope("test", [of_test(2014)], [of_test(test_has)], CLOCKS),
        Scope("other", [call("GET", "/orgs/9", {})], [call("GET", "/orgs/9", {})], CLOCKS),
    ]
    assert inconsistent(scopes) == (set() if is_consistent else {"fixture", "test"})


def test_returned_values_are_those_that_identify_something() -> None:
    assert returned([fixture(1007), of_test(1007)]) == {"1007"}


def recordings(old: Interaction, new: Interaction) -> Recordings:
    return Recordings([old], [new], CLOCKS)


@pytest.mark.parametrize("before", [3, 4])
@pytest.mark.parametrize("draws", [False, True])
def test_old_cassettes_of_two_recordings_are_found(before: int, draws: bool) -> None:
    """The fixture had 3 before, and the test sent another number unless it was 3, too."""
    made, sent = (call("GET", "/count", {"n": n}) for n in (3, 6)), (before, 6)
    calls = (call("GET", f"/orders?of={n}", {}) for n in sent)
    scopes = [
        TwoRecordings("fixture", recordings(*made), True),
        TwoRecordings("test", recordings(*calls)._replace(makes_values=draws), False),
    ]
    expected = {"fixture", "test"} if before == 4 and not draws else set()
    assert of_two_recordings(scopes) == expected
