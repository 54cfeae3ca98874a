"""The scrubber replaces secrets by placeholders and leaves everything else unchanged."""

from __future__ import annotations

import base64
import gzip
import json
import threading
import time
import zlib
from collections.abc import Callable, Iterable
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pytest_reprise.content_codings import codings_of, compress_all
from pytest_reprise.exchange import (
    Failure,
    Headers,
    Interaction,
    Request,
    Response,
    header,
)
from pytest_reprise.scrub.content.compression import decompress
from pytest_reprise.scrub.environment import environment_secrets
from pytest_reprise.scrub.replace.placeholders import form_of, is_placeholder, is_whole_placeholder
from pytest_reprise.scrub.replace.structures import structure_of
from pytest_reprise.scrub.replace.vault import Vault, is_searchable
from pytest_reprise.scrub.rules.vendors import VENDORS, Vendor
from pytest_reprise.scrub.scrubber import Scrubber
from pytest_reprise.scrub.walk.token_search import detectors_for

from ..harness.strategies import (
    FEW,
    MANY,
    SOME,
    Json,
    bodies,
    interactions,
    json_containers,
    requests,
    texts,
)

URL = "http://api.test/users"
JSON = (("Content-Type", "application/json"),)
FORM = (("Content-Type", "application/x-www-form-urlencoded"),)
CODED = (("Content-Encoding", "gzip"),)
SECRET = "hunter2" * 4
PLAIN = Request("GET", URL)
OK = Response(200)


def _scrubbed(*found: Interaction, known: Iterable[tuple[str, str]] = ()) -> list[Interaction]:
    return list(Scrubber(Vault(known)).scrub(found))


def _request(request: Request) -> Request:
    return _scrubbed(Interaction(request, Response(204)))[0].request


def _response(response: Response) -> Response:
    outcome = _scrubbed(Interaction(PLAIN, response))[0].outcome
    assert isinstance(outcome, Response)
    return outcome


def _json(value: Json) -> Json:
    answer: Json = json.loads(_response(Response(200, "", JSON, json.dumps(value).encode())).body)
    return answer


# --- places of secrets -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "written"),
    [
        ("Authorization", f"Bearer {SECRET}", "Bearer redactedtoken1aaaaaaaaaaaaaa"),
        ("Authorization", SECRET, "redactedtoken1aaaaaaaaaaaaaa"),
        (
            "Authorization",
            "Basic " + base64.b64encode(f"{SECRET}:".encode()).decode(),
            "Basic " + base64.b64encode(b"redactedkey1aaaaaaaaaaaaaaaa:").decode(),
        ),
        ("X-Api-Key", SECRET, "redactedkey1aaaaaaaaaaaaaaaa"),
        ("x-auth-token", SECRET, "redactedtoken1aaaaaaaaaaaaaa"),
        ("Stripe-Signature", "t=1,v1=abc", "redacted1a"),
        (
            "Cookie",
            f"theme=dark; sessionid={SECRET}",
            "theme=dark; sessionid=redactedcookie1aaaaaaaaaaaaa",
        ),
        ("Set-Cookie", f"sid={SECRET}; HttpOnly", "sid=redactedcookie1aaaaaaaaaaaaa; HttpOnly"),
        ("Location", f"/login?token={SECRET}", "/login?token=redactedtoken1aaaaaaaaaaaaaa"),
        ("X-Api-Key", "12345678", "12345678"),
        ("ETag", f'"{SECRET}"', f'"{SECRET}"'),
        ("X-Request-Id", SECRET, SECRET),
        ("WWW-Authenticate", "Bearer realm=users", "Bearer realm=users"),
        ("Cookie", "theme=dark; lang=en", "theme=dark; lang=en"),
    ],
)
def test_headers(name: str, value: str, written: str) -> None:
    headers = ((name, value),)
    assert _request(Request("GET", URL, headers)).headers == ((name, written),)
    assert _response(Response(200, headers=headers)).headers == ((name, written),)


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ({"password": SECRET}, {"password": "redactedpassword1aaaaaaaaaaa"}),
        ({"password": "ab"}, {"password": "Redacted-password-1"}),
        ({"a": [{"apiKey": SECRET}]}, {"a": [{"apiKey": "redactedkey1aaaaaaaaaaaaaaaa"}]}),
        (
            {"tokens": [SECRET, "b" * 20]},
            {"tokens": ["redactedtoken1aaaaaaaaaaaaaa", "redactedtokenxcaaaaa"]},
        ),
        ({"token": "abcdefg1"}, {"token": "r0000001"}),
        ({"token": "a" * 20}, {"token": "redactedtokenxbaaaaa"}),
        ({"otp": "123456"}, {"otp": "900001"}),
    ],
)
def test_json_with_secrets(given: Json, written: Json) -> None:
    assert _json(given) == written


