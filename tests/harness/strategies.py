"""Hypothesis strategies for requests, responses, interactions and cassettes."""

from __future__ import annotations

import json
import random
import string
from datetime import UTC, datetime
from typing import Any, TypeAlias

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from pytest_reprise.cassette.json_blocks import JSON_STYLES
from pytest_reprise.cassette.model import Cassette, Header
from pytest_reprise.exchange import Failure, Headers, Interaction, Latency, Request, Response

from .chance import SEED, TIMES

settings.register_profile("tests", deadline=None, derandomize=SEED == 0, database=None)
settings.load_profile("tests")
FEW = settings(max_examples=20 * TIMES)
SOME = settings(max_examples=50 * TIMES)
MANY = settings(max_examples=120 * TIMES)
VERY_MANY = settings(max_examples=500 * TIMES)
FUZZ = settings(
    max_examples=60 * TIMES,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

ODD_CHARACTERS = (
    "\x00\x07\x1b\x7f\x85\xa0\u2028\u2029\ufeff\ufffe\U0001f600\r\n\t \"'\\:#-{}[]&*!|>%@`~"
)
texts = st.text(max_size=12) | st.text(ODD_CHARACTERS, max_size=8)

_scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
)
json_values: st.SearchStrategy[Json] = st.recursive(
    _scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=8,
)
json_containers: st.SearchStrategy[Json] = st.lists(json_values, max_size=4) | st.dictionaries(
    texts, json_values, max_size=4
)

ODD_BODIES = (
    b"",
    b"\n",
    b"\n\n",
    b" \n a",
    b"a\n ",
    b"a \nb\n\n",
    b"\ta\n",
    b"a\r\nb\r\n",
    b"a\rb",
    b"---\nb\n...\n",
    b"<<<<<<< ours\n=======\n>>>>>>> theirs\n",
    "x\ny\x85z\u2028\u2029\n".encode(),
    b"\xef\xbb\xbfabc\nd",
    b'\xef\xbb\xbf{"a": 1}',
    b"nu\x00l",
    b"\x1b[0m\n",
    b"\xff\xfe",
    '{"a": 1}'.encode("utf-16"),
    b'{"a": "\\ud800"}',
    '{"a":"\x7f\x85\u2028\ufeff"}'.encode(),
    b'{"a":1,"a":2}',
    b'{"a": 1.0, "b": 1e5, "c": 1E5, "d": -0, "e": -0.0}',
    b'{"a":' + b"9" * 30 + b"}",
    b"[" + b"9" * 5000 + b"]",
    b"[1e999,NaN,Infinity,-Infinity]",
    b"[NaN]",
    b'{\n  "a": 1\n}',
    b'{"a":1} ',
    b'{"a":1}\n\n',
    b'{"a":1',
    b'{"\\u0061":1}',
    b'{"a":"\\/"}',
    b"[" * 200 + b"]" * 200,
    b"[" * 5000 + b"]" * 5000,
    b"{",
    b"[]",
    b"{}\n",
    b"null",
    b"~",
    b"2020-01-01",
    b"=",
    b"<<",
    b"yes",
    b"0x10",
)


def _in_style(value: Json, style: str) -> bytes:
    return JSON_STYLES[style].write(value)


json_bodies = st.builds(_in_style, json_containers, st.sampled_from(sorted(JSON_STYLES)))
_nearly_json = st.one_of(
    st.builds(
        lambda value, n: json.dumps(value, indent=n).encode(), json_values, st.integers(0, 3)
    ),
    st.builds(lambda body, end: body + end, json_bodies, st.binary(min_size=1, max_size=3)),
    st.builds(lambda body: body[:-1], json_bodies),
    st.dictionaries(texts, st.text(st.characters(), max_size=4), max_size=2).map(
        lambda value: json.dumps(value).encode()
    ),
)
bodies = st.one_of(
    texts.map(str.encode),
    st.binary(max_size=20),
    json_bodies,
    _nearly_json,
    st.sampled_from(ODD_BODIES),
)

header_names = st.sampled_from(
    ("Set-Cookie", "content-type", "X-Y", "null", "yes", "on", "12", "~")
) | st.text(string.ascii_letters + string.digits + "-_!#$&'*+.^`|~", min_size=1, max_size=12)
header_values = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF), max_size=12)


def _repeated(found: list[tuple[str, list[str]]]) -> Headers:
    return tuple((name, value) for name, values in found for value in values)


headers = st.lists(
    st.tuples(header_names, st.lists(header_values, min_size=1, max_size=3)),
    max_size=4,
    unique_by=lambda header: header[0].lower(),
).map(_repeated)
"""Headers in any order of names, with the values of a name together, and one spelling of it."""

