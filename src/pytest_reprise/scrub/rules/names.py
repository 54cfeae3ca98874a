"""Which names hold a secret: the head noun decides.

`accessToken`, `DB_PASSWORD` and `client-secret` do; `token_type`, `password_policy`,
`secretName` and `next_page_token` do not.
"""

from __future__ import annotations

import re
from functools import lru_cache

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W\d_A-Za-z]+")
_BASE64 = re.compile(r"(?<![A-Za-z])[Bb](?:ase)?64|(?<=[a-z])B(?:ase)?64|B(?:ASE)?64")
_SUFFIXES = frozenset(
    "dev development prod production staging stage test live value val hex".split()
)

_HEADS = {
    **dict.fromkeys("password passwd pwd passphrase passcode".split(), "password"),
    **dict.fromkeys("secret assertion".split(), "secret"),
    **dict.fromkeys("token jwt csrf xsrf csrftoken xsrftoken".split(), "token"),
    **dict.fromkeys("authtoken accesstoken refreshtoken".split(), "token"),
    **dict.fromkeys("apikey".split(), "key"),
    **dict.fromkeys("credential auth pass".split(), "credential"),
    **dict.fromkeys("sid sessionid".split(), "session"),
    **dict.fromkeys("otp ssn cvv cvc".split(), "code"),
}
_KEY_OWNERS = frozenset(
    "api access secret private signing encryption account master subscription session auth".split()
)
_PAIRS = {
    **{f"{owner} key": "key" for owner in _KEY_OWNERS},
    "session id": "session",
    "recovery code": "code",
    "backup code": "code",
    "verification code": "code",
    "connection string": "secret",
    "card number": "code",
}
_PERSON = frozenset(
    "first name,last name,full name,given name,family name,middle name,maiden name,surname,"
    "firstname,lastname,fullname,display name,nick name,nickname".split(",")
)
_NOT_AFTER = frozenset(
    "page next continuation cursor sync max prompt completion total public has is label".split()
)
_WEAK_HEADS = frozenset("token auth pass credential csrf xsrf".split())

_SECRET_HEADERS = {
    "authorization": "token",
    "proxy-authorization": "token",
    "x-functions-key": "key",
    "x-goog-api-key": "key",
    "ocp-apim-subscription-key": "key",
    "stripe-signature": "signature",
    "x-hub-signature": "signature",
    "x-hub-signature-256": "signature",
    "dpop": "signature",
}
_KEPT_HEADERS = frozenset(("www-authenticate", "proxy-authenticate", "idempotency-key"))


def split_name(name: str) -> tuple[str, ...]:
    """`name` in lower-case words, without trailing digits and suffixes such as `prod`."""
    found = [word.lower() for word in _WORD.findall(_BASE64.sub("", name))]
    while len(found) > 1 and (found[-1] in _SUFFIXES or found[-1].isdigit()):
        found.pop()
    return tuple(found)


@lru_cache(maxsize=4096)
def secret_kind(name: str) -> str | None:
    """What kind of secret a field, parameter or variable of this name holds, or None."""
    parts = split_name(name)
    if not parts or any(word in _NOT_AFTER for word in parts[:-1]):
        return None
    return _kind_of((*parts[:-1], _singular(parts[-1])))


def _singular(word: str) -> str:
    return word if word.endswith("ss") else word.removesuffix("s")


def _kind_of(parts: tuple[str, ...]) -> str | None:
    return _PAIRS.get(" ".join(parts[-2:])) or _HEADS.get(parts[-1])


@lru_cache(maxsize=4096)
def secret_parameter_kind(name: str) -> str | None:
    """The same for a query parameter, where a signature counts too: whoever has it has access."""
    return "signature" if _is_signature(name) else secret_kind(name)


def _is_signature(name: str) -> bool:
    return split_name(name)[-1:] in (("sig",), ("signature",))


@lru_cache(maxsize=4096)
def has_weak_head(name: str) -> bool:
    """Whether the name needs a value that looks like a secret: `token`, `auth`, `pass`, …"""
    parts = split_name(name)
    return (
        bool(parts) and _singular(parts[-1]) in _WEAK_HEADS and " ".join(parts[-2:]) not in _PAIRS
    )


@lru_cache(maxsize=4096)
def secret_header_kind(name: str) -> str | None:
    """What kind of secret a header of this name holds, or None; cookies are not meant."""
    lowered = name.lower()
    if lowered in _KEPT_HEADERS:
        return None
    return _SECRET_HEADERS.get(lowered) or secret_parameter_kind(name)


@lru_cache(maxsize=4096)
def is_auth_like_cookie(name: str) -> bool:
    """Whether a cookie of this name says who is talking, as `sessionid` or `access_token` do."""
    lowered = name.lower()
    return secret_kind(name) is not None or any(
        part in lowered for part in ("sess", "sid", "auth", "token", "login", "remember")
    )


@lru_cache(maxsize=4096)
def is_person_name(name: str) -> bool:
    """Whether the name of a person stands under this name."""
    parts = split_name(name)
    return " ".join(parts[-2:]) in _PERSON or "".join(parts[-1:]) in _PERSON


@lru_cache(maxsize=4096)
def min_opaque_length(name: str) -> int | None:
    """From how many characters on an opaque value of this URL parameter is a secret, if ever."""
    return {"code": 16, "state": 16, "key": 24}.get(name.lower())


def is_key_variable(name: str) -> bool:
    """Whether an environment variable of this name holds a key, where its value is opaque."""
    return split_name(name)[-1:] == ("key",)
