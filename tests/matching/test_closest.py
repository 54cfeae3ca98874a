"""The differences between a missed request and the closest recorded one, for messages."""

from __future__ import annotations

import gzip
import json

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pytest_reprise.exchange import Headers, Request
from pytest_reprise.matching.closest import closest, differences
from pytest_reprise.matching.key import key

from ..harness.strategies import MANY, SOME, Json, bodies, json_values, places, replaced, requests

URL = "http://api.test/users"
JSON = (("Content-Type", "application/json"),)
FORM = (("Content-Type", "application/x-www-form-urlencoded"),)


def _post(body: bytes, headers: Headers = JSON, url: str = URL) -> Request:
    return Request("POST", url, headers, body)


def _texts(recorded: Request, sent: Request) -> list[str]:
    return [str(difference) for difference in differences(recorded, sent)]


@pytest.mark.parametrize(
    ("recorded", "sent", "texts"),
    [
        ({"a": 1}, {"a": 2}, ["body.a: recorded 1, sent 2"]),
        ({"a": 1}, {"a": "1"}, ["body.a: recorded 1, sent '1'"]),
        ({"a": 1}, {"a": True}, ["body.a: recorded 1, sent true"]),
        ({"a": 1}, {"a": 1.0}, ["body.a: recorded 1, sent 1.0"]),
        ({"a": None}, {"a": ""}, ["body.a: recorded null, sent ''"]),
        ({"a": "é"}, {"a": "e"}, ["body.a: recorded 'é', sent 'e'"]),
        ({"a": 1}, {}, ["body.a: recorded 1, sent nothing"]),
        ({}, {"a": None}, ["body.a: recorded nothing, sent null"]),
        (
            {"a": 1, "b": 2},
            {"b": 3, "c": 4},
            [
                "body.a: recorded 1, sent nothing",
                "body.b: recorded 2, sent 3",
                "body.c: recorded nothing, sent 4",
            ],
        ),
        (
            {"items": [{"price": 1}, {"price": 2}]},
            {"items": [{"price": 1}, {"price": 3}]},
            ["body.items[1].price: recorded 2, sent 3"],
        ),
        ({"a": [[1, 2]]}, {"a": [[1, 3]]}, ["body.a[0][1]: recorded 2, sent 3"]),
        ({"a": [1]}, {"a": [1, 2]}, ["body.a[1]: recorded nothing, sent 2"]),
        ([1, 2], [2, 1], ["body[0]: recorded 1, sent 2", "body[1]: recorded 2, sent 1"]),
        ({"a": {"b": 1}}, {"a": [1]}, ['body.a: recorded {"b": 1}, sent [1]']),
        ({"a": "x" * 100}, {"a": "y"}, [f"body.a: recorded '{'x' * 60}…', sent 'y'"]),
    ],
)
def test_differences_of_json_bodies(recorded: Json, sent: Json, texts: list[str]) -> None:
    one, other = (_post(json.dumps(value).encode()) for value in (recorded, sent))
    assert _texts(one, other) == texts


@pytest.mark.parametrize(
    ("recorded", "sent", "texts"),
    [
        ("?a=1", "?a=2", ["query.a: recorded '1', sent '2'"]),
        ("?a=1", "", ["query.a: recorded '1', sent nothing"]),
        ("", "?a=", ["query.a: recorded nothing, sent ''"]),
        ("?a=1&a=2", "?a=1&a=3", ["query.a[1]: recorded '2', sent '3'"]),
        ("?a=1", "?a=1&a=2", ['query.a: recorded \'1\', sent ["1", "2"]']),
        ("?a%5Bb%5D=c%20d", "?a%5Bb%5D=c%2Bd", ["query.a[b]: recorded 'c d', sent 'c+d'"]),
        ("/1", "/2", ["path: recorded '/users/1', sent '/users/2'"]),
    ],
)
def test_differences_of_urls(recorded: str, sent: str, texts: list[str]) -> None:
    assert _texts(Request("GET", URL + recorded), Request("GET", URL + sent)) == texts


@pytest.mark.parametrize(
    ("recorded", "sent", "texts"),
    [
        (
            Request("GET", URL),
            Request("PUT", URL),
            ["method: recorded 'GET', sent 'PUT'"],
        ),
        (
            Request("GET", URL),
            Request("GET", "https://api.test:8000/users"),
            ["host: recorded 'http://api.test', sent 'https://api.test:8000'"],
        ),
        (
            Request("GET", URL, (("Accept", "a"), ("Authorization", "Bearer a"))),
            Request("GET", URL, (("Accept", "b"),)),
            [
                "header.accept: recorded 'a', sent 'b'",
                "header.authorization: recorded 'bearer', sent nothing",
            ],
        ),
        (_post(b"a=1&b=2", FORM), _post(b"a=1", FORM), ["body.b: recorded '2', sent nothing"]),
        (_post(b"text", ()), _post(b"more", ()), ["body: recorded 'text', sent 'more'"]),
        (_post(b"\xff\xfe", ()), _post(b"\xff", ()), ["body: recorded '2 bytes', sent '1 bytes'"]),
        (
            _post(b"\xff", (("If-Match", '"1"'),), URL + "?a=1"),
            Request("PUT", URL + "?a=2", (("If-Match", '"2"'),), b"b"),
            [
                "method: recorded 'POST', sent 'PUT'",
                "query.a: recorded '1', sent '2'",
                "header.if-match: recorded '\"1\"', sent '\"2\"'",
                "body: recorded '1 bytes', sent 'b'",
            ],
        ),
    ],
)
def test_differences_of_other_parts(recorded: Request, sent: Request, texts: list[str]) -> None:
    assert _texts(recorded, sent) == texts