@pytest.mark.parametrize(
    "value",
    [
        {"password": None},
        {"password": True, "token": False},
        {"password": ""},
        {"password": "must be at least 8 characters"},
        {"password": ["This field is required."]},
        {"token": "The token has expired"},
        {"token": "bearer"},
        {"token": "abc12"},
        {"auth": "basic"},
        {"pass": "economy"},
        {"credentials": "include"},
        {"password": {"min_length": 8}},
        {"token_type": "bearer", "token_url": "http://api.test/token", "max_tokens": 20},
        {"next_page_token": "abcdefghijklmnop1234"},
        {"detail": [{"loc": ["body", "password"], "msg": "Field required"}]},
        {"password": "Redacted-password-7"},
    ],
)
def test_json_without_secrets_stays(value: Json) -> None:
    assert _json(value) == value


def test_query_and_form() -> None:
    body = f"user=ada&password={SECRET}&page=2".encode()
    scrubbed = _request(Request("POST", f"{URL}?api_key={SECRET}x&page=1", FORM, body))
    assert scrubbed.url == f"{URL}?api_key=redactedkey1aaaaaaaaaaaaaaaaa&page=1"
    assert scrubbed.body == b"user=ada&password=Redacted-password-1&page=2"


# --- one value, one placeholder ---------------------------------------------------------------


def test_one_value_has_one_placeholder_across_calls() -> None:
    scrubber = Scrubber(Vault())
    log_in = Interaction(
        Request("POST", URL, JSON, b'{"password":"ada\'s password"}'),
        Response(200, "OK", JSON, f'{{"access_token":"{SECRET}"}}'.encode()),
    )
    use = Interaction(Request("GET", URL, (("Authorization", f"Bearer {SECRET}"),)), Response(200))
    other = Interaction(
        Request("GET", URL, (("Authorization", "Bearer another-token"),)), Response(200)
    )
    first, second, third = scrubber.scrub([log_in, use, other])
    assert isinstance(first.outcome, Response)
    assert first.outcome.body == b'{"access_token":"redactedtoken1aaaaaaaaaaaaaa"}'
    assert second.request.headers == (("Authorization", "Bearer redactedtoken1aaaaaaaaaaaaaa"),)
    assert third.request.headers == (("Authorization", "Bearer redacte-dxcaa"),)
    assert scrubber.scrub([use]) == (second,)
    assert scrubber.vault.placeholder_count == 3


@SOME
@given(st.lists(st.text(min_size=1, max_size=6), max_size=12))
def test_as_many_placeholders_as_values(values: list[str]) -> None:
    vault = Vault()
    found = [vault.placeholder_for("token", value) for value in values]
    assert len(set(found)) == len(set(values)) == vault.placeholder_count
    assert all(map(is_placeholder, found))
    assert [vault.placeholder_for("token", placeholder) for placeholder in found] == found


@SOME
@given(st.text(min_size=4, max_size=20))
def test_placeholder_is_not_made_from_the_secret(value: str) -> None:
    if is_whole_placeholder(value):
        assert Vault().placeholder_for("token", value) == value
    elif structure_of(value) is None:
        assert Vault().placeholder_for("token", value) == form_of(value).make("token", 1, value)


def test_ordinals_do_not_depend_on_the_environment() -> None:
    """A secret of the environment takes an ordinal when it is first found."""
    vault = Vault([("token", "t0ken-of-somebody"), ("token", SECRET)])
    assert vault.placeholder_count == 0
    assert vault.redact_text(f"a {SECRET} b") == "a redactedtoken1aaaaaaaaaaaaaa b"


def test_known_value_keeps_its_kind() -> None:
    known = [("password", SECRET)]
    found = Interaction(
        Request("GET", URL, (("Authorization", f"Bearer {SECRET}"),)), Response(200)
    )
    assert _scrubbed(found, known=known)[0].request.headers[0][1] == "Bearer Redacted-password-1"