urls = st.text(string.ascii_letters + string.digits + "-._~:/?#[]@!$&'()*+,;=%", max_size=20).map(
    lambda rest: f"http://api.test/{rest}"
)
methods = st.sampled_from(("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "PURGE", "null", "NO"))
requests = st.builds(Request, methods, urls, headers, bodies)

failures = st.builds(
    Failure,
    st.sampled_from(("ConnectError", "ConnectTimeout", "ReadTimeout", "ReadError", "Cancelled")),
    texts,
)


@st.composite
def _responses(draw: st.DrawFn) -> Response:
    body = draw(bodies)
    cuts = draw(st.lists(st.integers(0, len(body)), max_size=3).map(sorted))
    sizes = tuple(b - a for a, b in zip([0, *cuts], [*cuts, len(body)], strict=True))
    return Response(
        draw(st.integers(100, 599)),
        draw(st.sampled_from(("OK", "", "Not Found", "null", "404", "Nö"))),
        draw(headers),
        body,
        draw(st.sampled_from(("HTTP/1.1", "HTTP/2", "HTTP/1.0"))),
        sizes if cuts else (),
        draw(st.none() | failures),
    )


responses = _responses()
_seconds = st.floats(0, 1e6).map(lambda seconds: round(seconds, 3))
interactions = st.builds(
    Interaction,
    requests,
    responses | failures,
    st.just("") | texts,
    _seconds,
    st.none() | st.builds(Latency, _seconds, st.none() | _seconds),
)
_moments = st.datetimes(datetime(1970, 1, 1), datetime(2999, 12, 31), timezones=st.just(UTC))
cassette_headers = st.builds(
    Header,
    _moments,
    st.just("pytest-reprise 0.1.0, httpx 0.28.1") | texts,
    st.just("") | texts,
    st.none() | st.integers(0, 2**32 - 1),
    st.just("") | st.just("https://staging.example.com/v2"),
    st.dictionaries(texts, json_values, max_size=2),
    st.none() | _moments,
)
cassettes = st.builds(
    Cassette,
    st.lists(interactions, max_size=3).map(tuple),
    st.none() | cassette_headers,
)
signed_cassettes = st.builds(
    Cassette, st.lists(interactions, max_size=3).map(tuple), cassette_headers
)


def shuffled(value: Json, generator: random.Random) -> Json:
    """Return the same JSON value with the keys of its objects in another order."""
    if isinstance(value, dict):
        names = list(value)
        generator.shuffle(names)
        return {name: shuffled(value[name], generator) for name in names}
    return [shuffled(item, generator) for item in value] if isinstance(value, list) else value


def places(value: Json, here: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Return the places of `value` and of all values in it, as keys and positions."""
    found = [here]
    if isinstance(value, dict):
        found += (p for name, item in value.items() for p in places(item, (*here, name)))
    elif isinstance(value, list):
        found += (p for n, item in enumerate(value) for p in places(item, (*here, n)))
    return found


def replaced(value: Json, place: tuple[str | int, ...], new: Json) -> Json:
    """Return a copy of `value` with `new` at `place`."""
    if not place:
        return new
    step, rest = place[0], place[1:]
    if isinstance(value, dict):
        return {n: replaced(v, rest, new) if n == step else v for n, v in value.items()}
    assert isinstance(value, list)
    return [replaced(v, rest, new) if n == step else v for n, v in enumerate(value)]


# --- what releases of vcrpy have written ------------------------------------------------------

_plain_names = st.sampled_from(("Accept", "content-type", "X-It", "content-encoding"))
_plain_values = st.sampled_from(("application/json", "text/plain", "gzip", "*/*", "1"))
_legacy_headers = st.one_of(
    st.dictionaries(_plain_names, st.lists(_plain_values, min_size=1, max_size=2), max_size=3),
    st.dictionaries(_plain_names, _plain_values, max_size=3),
    st.lists(st.tuples(_plain_names, st.lists(_plain_values, min_size=1, max_size=2)), max_size=3),
)
_words = st.text("ab {}\"\n:#'é1", max_size=12)
_legacy_bodies = st.one_of(_words, st.just('{"n": 1, "of": [1, 2.5, null]}'), st.none())


def legacy_interactions() -> st.SearchStrategy[dict[str, Any]]:
    """Interactions as vcrpy has written them, without secrets, and as JSON can hold them."""
    request = st.fixed_dictionaries(
        {
            "method": st.sampled_from(("GET", "POST")),
            "uri": st.sampled_from(("http://api.test/a", "http://api.test/a?y=2&x=é")),
            "body": _legacy_bodies | st.lists(st.integers(), max_size=2),
            "headers": _legacy_headers | st.none(),
        }
    )
    today = st.fixed_dictionaries(
        {
            "status": st.fixed_dictionaries(
                {"code": st.sampled_from((200, 404)), "message": st.sampled_from(("OK", None))}
            ),
            "headers": _legacy_headers,
            "body": st.fixed_dictionaries({"string": _legacy_bodies}) | st.just({}),
        }
    )
    first_httpx = st.fixed_dictionaries(
        {
            "status_code": st.sampled_from((200, 404)),
            "http_version": st.just("HTTP/1.1"),
            "headers": _legacy_headers,
            "content": _legacy_bodies,
        }
    )
    return st.fixed_dictionaries({"request": request, "response": today | first_httpx})
