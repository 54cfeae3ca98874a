"""The slots of headers: credentials, cookies, keys by their names, URLs."""

from __future__ import annotations

import base64
import binascii
import re
from functools import lru_cache

from ...exchange import Headers
from ..replace.placeholders import PLACEHOLDER
from ..rules.names import is_auth_like_cookie
from ..rules.ruleset import Rules
from . import detectors, urls
from .nested import visit_text
from .slots import Look, Slot

LONG_COOKIE = 16
"""A cookie value of this length counts as a secret, whatever the cookie's name."""
_KEPT = re.compile(
    r"(?i)(?:.*-)?(?:request|correlation|trace)-?id|idempotency-key|trace(?:parent|state)|etag"
    r"|if-(?:none-)?match|(?:www|proxy)-authenticate|(?:content-|repr-)?digest|content-md5|date"
    r"|want-(?:content-|repr-)?digest|user-agent|accept(?:-.*)?|content-(?:type|length|encoding)"
)
"""Headers that no rule but a known value touches."""
_URLS = frozenset("location content-location referer origin link refresh".split())
_PARAMETERS = re.compile(r'([\w-]+)(\s*=\s*"?)([^",\s]+)')
_SIGNED = re.compile(r"(?<==)[^=,;\s]{16,}=*")
"""The signatures in a header such as `t=1700000000,v1=5257a8…`."""
_PUBLIC_PARAMETERS = frozenset(("oauth_version", "oauth_timestamp", "oauth_signature_method"))


def rewrite(headers: Headers, look: Look, side: str) -> Headers:
    """The headers of a request or a response (its `side`) with their slots visited."""
    if not with_slots(look.rules, headers):
        return headers
    return tuple(
        [
            (name, value)
            if _is_harmless(look.rules, name, value)
            else (name, rewrite_one(name.lower(), value, look.at(f"{side} header {name}")))
            for name, value in headers
        ]
    )


@lru_cache(maxsize=1024)
def with_slots(rules: Rules, headers: Headers) -> Headers:
    """Those of the headers in which slots are. A client sends the same again and again."""
    return tuple([pair for pair in headers if not _is_harmless(rules, *pair)])


@lru_cache(maxsize=4096)
def _is_harmless(rules: Rules, name: str, value: str) -> bool:
    """Whether no slot is in a header. Most headers come again and again."""
    slots: list[Slot] = []
    look = Look(rules, slots.append, detectors=detectors.detectors_for(value))
    rewrite_one(name.lower(), value, look)
    return not slots


def rewrite_one(name: str, value: str, look: Look) -> str:
    """One value of the header `name`, given in lower case, with its slots visited."""
    if name == "cookie":
        return ";".join(_cookie(part, look) for part in value.split(";"))
    if name == "set-cookie":
        cookie, semicolon, attributes = value.partition(";")
        return _cookie(cookie, look) + semicolon + attributes
    if _KEPT.fullmatch(name):
        return value
    if name in ("authorization", "proxy-authorization"):
        return _authorization(name, value, look)
    kind = look.rules.header_kind(name)
    if kind == "signature" and _SIGNED.search(value):
        return _SIGNED.sub(lambda part: look.named(name, kind, part[0], "header"), value)
    if kind is not None:
        return value if value.isdigit() else look.named(name, kind, value, "header")
    return _free(name, value, look)


def _free(name: str, value: str, look: Look) -> str:
    if name in _URLS and "," not in value and value[:1] != "<":
        return urls.rewrite(value, look, visit_text)
    return visit_text(detectors.tokens(value, look), look)


def _authorization(name: str, value: str, look: Look) -> str:
    scheme, space, credentials = value.partition(" ")
    if not space:
        return look.named(name, "token", value, "authorization")
    if scheme.lower() == "basic" and (pair := _basic_pair(credentials)):
        kept = _basic(name, *pair, look)
        if kept == ":".join(pair):
            return value
        return f"{scheme} {base64.b64encode(kept.encode()).decode()}"
    if re.match(r"[\w-]+\s*=\s*[^=\s]", credentials):
        return f"{scheme} {_PARAMETERS.sub(lambda found: _parameter(found, look), credentials)}"
    return f"{scheme} {look.named(name, 'token', credentials, 'authorization')}"


def _parameter(found: re.Match[str], look: Look) -> str:
    name, sign, value = found.groups()
    lowered = name.lower()
    is_secret = lowered in ("signature", "credential", "response", "mac", "token") or (
        lowered.startswith("oauth_") and lowered not in _PUBLIC_PARAMETERS
    )
    if not is_secret:
        return found[0]
    return f"{name}{sign}{look.named(name, 'signature', value, 'authorization')}"


def _basic(name: str, user: str, password: str, look: Look) -> str:
    if password:
        return f"{user}:{look.named(name, 'password', password, 'authorization')}"
    # An API key in the place of the user name.
    return look.named(name, "key", user, "authorization") + ":"


def _basic_pair(credentials: str) -> tuple[str, str] | None:
    try:
        user, colon, password = base64.b64decode(credentials, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (user, password) if colon else None


def _cookie(cookie: str, look: Look) -> str:
    name, equals, value = cookie.partition("=")
    plain_name = name.strip()
    is_long = len(PLACEHOLDER.sub("", value)) >= LONG_COOKIE
    is_secret = is_auth_like_cookie(plain_name) or look.rules.field_kind(plain_name) or is_long
    if not equals or not is_secret:
        return cookie
    quote = '"' if value[:1] == '"' == value[-1:] and len(value) > 1 else ""
    plain = value[len(quote) : len(value) - len(quote)]
    return f"{name}={quote}{look.named(plain_name, 'cookie', plain, 'cookie')}{quote}"