@pytest.mark.parametrize(
    ("name", "value", "counts"),
    [
        ("STAGING_ADMIN_PASSWORD", SECRET, True),
        ("GITHUB_TOKEN", SECRET, True),
        ("apiKey", SECRET, True),
        ("PATH", SECRET, False),
        ("TOKEN_URL", SECRET, False),
        ("PASSWORD", "short12", False),
        ("PASSWORD", "postgres", False),
        ("PASSWORD", "PassWord", False),
        ("ACCESS_TOKEN", "36000000", False),
    ],
)
def test_secrets_of_the_environment(name: str, value: str, counts: bool) -> None:
    assert bool(list(environment_secrets({name: value}))) == counts


# --- known values are replaced everywhere -----------------------------------------------------

_PLACES: dict[str, Callable[[str], Interaction]] = {
    "URL path": lambda s: Interaction(Request("GET", f"{URL}/reset/{quote(s, safe='')}/x"), OK),
    "URL query": lambda s: Interaction(Request("GET", f"{URL}?q={quote(s, safe='')}"), OK),
    "request header": lambda s: Interaction(Request("GET", URL, (("X-Note", f"a {s}"),)), OK),
    "request text": lambda s: Interaction(Request("PUT", URL, (), f"a {s}".encode()), OK),
    "request form": lambda s: Interaction(
        Request("PUT", URL, FORM, f"q={quote(s, safe='')}".encode()), OK
    ),
    "response header": lambda s: Interaction(PLAIN, Response(200, headers=(("X-Note", s),))),
    "response text": lambda s: Interaction(PLAIN, Response(200, body=f"a {s} b".encode())),
    "response JSON": lambda s: Interaction(
        PLAIN, Response(200, "", JSON, json.dumps({"note": f"a {s} b"}).encode())
    ),
    "JSON key": lambda s: Interaction(
        PLAIN, Response(200, "", JSON, json.dumps({s: [1]}).encode())
    ),
    "reason": lambda s: Interaction(PLAIN, Response(400, f"no {s}")),
    "failure": lambda s: Interaction(PLAIN, Failure("ConnectError", f"no {s}")),
    "failure amid a body": lambda s: Interaction(
        PLAIN, Response(200, broken_by=Failure("ReadError", f"no {s}"))
    ),
    "gzip": lambda s: Interaction(
        PLAIN,
        Response(200, "", (("Content-Encoding", "gzip"),), gzip.compress(f"a {s}".encode())),
    ),
}


def _all_text(interaction: Interaction) -> str:
    request, outcome = interaction.request, interaction.outcome
    parts: list[object] = [request.url, request.headers, request.body.decode()]
    if isinstance(outcome, Response):
        plain = decompress(outcome.body, outcome.headers)
        assert plain is not None
        parts += outcome.reason, outcome.headers, plain.decode(), outcome.broken_by
    else:
        parts.append(outcome.message)
    return repr(parts)


@pytest.mark.parametrize("place", _PLACES)
@pytest.mark.parametrize("secret", [SECRET, "p/a+s=s&w?rd", "pass word 12", "p@ss:w%rd"])
def test_learned_value_is_replaced_everywhere(place: str, secret: str) -> None:
    log_in = Interaction(Request("POST", URL, JSON, json.dumps({"password": secret}).encode()), OK)
    # What is learned late is replaced in earlier calls too.
    for order in ([log_in, _PLACES[place](secret)], [_PLACES[place](secret), log_in]):
        text = "".join(map(_all_text, _scrubbed(*order)))
        assert secret not in text
        assert quote(secret, safe="") not in text
        assert text.count("Redacted-password-1") == 2


@pytest.mark.parametrize("place", _PLACES)
def test_known_value_is_replaced_everywhere(place: str) -> None:
    text = _all_text(_scrubbed(_PLACES[place](SECRET), known=[("key", SECRET)])[0])
    assert SECRET not in text
    assert "redactedkey1aaaaaaaaaaaaaaaa" in text


@pytest.mark.parametrize("value", ["postgres", "12345678", "short", "PASSWORD"])
def test_common_value_is_replaced_under_its_name_only(value: str) -> None:
    body = json.dumps({"password": value, "note": f"a {value} b"}).encode()
    scrubbed = _request(Request("POST", URL, JSON, body))
    placeholder = "Redacted-password-1"
    assert json.loads(scrubbed.body) == {"password": placeholder, "note": f"a {value} b"}
    assert not is_searchable(value)


