"""The walk through an interaction: which candidates are visited, and that all else stays."""

from __future__ import annotations

import base64
import json
from urllib.parse import parse_qs

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pytest_reprise.exchange import Headers, Request, Response
from pytest_reprise.scrub.rules.ruleset import Rules
from pytest_reprise.scrub.walk import urls
from pytest_reprise.scrub.walk.candidates import Candidate, Visitor, Walk
from pytest_reprise.scrub.walk.interaction import visit_outcome, visit_request
from pytest_reprise.scrub.walk.json_scalars import replace_scalars, scalars
from pytest_reprise.scrub.walk.nested import visit_text

from ..harness.strategies import (
    MANY,
    SOME,
    Json,
    bodies,
    header_values,
    json_containers,
    requests,
    responses,
)

URL = "http://api.test/users"
JSON = (("Content-Type", "application/json"),)
FORM = (("Content-Type", "application/x-www-form-urlencoded"),)


def rewrite_request(request: Request, visit: Visitor) -> Request:
    return visit_request(request, Walk(Rules(), visit))


def rewrite_response(response: Response, visit: Visitor) -> Response:
    visited = visit_outcome(response, Walk(Rules(), visit))
    assert isinstance(visited, Response)
    return visited


def rewrite_url(url: str, visit: Visitor) -> str:
    return urls.visit_url(url, Walk(Rules(), visit), visit_text)


