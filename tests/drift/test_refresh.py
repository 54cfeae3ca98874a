"""A merged recording: what is the same stays as it was, and no true change is lost."""

from __future__ import annotations

import gzip
import json
import random
import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pytest_reprise.drift.noise import Clocks
from pytest_reprise.drift.refresh import Recordings, refresh
from pytest_reprise.exchange import Failure, Headers, Interaction, Request, Response
from pytest_reprise.scrub.content.compression import decompress_or_keep

from ..harness.strategies import (
    MANY,
    SOME,
    Json,
    interactions,
    json_containers,
    json_values,
    places,
    replaced,
)

OLD = datetime(2026, 1, 31, 12, 0, 0, tzinfo=UTC)
NEW = OLD + timedelta(days=40, seconds=7)
CLOCKS = Clocks(OLD.timestamp(), NEW.timestamp())
JSON: Headers = (("content-type", "application/json"),)
GET = Request("GET", "http://api.test/users")


def _refreshed(old: Interaction, new: Interaction, keeps_clock: bool = True) -> Interaction:
    [found] = refresh(Recordings([old], [new], CLOCKS), keeps_clock).interactions
    return found


def _body_of(interaction: Interaction) -> object:
    assert isinstance(interaction.outcome, Response)
    return json.loads(decompress_or_keep(interaction.outcome.body, interaction.outcome.headers))


def _answer(value: object, *headers: tuple[str, str], at: float = 0.0) -> Interaction:
    body = json.dumps(value).encode()
    all_headers = (*JSON, ("content-length", str(len(body))), *headers)
    return Interaction(GET, Response(200, "OK", all_headers, body), at=at)


def _compressed(value: object) -> Interaction:
    body = gzip.compress(json.dumps(value).encode(), mtime=1)
    return Interaction(GET, Response(200, "OK", (*JSON, ("content-encoding", "gzip")), body))


@SOME
@given(st.lists(interactions, max_size=4))
def test_a_recording_without_a_change_stays_as_it_is(found: list[Interaction]) -> None:
    old = [i._replace(at=i.at + 0.5) for i in found]
    assert refresh(Recordings(old, found, CLOCKS)).interactions == tuple(old)


NAMES = ("date", "etag", "set-cookie", "x-a", "vary")


@SOME
@given(
    st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from("abc")), max_size=6),
    st.permutations(NAMES),
)
def test_the_order_of_headers_of_different_names_means_nothing(
    headers: list[tuple[str, str]], order: list[str]
) -> None:
    moved = sorted(headers, key=lambda header: order.index(header[0]))
    old = _answer(1, *headers)
    assert _refreshed(old, _answer(1, *moved)) == old
    added = _refreshed(old, _answer(1, ("x-new", "1"), *moved))
    assert isinstance(old.outcome, Response)
    assert isinstance(added.outcome, Response)
    assert list(dict(added.outcome.headers)) == [*dict(old.outcome.headers), "x-new"]


@MANY
@given(json_containers, json_values, st.data())
def test_any_changed_value_is_taken_and_all_else_stays(
    value: Json, other: Json, data: st.DataObject
) -> None:
    """No time is near the two clocks here, so that nothing is noise."""
    place = data.draw(st.sampled_from(places(value)))
    changed = replaced(value, place, other)
    assume(json.dumps(changed) != json.dumps(value))
    assume(not any(re.search(r"[12][0-9]{9}", json.dumps(v)) for v in (value, changed)))
    for keeps_clock in (True, False):
        merged = _refreshed(_answer(value), _answer(changed), keeps_clock)
        assert json.dumps(_body_of(merged)) == json.dumps(changed)


@pytest.mark.parametrize("is_compressed", [False, True])
@pytest.mark.parametrize(
    ("old", "new", "merged"),
    [
        ({"at": "2026-01-31T12:00:01Z"}, {"at": "2026-03-12T12:00:08Z"}, "old"),
        ({"at": "2026-01-31T12:00:01Z"}, {"at": "2026-03-12T12:00:08.5Z"}, None),
        ({"at": "2026-01-31T12:00:01Z"}, {"at": None}, {"at": None}),
        ({"at": "2016-01-31T12:00:01Z"}, {"at": "2016-01-31T12:00:02Z"}, "new"),
        ({"day": "2026-01-31"}, {"day": "2026-03-12"}, "new"),
        ({}, {"at": "2026-03-12T12:00:08Z"}, {"at": "2026-01-31T12:00:01Z"}),
        ({"exp": 1769860800}, {"exp": 1773316807}, "old"),
        ({"a": 1}, {"exp": 1773316807}, {"exp": 1769860800}),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, "new"),
        ({"a": 1, "at": "2026-01-31T12:00:01Z"}, {"a": 2, "at": "2026-03-12T12:00:08Z"}, None),
    ],
)
def test_times_are_noise(old: Json, new: Json, merged: Json, is_compressed: bool) -> None:
    make = _compressed if is_compressed else _answer
    before, now = make(old), make(new)
    found = _refreshed(before, now)
    expected = {"old": old, "new": new}.get(str(merged), merged)
    if merged == "old":
        assert found == before
    elif expected is not None:
        assert json.dumps(_body_of(found)) == json.dumps(expected)
    else:
        assert isinstance(new, dict)
        assert isinstance(old, dict)
        expected_at = old["at"] if "a" in old else "2026-01-31T12:00:01.5Z"
        assert _body_of(found) == {**new, "at": expected_at}


