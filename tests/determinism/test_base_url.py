"""From one base URL to another: requests to the recorded one, responses to the current one."""

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_reprise.determinism.base_url import (
    HIDDEN_BASE_URL,
    BaseUrlMapping,
    BaseUrls,
    is_below,
    origin,
)
from pytest_reprise.exchange import Interaction, Request, Response

STAGING = "https://staging.example.com/v2"
LOCAL = "http://localhost:8000"
MAPPING = BaseUrlMapping(recorded=STAGING, current=LOCAL)


@pytest.mark.parametrize(
    ("sent", "recorded"),
    [
        (f"{LOCAL}/users?page=2", f"{STAGING}/users?page=2"),
        (f"{LOCAL}/v2/users", f"{STAGING}/users"),
        (f"{LOCAL}/v20", f"{STAGING}/v20"),
        (LOCAL, STAGING),
        ("http://localhost:80001/users", "http://localhost:80001/users"),
        ("http://localhost:8000.example.com/", "http://localhost:8000.example.com/"),
        ("https://auth.example.com/token", "https://auth.example.com/token"),
    ],
)
def test_request_is_mapped_to_the_recorded_base_url(sent: str, recorded: str) -> None:
    assert MAPPING.to_recorded(Request("GET", sent)).url == recorded


@pytest.mark.parametrize(
    "body",
    [
        b'{"callback":"http://localhost:8000/done"}',
        b"redirect_uri=http%3A%2F%2Flocalhost%3A8000%2Fdone",
        b'{"callback":"http:\\/\\/localhost:8000\\/done"}',
    ],
)
def test_base_url_in_a_request_is_mapped_in_each_encoding(body: bytes) -> None:
    moved = MAPPING.to_recorded(Request("POST", LOCAL, (), body))

    assert b"localhost" not in moved.body
    assert BaseUrlMapping(LOCAL, STAGING).to_recorded(moved._replace(url=STAGING)).body == body


def test_links_in_responses_are_mapped_to_the_current_base_url() -> None:
    headers = (
        ("Location", f"{STAGING}/users/5"),
        ("Link", f'<{STAGING}/users?page=2>; rel="next"'),
    )
    body = b'{"self":"https://staging.example.com/v2/users/5","docs":"https://docs.example.com"}'

    moved = MAPPING.to_current(Response(201, "Created", headers, body))

    assert isinstance(moved, Response)
    assert moved.headers[0] == ("Location", f"{LOCAL}/users/5")
    assert moved.headers[1] == ("Link", f'<{LOCAL}/users?page=2>; rel="next"')
    assert (
        moved.body == b'{"self":"http://localhost:8000/users/5","docs":"https://docs.example.com"}'
    )


def test_compressed_response_is_mapped_and_its_length_corrected() -> None:
    body = gzip.compress(f'{{"self":"{STAGING}/me"}}'.encode())
    headers = (("Content-Encoding", "gzip"), ("Content-Length", str(len(body))))

    moved = MAPPING.to_current(Response(200, "OK", headers, body))

    assert isinstance(moved, Response)
    assert gzip.decompress(moved.body) == b'{"self":"http://localhost:8000/me"}'
    assert dict(moved.headers)["Content-Length"] == str(len(moved.body))


def test_hidden_base_url_hides_its_host_everywhere() -> None:
    mapping = BaseUrlMapping(
        recorded=HIDDEN_BASE_URL, current="https://staging.internal.example:8443/v2"
    )
    request = Request("GET", f"{mapping.current}/me", (("Host", "staging.internal.example:8443"),))
    headers = (("Set-Cookie", "a=b; Domain=staging.internal.example"),)
    answer = Response(200, "OK", headers, b"served by staging.internal.example")

    hidden = mapping.interaction_to_recorded(Interaction(request, answer))

    assert "staging.internal" not in repr(hidden)


@given(st.text(alphabet="abc/.:8-", max_size=12))
def test_mapping_there_and_back_gives_the_same_url(rest: str) -> None:
    url = f"{LOCAL}/{rest}"
    there = BaseUrlMapping("https://elsewhere.example", LOCAL).to_recorded(Request("GET", url))
    back = BaseUrlMapping(LOCAL, "https://elsewhere.example").to_recorded(there)

    assert back.url == url


def candidates(bases: BaseUrls, url: str, recorded: str = STAGING) -> list[str | None]:
    known = {origin(STAGING), "https://auth.example.com"}
    found = bases.candidates(Request("GET", url), recorded, lambda: known)
    return [mapping.recorded if mapping else None for mapping in found]


def test_first_candidate_is_the_url_itself() -> None:
    assert candidates(BaseUrls(lambda: None, False), f"{STAGING}/me") == [None]


def test_known_origins_are_not_mapped() -> None:
    assert candidates(BaseUrls(lambda: LOCAL, False), "https://auth.example.com/token") == [None]


def test_configured_base_url_is_mapped_to_the_recorded_one() -> None:
    assert candidates(BaseUrls(lambda: LOCAL, False), f"{LOCAL}/me")[:2] == [None, STAGING]


def test_one_unknown_origin_is_taken_for_the_base_url() -> None:
    bases = BaseUrls(lambda: None, False)
    assert candidates(bases, f"{LOCAL}/me") == [None, STAGING, origin(STAGING)]

    bases.use(BaseUrlMapping(STAGING, LOCAL))
    assert candidates(bases, f"{LOCAL}/me")[0] == STAGING
    assert candidates(bases, "http://third.example/me") == [None]


def test_recorded_base_url_is_the_configured_one_or_the_first_origin() -> None:
    first, second = Request("GET", f"{LOCAL}/a"), Request("GET", "https://auth.example.com/b")

    assert BaseUrls(lambda: f"{STAGING}/", False).base_url_to_record(first) == STAGING
    bases = BaseUrls(lambda: None, False)
    assert [bases.base_url_to_record(first), bases.base_url_to_record(second)] == [LOCAL, LOCAL]


@pytest.mark.parametrize("user", ["ada:hunter2-hunter2@", "ada@", ":a%40b@"])
def test_configured_base_url_loses_user_and_password(user: str) -> None:
    """A client sends them in a header; the header of a cassette must not contain them."""
    bases = BaseUrls(lambda: LOCAL.replace("://", f"://{user}") + "/", False)
    assert bases.base_url_to_record(Request("GET", f"{LOCAL}/a")) == LOCAL
    assert candidates(bases, f"{LOCAL}/me")[:2] == [None, STAGING]


def test_host_or_port_that_goes_on_is_not_below() -> None:
    assert is_below("http://host:80/x", "http://host:80")
    assert not is_below("http://host:8000/x", "http://host:80")
