"""Whether a new recording says the same: all but volatile values counts."""

from __future__ import annotations

import gzip

import brotli  # type: ignore[import-untyped]
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from pytest_reprise.drift.changes import are_equivalent
from pytest_reprise.exchange import Failure, Interaction, Outcome, Request, Response

from ..harness.strategies import SOME, interactions

JSON = (("content-type", "application/json"),)
GET = Request("GET", "http://api.test/users?page=1")


@SOME
@given(st.lists(interactions, max_size=4))
def test_recording_does_not_differ_from_itself(found: list[Interaction]) -> None:
    assert are_equivalent(tuple(found), tuple(found))


ANSWER = Response(200, "OK", (*JSON, ("date", "Sat"), ("etag", "1")), b'{"a":1}', chunks=(3, 4))


@pytest.mark.parametrize(
    "new",
    [
        ANSWER._replace(headers=(*JSON, ("Date", "Sun"), ("etag", "1"))),
        ANSWER._replace(headers=(*JSON, ("etag", "1"))),
        ANSWER._replace(headers=(*ANSWER.headers, ("X-Request-Id", "a"), ("Age", "3"))),
        ANSWER._replace(chunks=()),
        ANSWER._replace(chunks=(7,)),
    ],
)
def test_volatile_values_are_no_change(new: Response) -> None:
    assert are_equivalent((Interaction(GET, ANSWER),), (Interaction(GET, new),))


@pytest.mark.parametrize(
    "new",
    [
        ANSWER._replace(status=201),
        ANSWER._replace(reason="Fine"),
        ANSWER._replace(body=b'{"a":2}'),
        ANSWER._replace(headers=(*JSON, ("date", "Sat"), ("etag", "2"))),
        ANSWER._replace(headers=(*ANSWER.headers, ("set-cookie", "a=b"))),
        ANSWER._replace(http_version="HTTP/2"),
        ANSWER._replace(broken_by=Failure("ReadError", "")),
        Failure("ReadError", ""),
    ],
)
def test_anything_else_is_a_change(new: Outcome) -> None:
    assert not are_equivalent((Interaction(GET, ANSWER),), (Interaction(GET, new),))


def test_other_calls_are_a_change() -> None:
    one, other = Interaction(GET, ANSWER), Interaction(GET._replace(body=b"a"), ANSWER)
    assert not are_equivalent((one,), (other,))
    assert not are_equivalent((one,), (one, one))
    assert not are_equivalent((one, other), (other, one))
    assert not are_equivalent((one,), (one._replace(scope="test_it"),))


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