def test_longer_value_is_replaced_first() -> None:
    vault = Vault([("token", "abc4efg-1"), ("token", "abc4efg-12")])
    assert vault.redact_text("abc4efg-12 abc4efg-1") == "redacted1a redacted2"


def test_message_and_request_in_it_hold_no_secret() -> None:
    scrubber = Scrubber(Vault([("key", SECRET)]))
    assert scrubber.scrub_text(f"no {SECRET}") == "no redactedkey1aaaaaaaaaaaaaaaa"
    shown = scrubber.scrub_request(Request("GET", f"{URL}/{SECRET}?token=abcdefgh1"))
    assert shown.url == f"{URL}/redactedkey1aaaaaaaaaaaaaaaa?token=redacted1"


def test_number_like_secret_leaves_numbers_alone() -> None:
    """A placeholder in the place of a number would make the JSON invalid."""
    value: Json = {"password": "12345678.5", "price": 12345678.5, "text": "-12345678.5"}
    scrubbed = _json(value)
    assert isinstance(scrubbed, dict)
    assert scrubbed["password"] == "Redacted-password-1"
    assert scrubbed["price"] == 12345678.5


# --- properties -------------------------------------------------------------------------------

_odd_secrets = st.sampled_from(
    (
        SECRET,
        "Redacted",
        "Redacted-token",
        "token-12",
        "edacted-password-1",
        "Redacted-token-1",
        "Redacted-token-1 and more",
        "a" * 30,
        "must be at least 8 characters",
        "null",
        "12345678",
        'quo"ted\\pass',
        "pässwörd 12 &=%",
        "",
    )
)
_secrets = _odd_secrets | texts
_secret_names = st.sampled_from(("password", "token", "api_key", "clientSecret", "otp", "note"))


@st.composite
def _with_secrets(draw: st.DrawFn) -> Interaction:
    fields = draw(st.dictionaries(_secret_names, _secrets, max_size=4))
    form = "&".join(f"{n}={quote(v)}" for n, v in fields.items())
    token, cookie = (draw(_odd_secrets) for _ in range(2))
    body = json.dumps(fields).encode()
    asked = (
        Request("POST", f"{URL}?{form}", JSON, body),
        Request("POST", URL, FORM, form.encode()),
        Request("GET", URL, (("Authorization", f"Bearer {token}"),)),
        Request("GET", URL, (("Cookie", f"sid={cookie}; a={token}"),)),
        Request("GET", f"{URL}/{quote(token)}"),
    )
    answered: tuple[Response | Failure, ...] = (
        Response(200, token, JSON, body),
        Response(200, "", (*JSON, *CODED), gzip.compress(body)),
        Response(200, "", (("Set-Cookie", f"sid={cookie}; Path=/"),)),
        Response(302, "", (("Location", f"/?{form}"),)),
        Response(200, "", (), f"say {token} or {cookie}".encode()),
        Failure("ConnectError", token),
    )
    return Interaction(draw(st.sampled_from(asked)), draw(st.sampled_from(answered)))


@MANY
@given(st.lists(_with_secrets(), max_size=4))
def test_scrubbing_twice_changes_nothing_more(found: list[Interaction]) -> None:
    scrubber = Scrubber(Vault())
    once = scrubber.scrub(found)
    assert scrubber.scrub(once) == once
    assert Scrubber(Vault()).scrub(once) == once


@MANY
@given(interactions)
def test_scrubbing_twice_changes_nothing_more_in_any_interaction(found: Interaction) -> None:
    once = _scrubbed(found)
    assert _scrubbed(*once) == once


@pytest.mark.parametrize("secret", ["Redacted", "token-12", "edacted-password-1"])
def test_secret_that_is_part_of_a_placeholder(secret: str) -> None:
    scrubber = Scrubber(Vault())
    learn = Interaction(Request("POST", URL, JSON, json.dumps({"password": secret}).encode()), OK)
    held = Interaction(Request("GET", URL, (("X-Auth-Token", "Redacted-token-12"),)), OK)
    once = scrubber.scrub([learn, held])
    assert once[1] == held
    assert scrubber.scrub(once) == once


