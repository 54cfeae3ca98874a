"""Which names belong to secrets, by the tables of the scrubbing rules."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_reprise.scrub.rules import names
from pytest_reprise.scrub.rules.names import (
    has_weak_head,
    is_auth_like_cookie,
    secret_header_kind,
    secret_kind,
    split_name,
)

from ..harness.strategies import SOME

HEADS = (
    "password passwd pwd passphrase passcode secret token jwt apikey credential credentials "
    "otp ssn cvv sid csrf xsrf assertion"
).split()
KEY_OWNERS = (
    "api access secret private signing encryption account master subscription session auth"
).split()
PAIRS = [
    *(f"{owner} key" for owner in KEY_OWNERS),
    "session id",
    "recovery code",
    "backup code",
    "verification code",
    "connection string",
    "card number",
]
SUFFIXES = "dev prod value b64 2 17".split()
HARMLESS_WORDS = (
    "page next continuation cursor sync max prompt completion total public has is label"
).split()


def _spellings(name: str) -> list[str]:
    """Snake, screaming, kebab, train, camel and Pascal case."""
    parts = name.split()
    pascal = "".join(map(str.capitalize, parts))
    return [
        "_".join(parts),
        "_".join(parts).upper(),
        "-".join(parts),
        "-".join(map(str.capitalize, parts)),
        parts[0] + pascal[len(parts[0]) :],
        pascal,
        ".".join(parts),
        " ".join(parts),
    ]


@pytest.mark.parametrize("name", [*HEADS, *PAIRS])
def test_head_noun_decides(name: str) -> None:
    for spelling in (*_spellings(name), *_spellings(f"my db {name}")):
        assert secret_kind(spelling), spelling


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_suffixes_are_dropped(suffix: str) -> None:
    for name in (f"password {suffix}", f"api key {suffix}", f"db secret {suffix} 3"):
        for spelling in _spellings(name):
            assert secret_kind(spelling), spelling


@pytest.mark.parametrize("before", HARMLESS_WORDS)
def test_words_before_the_head_that_make_a_name_harmless(before: str) -> None:
    for name in (f"{before} token", f"{before} api key", f"my {before} credential"):
        for spelling in _spellings(name):
            assert secret_kind(spelling) is None, spelling


@pytest.mark.parametrize(
    "name",
    "accessToken refresh_token id_token csrf_token DB_PASSWORD client-secret CLIENT_SECRET_PROD "
    "newPassword password2 user[password] old_password apiKey API_KEY "
    "x_api_key AWS_SECRET_ACCESS_KEY aws_session_token secretAccessKey privateKey "
    "database.connectionString cardNumber sessionId SESSIONID_SID STRIPE_API_KEY_TEST "
    "APIKey JWT authToken user_otp backupCode githubTOKEN token_value tokenB64".split(),
)
def test_secret(name: str) -> None:
    assert secret_kind(name)


@pytest.mark.parametrize(
    "name",
    "token_count tokenType token_type token_url password_policy secretName key_prefix "
    "next_page_token nextPageToken continuationToken cursor_token sync_token max_tokens "
    "prompt_tokens completionTokens total_tokens public_key publicApiKey has_password is_secret "
    "label_token password_hint_url passwordless secretary tokenizer authenticate author "
    "key id code string number name value monkey keyboard passenger compass bypass_count "
    "account_id session_count card_type status_code zip_code sort_key primary_key foreignKey "
    "password_reset_required created_at email 12 _ - prod é パスワード".split(),
)
def test_not_secret(name: str) -> None:
    assert secret_kind(name) is None


@pytest.mark.parametrize("name", ["", " ", "_"])
def test_empty_name_is_no_secret(name: str) -> None:
    assert secret_kind(name) is None
    assert secret_header_kind(name) is None
    assert not has_weak_head(name)
    assert not is_auth_like_cookie(name)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("password", "password"),
        ("passphrase", "password"),
        ("client_secret", "secret"),
        ("access_token", "token"),
        ("api_key", "key"),
        ("otp", "code"),
        ("sessionId", "session"),
        ("secret_key", "key"),
    ],
)
def test_kinds(name: str, kind: str) -> None:
    assert secret_kind(name) == kind


@pytest.mark.parametrize("name", ["token", "accessToken", "auth", "pass", "credential", "csrf"])
def test_weak_heads(name: str) -> None:
    assert has_weak_head(name)


@pytest.mark.parametrize(
    "name", ["password", "clientSecret", "api_key", "auth_key", "otp", "sid", "name", "", "jwt"]
)
def test_heads_that_are_not_weak(name: str) -> None:
    assert not has_weak_head(name)


@pytest.mark.parametrize(
    "name",
    "authorization proxy-authorization x-api-key api-key x-auth-token x-amz-security-token "
    "ocp-apim-subscription-key x-goog-api-key x-vault-token private-token x-csrf-token "
    "x-csrftoken x-xsrf-token x-functions-key x-shopify-access-token x-gitlab-token "
    "stripe-signature x-hub-signature x-hub-signature-256 dpop x-my-password client-secret".split(),
)
def test_secret_headers(name: str) -> None:
    for spelling in (name, name.upper(), name.title()):
        assert secret_header_kind(spelling), spelling


@pytest.mark.parametrize(
    "name",
    "etag if-none-match if-match x-request-id request-id x-amzn-request-id idempotency-key "
    "traceparent tracestate www-authenticate proxy-authenticate digest content-digest content-md5 "
    "accept host date location content-type user-agent x-ratelimit-remaining "
    "x-page-token-count".split(),
)
def test_headers_that_stay(name: str) -> None:
    for spelling in (name, name.upper(), name.title()):
        assert secret_header_kind(spelling) is None, spelling


@pytest.mark.parametrize(
    "name",
    "sessionid PHPSESSID JSESSIONID connect.sid sid session csrftoken XSRF-TOKEN access_token "
    "auth remember_me login wordpress_logged_in_login __Host-session".split(),
)
def test_session_cookies(name: str) -> None:
    assert is_auth_like_cookie(name)


@pytest.mark.parametrize("name", "theme lang _ga consent tz cart".split())
def test_other_cookies(name: str) -> None:
    assert not is_auth_like_cookie(name)


@SOME
@given(st.text(max_size=30))
def test_any_name_is_accepted(name: str) -> None:
    parts = split_name(name)
    assert all(part == part.lower() for part in parts)
    for kind in (secret_kind(name), secret_header_kind(name)):
        assert kind is None or (kind.isascii() and kind.isalpha() and kind.islower())


@SOME
@given(st.lists(st.text("abcdefgh", min_size=2, max_size=6), min_size=1, max_size=4))
def test_all_cases_have_the_same_words(parts: list[str]) -> None:
    found = {split_name(spelling) for spelling in _spellings(" ".join(parts))}
    assert len(found) == 1


def test_each_name_of_a_secret_contains_a_hint() -> None:
    """Texts are searched for hints only, so a name without one would never be found in text."""
    tables = (
        names._HEAD_KINDS,
        names._HEAD_ENDINGS,
        names._PAIR_KINDS,
        names._OPAQUE_NAMES,
        names._SIGNING_WORDS,
        ("code", "state", "key", "login"),
    )
    hints = names.hints_of(frozenset(), has_persons=False)
    missing = [name for table in tables for name in table if not _has_hint(name, hints)]
    own = names.hints_of(frozenset({"acme id"}), has_persons=True)

    assert missing == []
    assert [name for name in names._PERSON_NAMES if not _has_hint(name, own)] == []
    assert "acme" in own


def _has_hint(name: str, hints: tuple[str, ...]) -> bool:
    return any(hint in name for hint in hints)
