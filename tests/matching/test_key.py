"""The key of a request: the same for requests that mean the same, different for all others."""

from __future__ import annotations

import gzip
import json
import random
import string
from urllib.parse import quote

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from vcr import matchers
from vcr.request import Request as VcrRequest

from pytest_reprise.exchange import Headers, Request
from pytest_reprise.matching.key import (
    canonical_body,
    canonical_url,
    key,
    key_headers,
    legacy_key,
)

from ..harness.strategies import (
    MANY,
    SOME,
    Json,
    bodies,
    headers,
    json_bodies,
    json_containers,
    json_values,
    places,
    replaced,
    requests,
    shuffled,
)

URL = "http://api.test/users"
JSON = (("Content-Type", "application/json"),)
FORM = (("Content-Type", "application/x-www-form-urlencoded"),)
generators = st.randoms(use_true_random=False)

names = st.text(string.ascii_letters + "é &=+%[]", min_size=1, max_size=4)
pairs = st.lists(st.tuples(names, st.text(max_size=4)), max_size=5)


def _json_request(value: Json, **style: object) -> Request:
    body = json.dumps(value, **style).encode()  # type: ignore[arg-type]
    return Request("POST", URL, JSON, body)


def _encoded(found: list[tuple[str, str]]) -> str:
    return "&".join(f"{quote(n, safe='')}={quote(v, safe='')}" for n, v in found)


def _query_request(found: list[tuple[str, str]]) -> Request:
    return Request("GET", f"{URL}?{_encoded(found)}")


def _form_request(found: list[tuple[str, str]]) -> Request:
    return Request("POST", URL, FORM, _encoded(found).encode())


# --- JSON -------------------------------------------------------------------------------------


@SOME
@given(json_values, generators, st.booleans(), st.sampled_from((None, 1, 4)))
def test_order_spacing_and_escapes_of_json_are_ignored(
    value: Json, generator: random.Random, ascii_only: bool, indent: int | None
) -> None:
    other = _json_request(shuffled(value, generator), ensure_ascii=ascii_only, indent=indent)
    assert key(other) == key(_json_request(value, separators=(",", ":")))


@MANY
@given(json_values, json_values, st.data())
def test_changed_json_value_changes_the_key(value: Json, new: Json, data: st.DataObject) -> None:
    place = data.draw(st.sampled_from(places(value)))
    changed = replaced(value, place, new)
    assume(repr(changed) != repr(value))
    assume(json.dumps(changed, sort_keys=True) != json.dumps(value, sort_keys=True))
    assert key(_json_request(value)) != key(_json_request(changed))


@SOME
@given(st.dictionaries(st.text(max_size=4), json_values, min_size=1, max_size=4), st.data())
def test_missing_or_renamed_json_key_changes_the_key(
    value: dict[str, Json], data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(sorted(value)))
    without = {n: v for n, v in value.items() if n != name}
    renamed = {n + "x" * (n == name): v for n, v in value.items()}
    assume(len(renamed) == len(value))
    assert key(_json_request(value)) != key(_json_request(without))
    assert key(_json_request(value)) != key(_json_request(renamed))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1", "1.0"),
        ("1", "true"),
        ("0", "false"),
        ("null", '""'),
        ("0", "null"),
        ("[1,2]", "[2,1]"),
        ('"a"', '"A"'),
        ('"é"', '"e\\u0301"'),
        ("[]", "{}"),
        ("[1]", "[1,1]"),
        ('{"a":{}}', '{"a":null}'),
    ],
)
def test_different_json_values(one: str, other: str) -> None:
    assert key(Request("POST", URL, JSON, one.encode())) != key(
        Request("POST", URL, JSON, other.encode())
    )


@pytest.mark.parametrize(
    "media",
    [
        "application/json",
        "application/problem+json; charset=utf-8",
        "Application/JSON",
        "text/json",
        "",
    ],
)
def test_media_types_of_json(media: str) -> None:
    one, other = (
        Request("POST", URL, (("content-type", media),), body)
        for body in (b'{"a":1,"b":2}', b'{ "b": 2, "a": 1 }')
    )
    assert key(one) == key(other)


@pytest.mark.parametrize("media", ["text/plain", "application/jsonp", "application/xml"])
def test_other_bodies_are_compared_by_their_bytes(media: str) -> None:
    one, other = (
        Request("POST", URL, (("content-type", media),), body)
        for body in (b'{"a":1,"b":2}', b'{"b":2,"a":1}')
    )
    assert key(one) != key(other)