def test_without_the_old_clock_times_are_taken_with_their_change() -> None:
    old = _answer({"a": 1, "at": "2026-01-31T12:00:01Z"}, ("date", "old"), at=0.3)
    new = _answer({"a": 1, "at": "2026-03-12T12:00:08Z"}, ("date", "new"), at=0.4)
    merged = _refreshed(old, new, keeps_clock=False)
    assert _body_of(merged) == _body_of(new)
    assert isinstance(merged.outcome, Response)
    assert ("date", "old") in merged.outcome.headers
    # The clock of a replay must have reached the time in the answer.
    assert merged.at == 0.4


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (Response(200), Response(404)),
        (Response(200), Response(200, "Fine")),
        (Response(200, body=b"a"), Response(200, body=b"b")),
        (Response(200, body=b"\xff\x00"), Response(200, body=b"\xff\x01")),
        (Response(200, headers=(("etag", "1"),)), Response(200, headers=(("etag", "2"),))),
        (Response(200), Response(200, headers=(("set-cookie", "a=b"),))),
        (Response(200, headers=(("set-cookie", "a=b"),)), Response(200)),
        (Response(200, http_version="HTTP/1.1"), Response(200, http_version="HTTP/2")),
        (Response(200), Response(200, broken_by=Failure("ReadError", ""))),
        (Response(200), Failure("ReadError", "")),
        (Failure("ReadError", ""), Response(200)),
        (Failure("ReadError", ""), Failure("ReadTimeout", "")),
        (Failure("ReadError", "a"), Failure("ReadError", "b")),
    ],
)
def test_a_change_outside_the_body_is_taken(
    old: Response | Failure, new: Response | Failure
) -> None:
    assert _refreshed(Interaction(GET, old), Interaction(GET, new)).outcome == new


def test_length_and_digest_follow_a_merged_body() -> None:
    def answer(value: int, at: str) -> Interaction:
        import hashlib

        found = _answer({"value": value, "at": at})
        assert isinstance(found.outcome, Response)
        digest = hashlib.sha256(found.outcome.body).hexdigest()
        headers = (*found.outcome.headers, ("etag", f'"{digest}"'))
        return found._replace(outcome=found.outcome._replace(headers=headers))

    old_time, new_time = "2026-01-31T12:00:01Z", "2026-03-12T12:00:08Z"
    assert _refreshed(answer(1, old_time), answer(1, new_time)) == answer(1, old_time)
    assert _refreshed(answer(1, old_time), answer(20, new_time)) == answer(20, old_time)


@pytest.mark.parametrize("is_compressed", [False, True])
def test_a_body_has_the_coding_that_its_headers_say(is_compressed: bool) -> None:
    value = {"name": "Ada", "n": [1, 2]}
    old, new = _answer(value), _compressed(value)
    if not is_compressed:
        old, new = new, old
    merged = _refreshed(old, new)
    assert _body_of(merged) == value
    assert isinstance(merged.outcome, Response)
    codings = [text for name, text in merged.outcome.headers if name == "content-encoding"]
    assert codings == (["gzip"] if is_compressed else [])


def test_other_requests_are_noted() -> None:
    one, other = _answer(1), _answer(1)._replace(request=GET._replace(method="POST"))
    assert refresh(Recordings([one], [one], CLOCKS)).has_same_requests
    assert not refresh(Recordings([one], [one, one], CLOCKS)).has_same_requests
    assert not refresh(Recordings([one, one], [one], CLOCKS)).has_same_requests
    assert not refresh(Recordings([one], [other], CLOCKS)).has_same_requests


def test_a_time_in_a_request_is_noise() -> None:
    def sent(time: str) -> Interaction:
        url = f"http://api.test/users?since={time}"
        return Interaction(Request("GET", url), Response(200))

    old, new = sent("2026-01-31T12:00:01Z"), sent("2026-03-12T12:00:08Z")
    found = refresh(Recordings([old], [new], CLOCKS))
    assert found.interactions == (old,)
    assert found.has_same_requests


def test_a_large_binary_body_is_not_searched_for_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    """To search a megabyte takes seconds, and finds nothing."""
    searched: list[str] = []

    def note(*texts: str) -> bool:
        searched.extend(texts)
        return False

    monkeypatch.setattr("pytest_reprise.drift.shapes.is_generated", note)
    chance = random.Random(1)
    old, new = (
        Interaction(GET, Response(200, "OK", (), b"\0" + chance.randbytes(100_000)))
        for _ in range(2)
    )
    assert _refreshed(old, new).outcome == new.outcome
    assert len(searched) < 100