@pytest.mark.parametrize(
    ("recorded", "sent"),
    [
        pytest.param(_post(b"\xff\xfe", ()), _post(b"\xfe\xff", ()), id="binary of one length"),
        pytest.param(_post(b'{"a": 1', JSON), _post(b'{"a": 2', JSON), id="broken JSON"),
        pytest.param(
            _post(gzip.compress(b"a", mtime=0), (*JSON, ("Content-Encoding", "gzip"))),
            _post(gzip.compress(b"b", mtime=0), (*JSON, ("Content-Encoding", "gzip"))),
            id="gzip",
        ),
        pytest.param(
            Request("GET", URL, (("Accept", "a"), ("Accept", "z"))),
            Request("GET", URL, (("Accept", "b"), ("Accept", "z"))),
            id="header twice",
        ),
        pytest.param(_post(b"[0.0]"), _post(b"[-0.0]"), id="minus nought"),
        pytest.param(
            _post(b"[1]", (("Content-Type", "a/json"),)), _post(b"[2]", JSON), id="media type"
        ),
    ],
)
def test_different_keys_have_a_difference(recorded: Request, sent: Request) -> None:
    assert key(recorded) != key(sent)
    assert differences(recorded, sent)


@pytest.mark.parametrize(
    ("place", "change"),
    [
        ("body.a", b'{"a":2,"b":3}'),
        ("body.b", b'{"a":1,"b":"3"}'),
        ("body.c", b'{"a":1,"b":3,"c":0}'),
    ],
)
def test_difference_names_the_changed_field(place: str, change: bytes) -> None:
    found = differences(_post(b'{"a":1,"b":3}'), _post(change))
    assert [difference.where for difference in found] == [place]


@MANY
@given(json_values, json_values, st.data())
def test_every_change_of_a_json_value_is_named(value: Json, new: Json, data: st.DataObject) -> None:
    place = data.draw(st.sampled_from(places(value)))
    one, other = (_post(json.dumps(v).encode()) for v in (value, replaced(value, place, new)))
    assume(key(one) != key(other))
    found = differences(one, other)
    assert found
    assert all(difference.where.startswith("body") for difference in found)


_media = st.sampled_from(
    (
        (),
        JSON,
        FORM,
        (("Content-Type", "multipart/form-data; boundary=abc"),),
        (*JSON, ("Content-Encoding", "gzip")),
        (("Content-Type", "text/plain"),),
    )
)


@MANY
@given(bodies, bodies, _media, _media)
def test_requests_differ_exactly_if_their_keys_do(
    one: bytes, other: bytes, media: Headers, other_media: Headers
) -> None:
    recorded, sent = _post(one, media), _post(other, other_media)
    assert bool(differences(recorded, sent)) == (key(recorded) != key(sent))


@SOME
@given(requests, st.lists(requests, max_size=4))
def test_any_requests_can_be_compared(sent: Request, recorded: list[Request]) -> None:
    found = closest(sent, recorded)
    assert found is None or found.request in recorded


@SOME
@given(requests, st.lists(requests, max_size=3))
def test_the_same_request_is_closest(sent: Request, others: list[Request]) -> None:
    found = closest(sent, [*others, sent])
    assert found is not None
    assert key(found.request) == key(sent)
    assert found.differences == ()


@pytest.mark.parametrize("recorded", [Request("GET", URL + "/2"), Request("PUT", URL + "/1")])
def test_request_with_the_same_method_or_path_is_close(recorded: Request) -> None:
    found = closest(Request("GET", URL + "/1"), [recorded])
    assert found is not None
    assert found.request is recorded


def test_request_with_another_method_and_path_is_not_close() -> None:
    recorded = [Request("GET", URL), Request("DELETE", "http://api.test/orders")]
    assert closest(Request("POST", "http://api.test/jobs"), recorded) is None
    assert closest(Request("POST", URL), []) is None


@pytest.mark.parametrize(
    ("sent", "recorded", "nearest"),
    [
        pytest.param(
            _post(b'{"a":1,"b":2}'),
            [_post(b'{"a":9,"b":9}'), _post(b'{"a":1,"b":9}'), _post(b'{"a":9}')],
            1,
            id="fewest fields",
        ),
        pytest.param(
            Request("GET", URL + "?a=1"),
            [Request("GET", "http://api.test/user?a=1"), Request("GET", URL + "?b=2&c=3")],
            1,
            id="path before query",
        ),
        pytest.param(
            Request("GET", URL),
            [Request("GET", "http://other.test/users"), Request("DELETE", URL)],
            1,
            id="method before host",
        ),
        pytest.param(
            _post(b"[1]"),
            [Request("PUT", URL, JSON, b"[1]"), _post(b"[2]"), _post(b"[3]")],
            1,
            id="the first of equals",
        ),
    ],
)
def test_request_with_the_fewest_differences_is_closest(
    sent: Request, recorded: list[Request], nearest: int
) -> None:
    found = closest(sent, recorded)
    assert found is not None
    assert found.request is recorded[nearest]
    assert found.differences == differences(recorded[nearest], sent)