@SOME
@given(bodies, bodies, st.sampled_from((JSON, (), JSON)))
def test_keys_are_equal_exactly_if_the_bodies_mean_the_same(
    one: bytes, other: bytes, media: Headers
) -> None:
    same = key(Request("PUT", URL, media, one)) == key(Request("PUT", URL, media, other))
    assert same == (_plain_meaning(one, media) == _plain_meaning(other, media))


def _plain_meaning(body: bytes, media: Headers) -> str:
    is_json = media or body[:1] in (b"{", b"[")
    try:
        return repr(json.dumps(json.loads(body), sort_keys=True) if is_json else body)
    except (ValueError, RecursionError):
        return repr(body)


def test_the_token_of_temporary_credentials_of_aws_may_be_missing() -> None:
    signed = ("Authorization", "AWS4-HMAC-SHA256 Credential=x, Signature=y")
    token = ("X-Amz-Security-Token", "from-the-recording")
    assert key(Request("GET", URL, (signed, token))) == key(Request("GET", URL, (signed,)))


# --- URL --------------------------------------------------------------------------------------


@SOME
@given(pairs, generators)
def test_order_of_query_and_form_is_ignored(
    found: list[tuple[str, str]], generator: random.Random
) -> None:
    by_name: dict[str, list[tuple[str, str]]] = {}
    for pair in found:
        by_name.setdefault(pair[0], []).append(pair)
    order = [name for name, _ in found]
    generator.shuffle(order)
    other = [by_name[name].pop(0) for name in order]
    assert key(_query_request(other)) == key(_query_request(found))
    assert key(_form_request(other)) == key(_form_request(found))


@MANY
@given(pairs, pairs)
@example([("a", "1"), ("a", "2")], [("a", "2"), ("a", "1")])
@example([("a", "1&b=2")], [("a", "1"), ("b", "2")])
@example([("a", "")], [])
def test_other_query_or_form_changes_the_key(
    one: list[tuple[str, str]], other: list[tuple[str, str]]
) -> None:
    """The order of the values of one name is significant."""
    same = sorted(one, key=lambda p: p[0]) == sorted(other, key=lambda p: p[0])
    assert (key(_query_request(one)) == key(_query_request(other))) == same
    assert (key(_form_request(one)) == key(_form_request(other))) == same


@pytest.mark.parametrize(("one", "other"), [("a=%FF", "a=%FE"), ("a=%C3", "a=%EF%BF%BD")])
def test_bytes_that_are_not_utf8_change_the_key(one: str, other: str) -> None:
    assert key(Request("GET", f"{URL}?{one}")) != key(Request("GET", f"{URL}?{other}"))
    assert key(Request("POST", URL, FORM, one.encode())) != key(
        Request("POST", URL, FORM, other.encode())
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://a/", "http://a"),
        ("http://a/", "http://a:80/"),
        ("https://a/", "https://a:443/"),
        ("http://a/", "http://A/"),
        ("http://a/", "HTTP://a/"),
        ("http://a/", "http://user:password@a/"),
        ("http://a/", "http://a/#top"),
        ("http://a/%7Eb", "http://a/~b"),
        ("http://a/%e2%82%ac", "http://a/%E2%82%AC"),
        ("http://a/%41%2d", "http://a/A-"),
        ("http://a/?b=1&c=2", "http://a/?c=2&b=1"),
        ("http://a/?b=%7e", "http://a/?b=~"),
        ("http://a/?b=c+d", "http://a/?b=c%20d"),
        ("http://a/?b", "http://a/?b="),
        ("http://a/", "http://a/?"),
        ("http://[::1]/", "http://[::1]:80/"),
    ],
)
def test_equivalent_urls(one: str, other: str) -> None:
    assert key(Request("GET", one)) == key(Request("GET", other))
    assert legacy_key(Request("GET", one)) == legacy_key(Request("GET", other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://a/", "https://a/"),
        ("http://a/", "http://b/"),
        ("http://a/", "http://a:8080/"),
        ("http://a:443/", "https://a:80/"),
        ("https://a:80/", "https://a/"),
        ("http://a/b", "http://a/b/"),
        ("http://a/b", "http://a/B"),
        ("http://a/b/c", "http://a/b%2Fc"),
        ("http://a/b%3Fc", "http://a/b?c"),
        ("http://a/b;c", "http://a/b"),
        ("http://a/?b=1", "http://a/"),
        ("http://a/?b=1", "http://a/?b=2"),
        ("http://a/?b=1", "http://a/?B=1"),
        ("http://a/?b=1", "http://a/?b=1&b=1"),
        ("http://a/?b=1&c=2", "http://a/?b=2&c=1"),
        ("http://a/?b=c%2Bd", "http://a/?b=c+d"),
        ("http://a/?b=c%26d=1", "http://a/?b=c&d=1"),
    ],
)
def test_different_urls(one: str, other: str) -> None:
    assert key(Request("GET", one)) != key(Request("GET", other))
    assert legacy_key(Request("GET", one)) != legacy_key(Request("GET", other))


