"""What a new recording changed: statuses, added and removed fields, and no volatile values."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace

import brotli  # type: ignore[import-untyped]
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from pytest_reprise.drift.changes import are_equivalent, compare
from pytest_reprise.exchange import Failure, Interaction, Outcome, Request, Response

from ..harness.strategies import SOME, Json, interactions, json_containers

JSON = (("content-type", "application/json"),)
GET = Request("GET", "http://api.test/users?page=1")


def _answer(value: Json) -> Interaction:
    return Interaction(GET, Response(200, "OK", JSON, json.dumps(value).encode()))


def _texts(old: list[Interaction], new: list[Interaction]) -> list[str]:
    return [str(change) for change in compare(old, new)]


@pytest.mark.parametrize(
    ("old", "new", "texts"),
    [
        ({"a": 1}, {"a": 2}, []),
        ({"a": 1}, {"a": "text"}, []),
        ({"a": 1}, {"a": 1, "b": 2}, ["field b added"]),
        ({"a": 1, "b": 2}, {"a": 1}, ["field b removed"]),
        ({"a": 1}, {"b": 1}, ["field b added", "field a removed"]),
        ({"a": {"b": 1}}, {"a": {"c": 1}}, ["field a.c added", "field a.b removed"]),
        ({"a": {"b": 1}}, {"a": None}, ["field a.b removed"]),
        ([{"a": 1}], [{"a": 2}, {"a": 3, "b": 4}], ["field [].b added"]),
        ({"a": [{"b": 1}]}, {"a": [{"b": 1, "c": 2}]}, ["field a[].c added"]),
        ({"a": [[{"b": 1}]]}, {"a": [[]]}, ["field a[][].b removed"]),
        ([], {}, []),
    ],
)
def test_added_and_removed_fields(old: Json, new: Json, texts: list[str]) -> None:
    assert _texts([_answer(old)], [_answer(new)]) == [f"GET /users: {what}" for what in texts]


@pytest.mark.parametrize(
    ("old", "new", "texts"),
    [
        (Response(200), Response(404), "status 200 → 404"),
        (Response(200), Failure("ReadTimeout", "a"), "status 200 → ReadTimeout"),
        (Failure("ConnectError", "a"), Response(200), "status ConnectError → 200"),
        (Failure("ReadError", "a"), Failure("ReadTimeout", "a"), "status ReadError → ReadTimeout"),
    ],
)
def test_changed_statuses(old: Outcome, new: Outcome, texts: str) -> None:
    assert _texts([Interaction(GET, old)], [Interaction(GET, new)]) == [f"GET /users: {texts}"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (Response(200, "OK"), Response(200, "Fine")),
        (Response(200, body=b"a"), Response(200, body=b"b")),
        (Response(200, headers=JSON, body=b"{"), Response(200, headers=JSON, body=b"[")),
        (Failure("ReadError", "a"), Failure("ReadError", "b")),
    ],
)
def test_changes_that_are_not_listed(old: Outcome, new: Outcome) -> None:
    assert _texts([Interaction(GET, old)], [Interaction(GET, new)]) == []


def test_calls_are_paired_by_method_and_path_in_their_order() -> None:
    post, other = replace(GET, method="POST"), replace(GET, url="http://api.test/orders")
    old = [Interaction(r, Response(s)) for r, s in ((GET, 200), (post, 201), (GET, 404))]
    new = [Interaction(r, Response(s)) for r, s in ((post, 409), (GET, 200), (GET, 410))]
    assert _texts(old, new) == ["POST /users: status 201 → 409", "GET /users: status 404 → 410"]
    new.append(Interaction(other, Response(200)))
    assert _texts(old, new)[-1] == "GET /orders: new call"
    assert _texts(old, new[2:]) == [
        "GET /users: status 200 → 410",
        "GET /orders: new call",
        "GET /users: no longer called",
        "POST /users: no longer called",
    ]


@SOME
@given(st.lists(interactions, max_size=4))
def test_recording_does_not_differ_from_itself(found: list[Interaction]) -> None:
    assert compare(found, found) == []
    assert are_equivalent(tuple(found), tuple(found))


@SOME
@given(st.lists(interactions, max_size=3), st.lists(interactions, max_size=3))
def test_any_recordings_can_be_compared(old: list[Interaction], new: list[Interaction]) -> None:
    if compare(old, new):
        assert not are_equivalent(tuple(old), tuple(new))


@SOME
@given(json_containers, json_containers)
def test_added_one_way_is_removed_the_other_way(one: Json, other: Json) -> None:
    there = sorted(_texts([_answer(one)], [_answer(other)]))
    back = sorted(_texts([_answer(other)], [_answer(one)]))
    swapped = {"added": "removed", "removed": "added"}
    turned = (f"{start} {swapped[end]}" for start, _, end in (t.rpartition(" ") for t in back))
    assert there == sorted(turned)


ANSWER = Response(200, "OK", (*JSON, ("date", "Sat"), ("etag", "1")), b'{"a":1}', chunks=(3, 4))


@pytest.mark.parametrize(
    "new",
    [
        replace(ANSWER, headers=(*JSON, ("Date", "Sun"), ("etag", "1"))),
        replace(ANSWER, headers=(*JSON, ("etag", "1"))),
        replace(ANSWER, headers=(*ANSWER.headers, ("X-Request-Id", "a"), ("Age", "3"))),
        replace(ANSWER, chunks=()),
        replace(ANSWER, chunks=(7,)),
    ],
)
def test_volatile_values_are_no_change(new: Response) -> None:
    assert are_equivalent((Interaction(GET, ANSWER),), (Interaction(GET, new),))


@pytest.mark.parametrize(
    "new",
    [
        replace(ANSWER, status=201),
        replace(ANSWER, reason="Fine"),
        replace(ANSWER, body=b'{"a":2}'),
        replace(ANSWER, headers=(*JSON, ("date", "Sat"), ("etag", "2"))),
        replace(ANSWER, headers=(*ANSWER.headers, ("set-cookie", "a=b"))),
        replace(ANSWER, http_version="HTTP/2"),
        replace(ANSWER, broken_by=Failure("ReadError", "")),
        Failure("ReadError", ""),
    ],
)
def test_anything_else_is_a_change(new: Outcome) -> None:
    assert not are_equivalent((Interaction(GET, ANSWER),), (Interaction(GET, new),))


def test_other_calls_are_a_change() -> None:
    one, other = Interaction(GET, ANSWER), Interaction(replace(GET, body=b"a"), ANSWER)
    assert not are_equivalent((one,), (other,))
    assert not are_equivalent((one,), (one, one))
    assert not are_equivalent((one, other), (other, one))
    assert not are_equivalent((one,), (replace(one, scope="test_it"),))


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
def test_the_same_text_compressed_in_another_way_is_the_same(coding: str) -> None:
    def answer(plain: bytes, number: int) -> tuple[Interaction]:
        if coding == "gzip":
            body = gzip.compress(plain, mtime=number)
        elif coding == "br":
            body = brotli.compress(plain, lgwin=17 + number)
        else:
            body = zstandard.ZstdCompressor(write_checksum=number == 2).compress(plain)
        headers = (("content-encoding", coding), ("content-length", str(len(body))))
        return (Interaction(GET, Response(200, "OK", headers, body)),)

    assert answer(b"text", 1) != answer(b"text", 2)
    assert are_equivalent(answer(b"text", 1), answer(b"text", 2))
    assert not are_equivalent(answer(b"text", 1), answer(b"test", 1))
