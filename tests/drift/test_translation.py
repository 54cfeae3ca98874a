"""Translation between live and recorded values: exact, in both directions, and nothing else."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import quote_plus

from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from pytest_reprise.drift.noise import Clocks
from pytest_reprise.drift.refresh import Recordings
from pytest_reprise.drift.translation import LiveValues, identifiers
from pytest_reprise.exchange import Interaction, Request, Response
from pytest_reprise.matching.key import key

from ..harness.strategies import SOME

RECORDED = datetime(2026, 1, 31, 12, 0, 0, tzinfo=UTC)
LIVE = RECORDED + timedelta(days=40, seconds=7)
CLOCKS = Clocks(RECORDED.timestamp(), LIVE.timestamp())
LATER = CLOCKS.old - CLOCKS.new
BASE = "http://api.test"


class Made(NamedTuple):
    """What a fixture made in one recording."""

    number: int
    key: str
    customer: str
    name: str
    moment: datetime


def made(moment: datetime) -> st.SearchStrategy[Made]:
    letters = st.text("abcdefghkmnpqrstuvwxyzABCDEFGHKMNPQ23456789", min_size=14, max_size=14)
    return st.builds(
        Made,
        st.integers(1000, 10**9),
        st.uuids().map(str),
        letters.map("cus_{}".format),
        st.text("abcdefghä/", min_size=9, max_size=20).map("Society & {}".format),
        st.timedeltas(timedelta(), timedelta(minutes=5)).map(lambda after: moment + after),
    )


def call(method: str, path: str, sent: object, answer: dict[str, Any]) -> Interaction:
    headers = (("content-type", "application/json"),)
    body = b"" if sent is None else json.dumps(sent).encode()
    answered = json.dumps(answer).encode()
    length = ("content-length", str(len(answered)))
    response = Response(201, "Created", (*headers, length), answered)
    return Interaction(Request(method, BASE + path, headers, body), response)


def answer_of(values: Made) -> dict[str, Any]:
    return {
        "id": values.number,
        "key": values.key,
        "name": values.name,
        "customer_id": values.customer,
        "made": values.moment.isoformat(),
        "self": f"{BASE}/orgs/{values.number}?of={values.customer}",
        "count": 2,
    }


def of_fixture(values: Made) -> Interaction:
    return call("POST", "/orgs", {"name": values.name}, answer_of(values))


def of_test(values: Made, seconds: float) -> Interaction:
    """An interaction of a test, with values of the fixture in all kinds of places."""
    now = values.moment + timedelta(seconds=seconds)
    sent = {"org_id": values.number, "text": f"for {values.name}", "of": [values.customer]}
    answer = {"id": 77, "org": answer_of(values), "at": f"{now:%Y-%m-%dT%H:%M:%SZ}", "count": 1007}
    path = f"/orgs/{values.number}/members/{values.key}?name={quote_plus(values.name)}"
    return call("POST", path, sent, answer)


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


@settings(SOME, phases=[Phase.explicit, Phase.generate])
@given(made(RECORDED), made(LIVE), st.integers(0, 100))
def test_what_a_test_got_from_a_fixture_is_translated_both_ways(
    recorded: Made, live: Made, seconds: int
) -> None:
    assume(not {str(recorded.number), "1007", "77"} & {str(live.number)})
    assume(recorded.name not in live.name and live.name not in recorded.name)
    values = LiveValues()
    values.learn(Recordings([of_fixture(recorded)], [of_fixture(live)], CLOCKS))
    sent = of_test(live, seconds)
    found = values.to_recorded.interaction(sent, LATER)
    # Times of the test are moved with the clock, and the fixture's are exactly the recorded ones.
    moved = live.moment + timedelta(seconds=seconds + LATER) - recorded.moment
    expected = of_test(recorded, moved.total_seconds())
    assert key(found.request) == key(expected.request)
    assert isinstance(found.outcome, Response)
    assert isinstance(expected.outcome, Response)
    times = [json.loads(body)["at"] for body in (found.outcome.body, expected.outcome.body)]
    assert abs(_seconds(times[0]) - _seconds(times[1])) <= 1
    assert json.loads(found.outcome.body)["org"] == answer_of(recorded)
    assert json.loads(found.outcome.body)["count"] == 1007
    assert dict(found.outcome.headers)["content-length"] == str(len(found.outcome.body))
    back = values.to_live.outcome(of_test(recorded, seconds).outcome, sent.request)
    assert isinstance(back, Response)
    assert json.loads(back.body)["org"] == answer_of(live)
    assert key(values.to_live.request(expected.request)) == key(sent.request)


def test_what_a_fixture_deletes_for_its_tests_is_no_value_of_the_fixture() -> None:
    """It deletes another object in each run. The new deletion is added to its cassette."""
    old = call("DELETE", "/users/1014", None, {})
    new = call("DELETE", "/users/1063", None, {})
    values = LiveValues()
    both = Recordings([old], [new], CLOCKS)
    values.learn(both)
    assert values.to_recorded.interaction(new) == new
    assert values.not_recorded(both) == (new,)
    assert values.not_recorded(Recordings([old], [old], CLOCKS)) == ()


def test_a_state_that_differs_is_no_value() -> None:
    old = call("POST", "/jobs", {}, {"id": "job-0001-abc", "status": "queued", "left": 3})
    new = call("POST", "/jobs", {}, {"id": "job-0002-xyz", "status": "running", "left": 7})
    values = LiveValues()
    values.learn(Recordings([old], [new], CLOCKS))
    later = call("GET", "/jobs/job-0002-xyz", None, {"status": "running", "left": 7})
    found = values.to_recorded.interaction(later)
    assert found.request.url == f"{BASE}/jobs/job-0001-abc"
    assert found.outcome == later.outcome


def test_quantities_and_constants_identify_nothing() -> None:
    sent = {"qty": 3, "word": "level1", "v": "a1a", "customer_id": "cus_1aB2cD"}
    found = call("POST", "/v2/orders/1007/lines", sent, {})
    assert identifiers(found.request) == {"1007", "cus_1aB2cD", "v2"}