def test_empty_query_value_changes_the_key() -> None:
    assert key(Request("GET", "http://a/?b=")) != key(Request("GET", "http://a/"))


segments = st.text(string.ascii_letters + "-._~/!$&'()*+,;=:@é%? ", max_size=8).map(quote)


@SOME
@given(segments, pairs)
def test_canonical_url_is_canonical(path: str, found: list[tuple[str, str]]) -> None:
    url = canonical_url(f"http://api.test:8000/{path}?{_encoded(found)}")
    assert canonical_url(url) == url


@SOME
@given(segments, segments)
def test_other_path_changes_the_key(one: str, other: str) -> None:
    same = one == other
    assert (key(Request("GET", f"http://a/{one}")) == key(Request("GET", f"http://a/{other}"))) == (
        same
    )


@SOME
@given(json_bodies)
def test_canonical_body_is_canonical(body: bytes) -> None:
    canonical = canonical_body(Request("POST", URL, JSON, body))
    assert canonical_body(Request("POST", URL, JSON, canonical)) == canonical


# --- multipart, compression, method -----------------------------------------------------------


def _multipart(boundary: str, content: bytes, quoted: bool = False) -> Request:
    mark = boundary.encode()
    body = (b"--%b\r\nContent-Disposition: form-data; name=a\r\n\r\n%b\r\n--%b--\r\n") % (
        mark,
        content,
        mark,
    )
    parameter = f'"{boundary}"' if quoted else boundary
    media = f"multipart/form-data; boundary={parameter}"
    return Request("POST", URL, (("Content-Type", media),), body)


boundaries = st.text("0123456789abcdef", min_size=32, max_size=32)


@SOME
@given(st.binary(max_size=20), boundaries, boundaries, st.booleans())
def test_boundary_is_ignored(content: bytes, one: str, other: str, quoted: bool) -> None:
    assert key(_multipart(one, content)) == key(_multipart(other, content, quoted))


@SOME
@given(st.binary(max_size=20), st.binary(max_size=20), boundaries)
def test_content_of_a_part_changes_the_key(one: bytes, other: bytes, boundary: str) -> None:
    same = key(_multipart(boundary, one)) == key(_multipart(boundary, other))
    assert same == (one == other)


@SOME
@given(st.sampled_from(("form-data", "mixed; boundary", 'mixed; boundary="', "x; boundary=€")))
def test_multipart_without_a_proper_boundary(rest: str) -> None:
    request = Request("POST", URL, (("Content-Type", f"multipart/{rest}"),), b"abc")
    assert key(request) == key(request)


@SOME
@given(json_bodies)
def test_gzip_is_decompressed(body: bytes) -> None:
    coded = (*JSON, ("Content-Encoding", "gzip"))
    early = Request("POST", URL, coded, gzip.compress(body, mtime=0))
    late = Request("POST", URL, coded, gzip.compress(body, 1, mtime=99))
    assert key(early) == key(late) == key(Request("POST", URL, coded, body))


