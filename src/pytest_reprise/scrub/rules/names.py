"""Which names belong to a secret. The head noun, which is the last word of a name, decides.

`accessToken`, `DB_PASSWORD` and `client-secret` name secrets; `token_type`, `password_policy`,
`secretName` and `next_page_token` do not.
"""

from __future__ import annotations

import re

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W\d_A-Za-z]+")
_BASE64 = re.compile(r"(?<![A-Za-z])[Bb](?:ase)?64|(?<=[a-z])B(?:ase)?64|B(?:ASE)?64")
_IGNORED_SUFFIXES = frozenset(
    "dev development prod production staging stage test live value val hex".split()
)

_HEAD_KINDS = {
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
_PAIR_KINDS = {
    **{f"{owner} key": "key" for owner in _KEY_OWNERS},
    "session id": "session",
    "recovery code": "code",
    "backup code": "code",
    "verification code": "code",
    "connection string": "secret",
    "card number": "code",
}
_PERSON_NAMES = frozenset(
    "first name,last name,full name,given name,family name,middle name,maiden name,surname,"
    "firstname,lastname,fullname,display name,nick name,nickname".split(",")
)
_HARMLESS_WORDS = frozenset(
    "page next continuation cursor sync max prompt completion total public has is label allow "
    "ratelimit rate eos bos eot pad unk sep cls mask special".split()
)
"""A name with one of these words before its head is no secret's: `max_tokens`, `public_key`."""
_WEAK_HEADS = frozenset("token auth pass credential csrf xsrf".split())
"""Heads that have harmless meanings too: a secret's only if the value looks like a secret."""

_SECRET_HEADERS = {
    "authorization": "token",
    "proxy-authorization": "token",
    "x-functions-key": "key",
    "x-goog-api-key": "key",
    "ocp-apim-subscription-key": "key",
    "x-auth-token": "token",
    "x-amz-security-token": "token",
    "x-vault-token": "token",
    "private-token": "token",
    "x-gitlab-token": "token",
    "x-shopify-access-token": "token",
    "stripe-signature": "signature",
    "x-hub-signature": "signature",
    "x-hub-signature-256": "signature",
    "dpop": "signature",
}
_PUBLIC_HEADERS = frozenset(("www-authenticate", "proxy-authenticate", "idempotency-key"))


def split_name(name: str) -> tuple[str, ...]:
    """Return the words of a name in lower case.

    Camel, snake and kebab case are split. Digits and environments such as `prod` at the end are
    left out, and base64 as an encoding.
    """
    words = [word.lower() for word in _WORD.findall(_BASE64.sub("", name))]
    while len(words) > 1 and (words[-1] in _IGNORED_SUFFIXES or words[-1].isdigit()):
        words.pop()
    return tuple(words)


def secret_kind(name: str) -> str | None:
    """Return the kind of secret that a field or variable of this name holds, or None.

    Kinds are the words in placeholders: `Redacted-token-1` is of the kind token.
    """
    words = split_name(name)
    if not words or any(word in _HARMLESS_WORDS for word in words[:-1]):
        return None
    singular = (*words[:-1], _singular(words[-1]))
    return _PAIR_KINDS.get(" ".join(singular[-2:])) or _HEAD_KINDS.get(singular[-1])


def _singular(word: str) -> str:
    return word if word.endswith("ss") else word.removesuffix("s")


def secret_parameter_kind(name: str) -> str | None:
    """Do the same for a URL parameter. A signature counts there: it gives access to the URL."""
    return "signature" if _is_signature(name) else secret_kind(name)


def _is_signature(name: str) -> bool:
    return split_name(name)[-1:] in (("sig",), ("signature",))


def has_weak_head(name: str) -> bool:
    """Whether a field of this name is a secret only if its value looks like one.

    True for `token`, `auth`, `pass` and others that have harmless meanings too.
    """
    words = split_name(name)
    if not words or " ".join(words[-2:]) in _PAIR_KINDS:
        return False
    return _singular(words[-1]) in _WEAK_HEADS


def secret_header_kind(name: str) -> str | None:
    """Return the kind of secret that a header of this name holds, or None. Not for cookies."""
    lowered = name.lower()
    if lowered in _PUBLIC_HEADERS:
        return None
    return _SECRET_HEADERS.get(lowered) or secret_parameter_kind(name)


def has_weak_header_name(name: str) -> bool:
    """Whether a header of this name is a secret only if its value looks like one."""
    return name.lower() not in _SECRET_HEADERS and has_weak_head(name)


def is_auth_like_cookie(name: str) -> bool:
    """Whether a cookie of this name identifies a session or a user: `sessionid`, `access_token`."""
    lowered = name.lower()
    return secret_kind(name) is not None or any(
        part in lowered for part in ("sess", "sid", "auth", "token", "login", "remember")
    )


def is_person_name(name: str) -> bool:
    """Whether a field of this name holds the name of a person."""
    words = split_name(name)
    return " ".join(words[-2:]) in _PERSON_NAMES or "".join(words[-1:]) in _PERSON_NAMES


def min_opaque_length(name: str) -> int | None:
    """Return the length from which an opaque value of this URL parameter is a secret.

    None if the name never makes it one. A shorter `code` or `state` may be a country or a status.
    """
    return {"code": 16, "state": 16, "key": 24}.get(name.lower())


def is_key_variable(name: str) -> bool:
    """Whether an environment variable of this name holds a secret key, if its value is opaque."""
    return split_name(name)[-1:] == ("key",)