class _Visits:
    """Notes name and value of each candidate, and puts X there."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str | None]] = []

    def __call__(self, candidate: Candidate) -> str:
        self.seen.append((candidate.name, candidate.value))
        return "X"


def _body(body: bytes, headers: Headers = JSON) -> tuple[bytes, list[tuple[str, str | None]]]:
    visits = _Visits()
    rewritten = rewrite_request(Request("POST", URL, headers, body), visits)
    return rewritten.body, visits.seen


def _header(name: str, value: str) -> tuple[str, list[tuple[str, str | None]]]:
    visits = _Visits()
    rewritten = rewrite_response(Response(200, headers=((name, value),)), visits)
    assert rewrite_request(Request("GET", URL, ((name, value),)), _Visits()).headers == (
        rewritten.headers
    )
    return rewritten.headers[0][1], visits.seen


def _basic(pair: str) -> str:
    return "Basic " + base64.b64encode(pair.encode()).decode()


@pytest.mark.parametrize(
    ("name", "value", "left", "seen"),
    [
        ("X-Api-Key", "abc", "X", [("x-api-key", "abc")]),
        ("X-Api-Key", "", "X", [("x-api-key", "")]),
        ("Authorization", "Bearer abc", "Bearer X", [("authorization", "abc")]),
        ("Authorization", "abc", "X", [("authorization", "abc")]),
        ("Authorization", "Token a b", "Token X", [("authorization", "a b")]),
        ("Proxy-Authorization", "Bearer abc", "Bearer X", [("proxy-authorization", "abc")]),
        ("Authorization", _basic("ada:pw"), _basic("ada:X"), [("authorization", "pw")]),
        ("Authorization", _basic("ada:p:w"), _basic("ada:X"), [("authorization", "p:w")]),
        ("authorization", _basic("é:ü"), _basic("é:X"), [("authorization", "ü")]),
        ("Authorization", _basic("sk_key:"), _basic("X:"), [("authorization", "sk_key")]),
        ("Authorization", "Basic n0t-b64!", "Basic X", [("authorization", "n0t-b64!")]),
        ("Authorization", _basic("none"), "Basic X", [("authorization", _basic("none")[6:])]),
        ("Cookie", "sid=abc", "sid=X", [("sid", "abc")]),
        ("Cookie", "a=b; sid=c; theme=d", "a=b; sid=X; theme=d", [("sid", "c")]),
        ("Cookie", "a=" + "b" * 16, "a=X", [("a", "b" * 16)]),
        ("Cookie", "a=" + "b" * 15, "a=" + "b" * 15, []),
        ("Cookie", "sid=a=b==", "sid=X", [("sid", "a=b==")]),
        ("Cookie", "nonsense", "nonsense", []),
        ("Set-Cookie", "sid=abc; Path=/; HttpOnly", "sid=X; Path=/; HttpOnly", [("sid", "abc")]),
        ("Set-Cookie", "a=b; Path=/sid=c", "a=b; Path=/sid=c", []),
        ("Location", "/a?token=b#c", "/a?token=X#c", [("token", "b")]),
        ("Location", "/a?b=c", "/a?b=c", []),
        ("ETag", '"abc"', '"abc"', []),
        ("X-Request-Id", "abc", "abc", []),
        ("Idempotency-Key", "abc", "abc", []),
        ("WWW-Authenticate", "Bearer realm=a", "Bearer realm=a", []),
    ],
)
def test_headers(name: str, value: str, left: str, seen: list[tuple[str, str]]) -> None:
    assert _header(name, value) == (left, seen)


@pytest.mark.parametrize(
    ("query", "left", "seen"),
    [
        ("token=abc", "token=X", [("token", "abc")]),
        ("a=b&token=c&d=e", "a=b&token=X&d=e", [("token", "c")]),
        ("api_key=a%20b%2Bc+d", "api_key=X", [("api_key", "a b+c d")]),
        ("api%5Fkey=a", "api%5Fkey=X", [("api_key", "a")]),
        ("user[password]=a", "user[password]=X", [("user[password]", "a")]),
        ("token=a&token=b", "token=X&token=X", [("token", "a"), ("token", "b")]),
        ("token=", "token=X", [("token", "")]),
        ("token", "token", []),
        ("page_token=a&tokens_used=1&key=b", "page_token=a&tokens_used=1&key=b", []),
        ("a=%zz&&=&password=%zz", "a=%zz&&=&password=X", [("password", "%zz")]),
    ],
)
def test_query_and_form(query: str, left: str, seen: list[tuple[str, str]]) -> None:
    visits = _Visits()
    assert rewrite_url(f"{URL}?{query}#top", visits) == f"{URL}?{left}#top"
    assert visits.seen == seen
    assert _body(query.encode(), FORM) == (left.encode(), seen)


@pytest.mark.parametrize(
    ("text", "left", "seen"),
    [
        ('{"password": "abc"}', '{"password": "X"}', [("password", "abc")]),
        ('{ "a":1,\n"token" : "b" }', '{ "a":1,\n"token" : "X" }', [("token", "b")]),
        ('{"a":{"b":[{"apiKey":"c"}]}}', '{"a":{"b":[{"apiKey":"X"}]}}', [("a.b[].apiKey", "c")]),
        (
            '{"tokens":["a","b"],"c":"d"}',
            '{"tokens":["X","X"],"c":"d"}',
            [("tokens[]", "a"), ("tokens[]", "b")],
        ),
        ('{"token":"a\\"b\\u00e9"}', '{"token":"X"}', [("token", 'a"bé')]),
        ('{"otp":123456}', '{"otp":"X"}', [("otp", "123456")]),
        ('{"token":null}', '{"token":"X"}', [("token", None)]),
        ('{"password":true,"token":false}', '{"password":true,"token":false}', []),
        ('{"password":{"min":8}}', '{"password":{"min":8}}', []),
        ('{"password":{"min":8},"a":"b"}', '{"password":{"min":8},"a":"b"}', []),
        ('{"a":"password"}', '{"a":"password"}', []),
        ('["password","b"]', '["password","b"]', []),
        ('{"token_type":"bearer"}', '{"token_type":"bearer"}', []),
        # It is no JSON as a whole, so it is searched as a text once more.
        (
            '{"password":"a","token":',
            '{"password":"X","token":',
            [("password", "a"), ("password", "X")],
        ),
        (
            '{"a":"\\"password\\":\\"b\\""}',
            '{"a":"\\"password\\":\\"X\\""}',
            [("password", "b"), ("password", "X")],
        ),
    ],
)
def test_json(text: str, left: str, seen: list[tuple[str, str | None]]) -> None:
    assert _body(text.encode()) == (left.encode(), seen)


@pytest.mark.parametrize(
    "media",
    [
        "application/json",
        "application/problem+json; charset=utf-8",
        "text/json",
        "APPLICATION/JSON",
    ],
)
def test_json_by_any_name(media: str) -> None:
    assert _body(b'{"password":"a"}', (("content-type", media),))[0] == b'{"password":"X"}'


@pytest.mark.parametrize("media", ["text/plain", "application/octet-stream", ""])
def test_json_that_is_not_called_so(media: str) -> None:
    body = b'{"password":"a"}'
    assert _body(body, (("content-type", media),))[0] == b'{"password":"X"}'


def test_json_in_the_wrong_charset() -> None:
    assert _body(b'{"password":"\xff"}') == (b'{"password":"X"}', [("password", "\xff")])


def test_candidate_has_the_kind_of_its_value() -> None:
    found: list[Candidate] = []

    def note(candidate: Candidate) -> None:
        found.append(candidate)

    body = b'{"password":"a","token":"b","otp":1}'
    assert rewrite_request(Request("POST", URL, JSON, body), note).body == body
    assert found == [
        Candidate("password", "password", "a", "field", "request body"),
        Candidate("token", "token", "b", "field", "request body", has_weak_name=True),
        Candidate("otp", "code", "1", "field", "request body", is_string=False),
    ]


@pytest.mark.parametrize("held", ["*", "a b&c=d", 'a"b\\', "é\n", "%41"])
def test_replacement_can_be_read_again(held: str) -> None:
    """Whatever it is, the place stays well-formed."""

    def put(_slot: Candidate) -> str:
        return held

    changed = rewrite_request(Request("POST", f"{URL}?token=a", JSON, b'{"token":"a"}'), put)
    assert parse_qs(changed.url.partition("?")[2])["token"] == [held]
    assert json.loads(changed.body) == {"token": held}


# --- all else stays ---------------------------------------------------------------------------


def _leave(_slot: Candidate) -> None:
    return None


@MANY
@given(requests)
@example(Request("GET", URL + "?a=b#"))
@example(Request("GET", "HTTP://A/?a=b"))
@example(Request("GET", "http:///a?b"))
@example(Request("GET", URL, (("Referer", "?#"), ("Cookie", "a=b;c=d;  sid=e"))))
@example(Request("GET", URL, (("Authorization", "Basic YTpiYR=="),)))
@example(Request("GET", URL, (("Authorization", "BASIC  YTpi"),)))
def test_request_without_a_visit_stays(request: Request) -> None:
    assert rewrite_request(request, _leave) == request


@MANY
@given(responses)
@example(Response(302, headers=(("Location", "/login?next=a#"),)))
@example(Response(302, headers=(("Location", " /login?next=a\t"),)))
def test_response_without_a_visit_stays(response: Response) -> None:
    assert rewrite_response(response, _leave) == response


@SOME
@given(
    st.sampled_from(("Location", "Cookie", "Set-Cookie", "Authorization", "Referer", "X-Api-Key")),
    header_values,
)
@example("Location", "http://[::1?token=a")
@example("Referer", "http://[a]/")
@example("Authorization", "Basic ====")
def test_any_header_is_taken(name: str, value: str) -> None:
    rewritten, _ = _header(name, value)
    assert isinstance(rewritten, str)


@SOME
@given(bodies, st.sampled_from((JSON, FORM)))
def test_any_body_is_taken(body: bytes, headers: Headers) -> None:
    rewritten, seen = _body(body, headers)
    assert seen or rewritten == body


# --- JSON scalars -----------------------------------------------------------------------------


@SOME
@given(json_containers, st.booleans(), st.sampled_from((None, 2)))
def test_scalars_are_those_of_the_json_value(
    value: Json, ascii_only: bool, indent: int | None
) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    found = [json.loads(scalar.written) for scalar in scalars(text)]
    assert found == list(_leaves(value))
    for scalar in scalars(text):
        assert text[scalar.start : scalar.end] == scalar.written


def _leaves(value: Json) -> list[Json]:
    if isinstance(value, dict):
        return [leaf for item in value.values() for leaf in _leaves(item)]
    if isinstance(value, list):
        return [leaf for item in value for leaf in _leaves(item)]
    return [value]


@SOME
@given(json_containers)
def test_rewritten_json_has_the_same_shape(value: Json) -> None:
    text = json.dumps(value)
    assert replace_scalars(text, lambda scalar: scalar.written) == text
    emptied = json.loads(replace_scalars(text, lambda _scalar: "0"))
    assert emptied == _emptied(value)


def _emptied(value: Json) -> Json:
    if isinstance(value, dict):
        return {name: _emptied(item) for name, item in value.items()}
    return [_emptied(item) for item in value] if isinstance(value, list) else 0


@SOME
@given(st.text('{}[],:"\\ abntrue12', max_size=30))
def test_any_text_has_scalars(text: str) -> None:
    assert replace_scalars(text, lambda _scalar: None) == text
    assert all(text[s.start : s.end] == s.written for s in scalars(text))