@pytest.mark.parametrize(
    "request_",
    [
        Request("GET", URL, (("Cookie", "a=b:hunterxx"),)),
        Request("POST", URL, JSON, b'{"auth":"b hunterxx"}'),
        Request("POST", URL, FORM, b"pass=b+hunterxx"),
        Request("GET", f"{URL}?token=b:hunterxx"),
    ],
)
def test_value_does_not_become_a_secret_by_being_scrubbed(request_: Request) -> None:
    """A placeholder makes the value longer, and adds a digit."""
    learn = Interaction(Request("POST", URL, JSON, b'{"password":"hunterxx"}'), OK)
    scrubber = Scrubber(Vault())
    once = scrubber.scrub([learn, Interaction(request_, OK)])
    assert scrubber.scrub(once) == once


_harmless = st.dictionaries(
    st.sampled_from(("name", "email", "id", "token_type", "count", "items", "page_token")),
    st.text(max_size=8) | st.integers() | st.none() | st.lists(st.booleans(), max_size=2),
)


@SOME
@given(bodies, st.sampled_from((JSON, FORM, (), CODED, (("Content-Type", "text/csv"),))))
def test_body_without_a_secret_keeps_its_bytes(body: bytes, headers: Headers) -> None:
    request, response = Request("POST", URL, headers, body), Response(200, "", headers, body)
    [found] = _scrubbed(Interaction(request, response))
    assert found == Interaction(request, response)


@SOME
@given(
    _harmless, st.sampled_from((None, 2)), st.booleans(), st.sampled_from(("gzip", "deflate", ""))
)
def test_json_without_a_secret_keeps_its_bytes(
    value: dict[str, Json], indent: int | None, ascii_only: bool, coding: str
) -> None:
    headers = (*JSON, ("Content-Encoding", coding), ("Content-Length", "1"))
    plain = json.dumps(value, indent=indent, ensure_ascii=ascii_only).encode()
    body = compress_all(plain, codings_of(headers))
    response = Response(200, "OK", headers, body, chunks=(1, len(body) - 1))
    assert _response(response) == response


def _shape(value: Json) -> object:
    if isinstance(value, dict):
        return {name: _shape(item) for name, item in value.items()}
    return [_shape(item) for item in value] if isinstance(value, list) else type(value).__name__


@MANY
@given(
    st.recursive(
        _secrets | st.integers() | st.none() | st.booleans() | st.floats(allow_nan=False),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(_secret_names, inner, max_size=3)
        ),
        max_leaves=6,
    ).map(lambda value: {"password": value}),
    st.sampled_from((None, 2)),
)
@example({"password": ["12345678.5", 12345678.5]}, None)
@example({"otp": "287346912347", "password": [287346912347, " 287346912347"]}, 2)
def test_json_keeps_its_shape(value: Json, indent: int | None) -> None:
    body = json.dumps(value, indent=indent).encode()
    scrubbed = _response(Response(200, "", JSON, body)).body
    assert _shape(json.loads(scrubbed)) == _shape(value)


@SOME
@given(json_containers)
def test_request_and_response_are_scrubbed_in_the_same_way(value: Json) -> None:
    body = json.dumps({"secret": SECRET, "rest": value}).encode()
    [found] = _scrubbed(
        Interaction(Request("POST", URL, JSON, body), Response(200, "", JSON, body))
    )
    assert isinstance(found.outcome, Response)
    assert found.request.body == found.outcome.body != body


# --- lengths and compression ------------------------------------------------------------------


def _deflate(body: bytes) -> bytes:
    bare = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return bare.compress(body) + bare.flush()


@pytest.mark.parametrize(
    ("coding", "close"),
    [
        ("gzip", gzip.compress),
        ("GZip ", gzip.compress),
        ("x-gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", _deflate),
        ("identity", bytes),
    ],
)
def test_compressed_body_is_scrubbed(coding: str, close: Callable[[bytes], bytes]) -> None:
    body = close(f'{{"token":"{SECRET}","name":"Ada"}}'.encode())
    headers = (*JSON, ("Content-Encoding", coding), ("content-length", str(len(body))))
    scrubbed = _response(Response(200, "", headers, body, chunks=(5, len(body) - 5)))
    plain = decompress(scrubbed.body, scrubbed.headers)
    assert plain == b'{"token":"redactedtoken1aaaaaaaaaaaaaa","name":"Ada"}'
    assert header(scrubbed.headers, "content-encoding") == coding
    assert header(scrubbed.headers, "content-length") == str(len(scrubbed.body))
    assert sum(scrubbed.chunks) in (0, len(scrubbed.body))


