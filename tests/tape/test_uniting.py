"""Recordings of several workers become one: ids, clocks, and what has no counterpart."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_reprise.cassette.model import Header
from pytest_reprise.exchange import Interaction, Request, Response
from pytest_reprise.tape.uniting import (
    Fixture,
    Owner,
    Recorded,
    Uncorrelated,
    Worker,
    endpoint_of,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FIXTURE, TEST = (Path("@org.yaml"), ""), (Path("test.yaml"), "")


def call(method: str, path: str, sent: object, answered: object) -> Interaction:
    body = b"" if sent is None else json.dumps(sent).encode()
    headers = (("Content-Type", "application/json"),)
    request = Request(method, f"http://api.test{path}", headers, body)
    return Interaction(request, Response(200, "OK", headers, json.dumps(answered).encode()))


def fixture(*calls: Interaction, number: int = 1, seconds: float = 0.0, seed: int = 1) -> Recorded:
    header = Header(NOW + timedelta(seconds=seconds), "", seed=seed)
    setup = frozenset(endpoint_of(i.request) for i in calls if i.request.method == "POST")
    return Recorded(FIXTURE, "the fixture org", header, calls, number, (), setup)


def using(*calls: Interaction, seconds: float = 0.0) -> Recorded:
    return Recorded(TEST, "test", Header(NOW + timedelta(seconds=seconds), ""), calls, uses=(1,))


def made(org: int, key: str = "") -> Interaction:
    return call("POST", "/orgs", {"name": "a"}, {"id": org, "key": key})


ids = st.integers(min_value=10**6, max_value=10**8)


@given(first=ids, other=ids, later=st.floats(min_value=-500, max_value=500))
def test_a_test_is_written_with_the_ids_and_on_the_clock_of_the_first_worker(
    first: int, other: int, later: float
) -> None:
    fixtures: dict[Owner, Fixture] = {}
    Worker(fixtures).add(fixture(made(first)))
    worker = Worker(fixtures)
    worker.add(fixture(made(other), seconds=later))
    header, [found] = worker.translated(
        using(call("GET", f"/orgs/{other}", None, {"id": other}), seconds=later + 1)
    )
    assert found.request.url == f"http://api.test/orgs/{first}"
    assert isinstance(found.outcome, Response)
    assert json.loads(found.outcome.body) == {"id": first}
    assert abs(header.recorded_at - NOW - timedelta(seconds=1)) < timedelta(milliseconds=1)
    assert fixtures[FIXTURE].interactions == (made(first),)


def test_the_first_worker_keeps_its_recording() -> None:
    fixtures: dict[Owner, Fixture] = {}
    worker = Worker(fixtures)
    worker.add(fixture(made(1000)))
    recorded = using(call("GET", "/orgs/1000", None, {"id": 1000}))
    assert worker.translated(recorded) == (recorded.header, recorded.interactions)


def test_what_the_teardown_of_another_worker_deletes_is_added() -> None:
    fixtures: dict[Owner, Fixture] = {}
    Worker(fixtures).add(fixture(made(1000), call("DELETE", "/orgs/1000/members/7", None, {})))
    worker = Worker(fixtures)
    worker.add(fixture(made(2000), call("DELETE", "/orgs/2000/members/8", None, {})))
    paths = [i.request.url.removeprefix("http://api.test") for i in fixtures[FIXTURE].interactions]
    assert paths == ["/orgs", "/orgs/1000/members/7", "/orgs/1000/members/8"]


OTHERS = {
    "another set-up": (fixture(made(2), call("POST", "/retries", {}, {})), "sent other requests"),
    "random values": (fixture(seed=2), "random values and sent none"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_a_fixture_without_counterpart_is_named(name: str) -> None:
    other, reason = OTHERS[name]
    fixtures: dict[Owner, Fixture] = {}
    Worker(fixtures).add(fixture(*([made(1)] if other.interactions else [])))
    worker = Worker(fixtures)
    worker.add(other)
    with pytest.raises(Uncorrelated, match=f"the fixture org .*{reason}"):
        worker.translated(using())


def test_a_fixture_that_failed_on_one_worker_only() -> None:
    fixtures: dict[Owner, Fixture] = {}
    failing = Worker(fixtures)
    failing.failed(1, FIXTURE, "the fixture org")
    failing.translated(using())
    Worker(fixtures).add(fixture(made(1000)))
    with pytest.raises(Uncorrelated, match="failed on one worker and passed on another"):
        failing.translated(using())
