"""Visit the candidates of headers: credentials, cookies, keys by their names, URLs."""

from __future__ import annotations

import base64
import binascii
import re
from functools import lru_cache

from ...exchange import Headers
from ..replace.placeholders import PLACEHOLDER
from ..rules.names import has_weak_header_name, is_auth_like_cookie
from ..rules.ruleset import Rules
from .candidates import Candidate, Walk
from .detectors import detectors_for, visit_tokens
from .nested import visit_text
from .urls import visit_url

LONG_COOKIE = 16
"""Characters from which a cookie value counts as a secret, whatever the cookie's name is."""
_KEPT = re.compile(
    r"(?i)(?:.*-)?(?:request|correlation|trace)-?id|idempotency-key|trace(?:parent|state)|etag"
    r"|if-(?:none-)?match|(?:www|proxy)-authenticate|(?:content-|repr-)?digest|content-md5|date"
    r"|want-(?:content-|repr-)?digest|user-agent|accept(?:-.*)?|content-(?:type|length|encoding)"
)
"""Headers without candidates. Only known values are replaced in them."""
_URLS = frozenset("location content-location referer origin link refresh".split())
"""Headers whose value is a URL."""
_PARAMETERS = re.compile(r'([\w-]+)(\s*=\s*"?)([^",\s]+)')
_SIGNATURES = re.compile(r"(?<==)[^=,;\s]{16,}=*")
"""The signatures in a header such as `t=1700000000,v1=5257a8…`."""
_SECRET_PARAMETERS = frozenset("signature credential response mac token".split())
_PUBLIC_OAUTH_PARAMETERS = frozenset("oauth_version oauth_timestamp oauth_signature_method".split())


def visit_headers(headers: Headers, walk: Walk, side: str) -> Headers:
    """Return the headers with their candidates replaced; `side` is "request" or "response"."""
    return tuple(
        (name, value)
        if _has_no_candidate(walk.rules, name, value)
        else (name, visit_header_value(name.lower(), value, walk.in_part(f"{side} header {name}")))
        for name, value in headers
    )


@lru_cache(maxsize=512)
def headers_with_candidates(rules: Rules, headers: Headers) -> Headers:
    """Return those of the headers that have a candidate. The cache saves 1.9 % of the scrubbing."""
    return tuple(pair for pair in headers if not _has_no_candidate(rules, *pair))


@lru_cache(maxsize=4096)
def _has_no_candidate(rules: Rules, name: str, value: str) -> bool:
    # The cache saves 24 % of a recording: a client sends the same headers with each request.
    candidates: list[Candidate] = []
    walk = Walk(rules, candidates.append, detectors=detectors_for(value))
    visit_header_value(name.lower(), value, walk)
    return not candidates


def visit_header_value(name: str, value: str, walk: Walk) -> str:
    """Return the value with its candidates replaced; `name` is in lower case."""
    if name == "cookie":
        return ";".join(_visit_cookie(part, walk) for part in value.split(";"))
    if name == "set-cookie":
        # Only the first pair is the cookie; the others are attributes (RFC 6265, section 4.1).
        cookie, semicolon, attributes = value.partition(";")
        return _visit_cookie(cookie, walk) + semicolon + attributes
    if _KEPT.fullmatch(name):
        return value
    if name in ("authorization", "proxy-authorization"):
        return _visit_authorization(name, value, walk)
    kind = walk.rules.header_kind(name)
    if kind == "signature" and _SIGNATURES.search(value):
        return _SIGNATURES.sub(
            lambda found: walk.replace_named(name, kind, found[0], "header"), value
        )
    if kind is not None:
        has_weak_name = has_weak_header_name(name) and not walk.rules.is_configured_name(name)
        kept = value.isdigit() or value.lower() in ("true", "false", "null", "none")
        return value if kept else walk.replace_named(name, kind, value, "header", has_weak_name)
    return _visit_other_value(name, value, walk)


def _visit_other_value(name: str, value: str, walk: Walk) -> str:
    """Visit the value of a header whose name is not a secret's."""
    # `Link: <url>; rel=next, …` is not one URL, but a list of them (RFC 8288, section 3).
    if name in _URLS and "," not in value and value[:1] != "<":
        return visit_url(value, walk, visit_text)
    return visit_text(visit_tokens(value, walk), walk)


def _visit_authorization(name: str, value: str, walk: Walk) -> str:
    """Visit the credentials behind a scheme (RFC 9110, section 11.4). The scheme stays."""
    scheme, space, credentials = value.partition(" ")
    if not space:
        return walk.replace_named(name, "token", value, "authorization")
    if scheme.lower() == "basic" and (pair := _basic_pair(credentials)):
        visited = _visit_basic_pair(name, *pair, walk)
        if visited == ":".join(pair):
            return value
        return f"{scheme} {base64.b64encode(visited.encode()).decode()}"
    if re.match(r"[\w-]+\s*=\s*[^=\s]", credentials):
        visited = _PARAMETERS.sub(lambda found: _visit_parameter(found, walk), credentials)
        return f"{scheme} {visited}"
    return f"{scheme} {walk.replace_named(name, 'token', credentials, 'authorization')}"


def _visit_parameter(found: re.Match[str], walk: Walk) -> str:
    """Visit a parameter of a scheme such as Digest, OAuth (RFC 5849) or a signature of AWS."""
    name, sign, value = found.groups()
    lowered = name.lower()
    is_oauth_secret = lowered.startswith("oauth_") and lowered not in _PUBLIC_OAUTH_PARAMETERS
    if lowered not in _SECRET_PARAMETERS and not is_oauth_secret:
        return found[0]
    return f"{name}{sign}{walk.replace_named(name, 'signature', value, 'authorization')}"


def _visit_basic_pair(name: str, user: str, password: str, walk: Walk) -> str:
    if password:
        return f"{user}:{walk.replace_named(name, 'password', password, 'authorization')}"
    # Some services take an API key as the user name, with an empty password.
    return walk.replace_named(name, "key", user, "authorization") + ":"


def _basic_pair(credentials: str) -> tuple[str, str] | None:
    """Return user and password of Basic credentials (RFC 7617), or None if they are invalid."""
    try:
        user, colon, password = base64.b64decode(credentials, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (user, password) if colon else None


def _visit_cookie(cookie: str, walk: Walk) -> str:
    written_name, equals, value = cookie.partition("=")
    name = written_name.strip()
    is_long = len(PLACEHOLDER.sub("", value)) >= LONG_COOKIE
    is_secret = is_auth_like_cookie(name) or walk.rules.field_kind(name) or is_long
    if not equals or not is_secret:
        return cookie
    quote = '"' if value[:1] == '"' == value[-1:] and len(value) > 1 else ""
    unquoted = value[len(quote) : len(value) - len(quote)]
    replacement = walk.replace_named(name, "cookie", unquoted, "cookie")
    return f"{written_name}={quote}{replacement}{quote}"