def test_compressed_body_is_the_same_on_every_run() -> None:
    response = Response(
        200, "", (*JSON, *CODED), gzip.compress(f'{{"token":"{SECRET}"}}'.encode(), mtime=1)
    )
    scrubbed = _response(response)
    assert scrubbed.body[4:8] == bytes(4), "the time of compression"
    assert scrubbed == _response(response)


def test_length_is_updated_if_a_body_changes() -> None:
    length = ("Content-Length", "99")
    body = f'{{"password":"{SECRET}"}}'.encode()
    request = _request(Request("POST", URL, (*JSON, length), body))
    assert request.headers[-1] == ("Content-Length", str(len(request.body)))
    response = _response(Response(200, "", (length, *JSON), body))
    assert response.headers[0] == ("Content-Length", str(len(response.body)))


def test_length_of_a_missing_body_stays() -> None:
    """As in the response to HEAD (RFC 9110, 9.3.2)."""
    response = Response(200, "", (*JSON, ("Content-Length", "99")))
    assert _response(response) == response


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "gzip, gzip", "nonsense"])
@pytest.mark.parametrize("body", [b"", b"\x1f\x8b", b"text", gzip.compress(b"text", mtime=0)[:-3]])
def test_body_that_cannot_be_decompressed_stays(coding: str, body: bytes) -> None:
    response = Response(200, "", (*JSON, ("Content-Encoding", coding)), body)
    assert _response(response) == response


@SOME
@given(bodies, st.sampled_from(("gzip", "x-gzip", "deflate", "identity", "")))
def test_compression_is_reversible(body: bytes, coding: str) -> None:
    headers = (("Content-Encoding", coding),)
    assert decompress(compress_all(body, codings_of(headers)), headers) == body


# --- invalid input ----------------------------------------------------------------------------


@MANY
@given(st.lists(interactions, max_size=3))
def test_any_interaction_is_accepted(found: list[Interaction]) -> None:
    scrubbed = _scrubbed(*found)
    assert len(scrubbed) == len(found)


@MANY
@given(
    st.binary(max_size=30) | st.text('{}[]":,\\ pasword', max_size=30).map(str.encode),
    st.sampled_from((JSON, FORM, (*JSON, *CODED), CODED)),
)
def test_invalid_body_is_accepted(body: bytes, headers: Headers) -> None:
    assert _scrubbed(
        Interaction(Request("POST", URL, headers, body), Response(200, "", headers, body))
    )


@pytest.mark.parametrize("name", ["Location", "Referer", "Content-Location"])
@pytest.mark.parametrize("url", ["http://[::1", "//[?token=abcdefgh1", "http://a℀b/"])
def test_invalid_url_is_accepted(name: str, url: str) -> None:
    assert _request(Request("GET", URL, ((name, url),)))
    assert _response(Response(302, headers=((name, url),)))


@pytest.mark.parametrize("end", ['"', '"}', "", " and", "\\", '\\"'])
def test_secret_at_the_end_of_a_truncated_body(end: str) -> None:
    """As when the connection breaks during the response to a log-in."""
    body = f'{{"name": "Ada", "access_token": "{SECRET}{end}'.encode()
    scrubbed = _response(Response(200, "", JSON, body, broken_by=Failure("ReadError", "")))
    assert SECRET.encode() not in scrubbed.body
    assert scrubbed.body.startswith(b'{"name": "Ada", "access_token": "')


@SOME
@given(requests)
def test_any_request_can_be_shown(request: Request) -> None:
    assert Scrubber(Vault()).scrub_request(request).method == request.method


# --- threads and size -------------------------------------------------------------------------


def test_vault_is_safe_among_threads() -> None:
    vault = Vault()
    values = [f"s3cret-number-{n}" for n in range(60)]
    ready = threading.Barrier(4)
    found: list[list[str]] = []
    errors: list[BaseException] = []

    def learn() -> None:
        try:
            ready.wait()
            for value in values:
                vault.placeholder_for("token", value)
                vault.redact_text(f"say {value}")
            found.append([vault.redact_text(value) for value in values])
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=learn) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert vault.placeholder_count == len(values)
    assert all(placeholders == found[0] for placeholders in found)