@SOME
@given(bodies, st.sampled_from((b"", b"\x1f\x8b", b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03")))
def test_broken_gzip_is_compared_by_its_bytes(body: bytes, start: bytes) -> None:
    coded = (("Content-Type", "text/plain"), ("Content-Encoding", "gzip"))
    request = Request("POST", URL, coded, start + body)
    assert canonical_body(request) == start + body


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"])
def test_other_method_changes_the_key(method: str) -> None:
    assert key(Request("GET", URL)) != key(Request(method, URL))
    assert legacy_key(Request("GET", URL)) != legacy_key(Request(method, URL))
    assert key(Request(method.lower(), URL)) == key(Request(method, URL))


# --- headers ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "in_key"),
    [
        ("Accept", "text/html, */*;q=0.8", "text/html, */*;q=0.8"),
        ("Range", "bytes=0-99", "bytes=0-99"),
        ("If-Match", '"1"', '"1"'),
        ("If-None-Match", "*", "*"),
        ("If-Modified-Since", "Sat, 31 Jan 2026", "Sat, 31 Jan 2026"),
        ("If-Range", "a", "a"),
        ("Idempotency-Key", "12", "12"),
        ("Prefer", "return=minimal", "return=minimal"),
        ("X-HTTP-Method-Override", "PATCH", "PATCH"),
        ("X-GitHub-Api-Version", "2022-11-28", "2022-11-28"),
        ("Api-Version", "2", "2"),
        ("Content-Type", "Application/JSON; charset=utf-8", "application/json"),
        ("Authorization", "Bearer abc", "bearer"),
        ("Authorization", "abc", "present"),
        ("Authorization", "Bearer", "bearer"),
        ("Proxy-Authorization", "Basic abc", "present"),
        ("X-Api-Key", "abc", "present"),
        ("X-Auth-Token", "abc", "present"),
        ("Cookie", "theme=dark; sessionid=abc", "present"),
    ],
)
def test_headers_in_the_key(name: str, value: str, in_key: str) -> None:
    assert key_headers(((name, value),)) == ((name.lower(), in_key),)
    assert key(Request("GET", URL, ((name, value),))) != key(Request("GET", URL))
    assert key(Request("GET", URL, ((name.upper(), value),))) == key(
        Request("GET", URL, ((name.lower(), value),))
    )


@pytest.mark.parametrize(
    "name",
    [
        "User-Agent",
        "Accept-Encoding",
        "Accept-Language-X",
        "Host",
        "Connection",
        "Content-Length",
        "X-Request-Id",
        "X-Correlation-Id",
        "Traceparent",
        "Tracestate",
        "Date",
        "WWW-Authenticate",
        "X-Anything",
    ],
)
def test_headers_not_in_the_key(name: str) -> None:
    assert key_headers(((name, "a"),)) == ()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ((("Authorization", "Bearer a"),), (("authorization", "Bearer b"),), True),
        ((("Authorization", "Bearer a"),), (("Authorization", "Basic b"),), False),
        ((("Authorization", "Bearer a"),), (("Authorization", "bearer "),), True),
        ((("Authorization", "Bearer a"),), (("X-Api-Key", "a"),), False),
        ((("Cookie", "a=1"),), (), True),
        ((("Cookie", "a=1; session=2"),), (("Cookie", "session=3"),), True),
        ((("Cookie", "session=2"),), (), False),
        ((("Accept", "a"),), (("Accept", "b"),), False),
        ((("Accept", "a, b"),), (("Accept", "a,b"),), True),
        ((("Accept", "a"), ("Range", "b")), (("Range", "b"), ("Accept", "a")), True),
        ((("If-Match", "a"),), (("If-None-Match", "a"),), False),
        ((("Content-Type", "a/b; c=d"),), (("content-type", "A/B"),), True),
        ((("Content-Type", "a/b"),), (("Content-Type", "a/c"),), False),
        ((("Content-Type", "a/b"),), (), False),
    ],
)
def test_pairs_of_headers(one: Headers, other: Headers, same: bool) -> None:
    assert (key(Request("GET", URL, one)) == key(Request("GET", URL, other))) == same


@SOME
@given(headers, generators)
def test_order_and_case_of_headers_are_ignored(found: Headers, generator: random.Random) -> None:
    other = [(name.swapcase(), value) for name, value in found]
    generator.shuffle(other)
    assert key_headers(tuple(other)) == key_headers(found)


# --- keys of any request, and vcrpy's ---------------------------------------------------------


@MANY
@given(requests)
def test_every_request_has_a_key(request: Request) -> None:
    assert hash(key(request)) == hash(key(request))
    assert hash(legacy_key(request)) == hash(legacy_key(request))


@SOME
@given(requests, json_containers)
def test_legacy_key_ignores_headers_and_body(request: Request, value: Json) -> None:
    bare = Request(request.method, request.url, JSON, json.dumps(value).encode())
    assert legacy_key(bare) == legacy_key(request)


_vcrpy_urls = st.builds(
    lambda scheme, host, path, query: f"{scheme}://{host}{path}{query}",
    st.sampled_from(("http", "https")),
    st.sampled_from(("a", "a:80", "A", "a:443", "a:8000", "u:p@a", "b")),
    st.sampled_from(("", "/", "/b", "/b/", "/%7Eb", "/~b")),
    st.sampled_from(
        ("", "?", "?c=1", "?c=2", "?c=1&d=2", "?d=2&c=1", "?c=1&c=2", "?c=2&c=1", "?c=")
    ),
)


def _vcrpy_matches(one: str, other: str) -> bool:
    ours, theirs = VcrRequest("GET", one, b"", {}), VcrRequest("GET", other, b"", {})
    parts = (matchers.scheme, matchers.host, matchers.port, matchers.path, matchers.query)
    try:
        for part in parts:
            part(ours, theirs)
    except AssertionError:
        return False
    return True


@MANY
@given(_vcrpy_urls, _vcrpy_urls)
def test_requests_that_vcrpy_matches_have_equal_legacy_keys(one: str, other: str) -> None:
    """A legacy cassette answers at least the requests that vcrpy answers from it."""
    if _vcrpy_matches(one, other):
        assert legacy_key(Request("GET", one)) == legacy_key(Request("GET", other))