_GROWING: dict[str, Callable[[int], str]] = {
    "escaped quotes, cut": lambda n: '{"password": "' + '\\"a' * n,
    "open strings": lambda n: '{"password": ' + '"a\\' * n,
    "long word": lambda n: '{"file": "' + "id" * 2 * n + '"}',
    "spaces in a value": lambda n: '{"password": "' + " a" * n + '"}',
    "nested": lambda n: '{"password": [' * n,
    "many fields": lambda n: json.dumps([{"name": "a", "token": "b"}] * (n // 10)),
    "many secrets": lambda n: json.dumps([{"password": f"s3cret{m}"} for m in range(n // 40)]),
}


def _seconds(text: str) -> float:
    """Return the processor time of the faster of two runs."""
    response = Response(200, "", JSON, text.encode())
    taken = []
    for _ in range(2):
        start = time.process_time()
        _response(response)
        taken.append(time.process_time() - start)
    return min(taken)


@pytest.mark.parametrize("kind", _GROWING)
def test_time_grows_with_the_size_and_not_with_its_square(kind: str) -> None:
    """Linear time grows eight times, quadratic time 64 times."""
    small, large = (_seconds(_GROWING[kind](n)) for n in (500, 4000))
    assert large < 30 * small + 0.02


def test_token_that_is_recorded_again_has_its_own_times() -> None:
    """It keeps the signature of the old placeholder, so that only the times change in the file."""

    def answered(issued: int) -> Interaction:
        claims = {"sub": "ada", "iat": issued, "exp": issued + 60}
        parts = [{"alg": "HS256"}, claims]
        coded = [
            base64.urlsafe_b64encode(json.dumps(p).encode()).decode().strip("=") for p in parts
        ]
        body = json.dumps({"access_token": ".".join([*coded, f"signature-{issued}"])}).encode()
        return Interaction(PLAIN, Response(200, "OK", JSON, body))

    def token(interaction: Interaction) -> str:
        assert isinstance(interaction.outcome, Response)
        return str(json.loads(interaction.outcome.body)["access_token"])

    (old,) = Scrubber(Vault()).scrub([answered(1000)])
    scrubber = Scrubber(Vault())
    (new,) = scrubber.scrub([answered(2000)], [old])
    assert token(old).rpartition(".")[2] == token(new).rpartition(".")[2] == "redacted1aaaaa"
    claims = token(new).split(".")[1]
    assert json.loads(base64.urlsafe_b64decode(claims + "=="))["exp"] == 2060


def test_plain_text_with_content_encoding() -> None:
    """Some servers and proxies decompress a body and leave the header."""
    for coding in ("gzip", "deflate", "br", "zstd", "deflate, gzip"):
        headers = (*JSON, ("Content-Encoding", coding))
        body = f'{{"password": "{SECRET}"}}'.encode()
        assert _response(Response(200, "OK", headers, body)).body == (
            b'{"password": "redactedpassword1aaaaaaaaaaa"}'
        )


def test_text_in_a_binary_body_keeps_its_length() -> None:
    body = f"user=ada\npassword={SECRET}\nhost=db\0".encode() + b"\xff"
    scrubbed = _response(Response(200, "OK", (), body)).body
    assert SECRET.encode() not in scrubbed
    assert len(scrubbed) == len(body)


def test_variable_that_names_a_file_is_no_secret() -> None:
    environment = {
        "GOOGLE_APPLICATION_CREDENTIALS": "/home/ada/creds.json",
        "API_CREDENTIAL": SECRET,
    }
    assert list(environment_secrets(environment)) == [("credential", SECRET)]


@pytest.mark.parametrize("vendor", VENDORS, ids=lambda vendor: vendor.rule)
@given(data=st.data(), around=st.sampled_from((" ", '"', "/", "\\n", "%22", "=", "\0", "é")))
@FEW
def test_shortest_token_is_detected(vendor: Vendor, data: st.DataObject, around: str) -> None:
    """A text without long words is not searched for prefixes at all."""
    token = data.draw(st.sampled_from(vendor.prefixes))
    token += data.draw(st.from_regex(vendor.rest_pattern, fullmatch=True))

    looked_for = detectors_for(f"{around}{token}{around}")

    assert vendor.rule in [detector.rule for detector in looked_for]
