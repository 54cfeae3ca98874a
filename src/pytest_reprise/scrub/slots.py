"""Walk the slots of an exchange in which secrets stand by name, and put something else there.

One walk serves recording (a placeholder goes into the slot) and matching (the slot is emptied).
A visit returns what the slot shall hold, or None to leave it as it is.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias
from urllib.parse import quote, unquote_plus, urlsplit, urlunsplit

from ..exchange import Headers, Request, Response, media_type
from . import json_scalars
from .names import has_weak_head, is_auth_like_cookie, secret_header_kind, secret_kind

FORM = "application/x-www-form-urlencoded"
LONG_COOKIE = 16
"""A cookie value of this length counts as a secret, whatever the cookie's name."""

_HINT = re.compile(
    r"(?i)(?:pass|pwd|secret|assertion|token|jwt|csrf|xsrf|key|credential|auth|sid|otp|ssn|cvv"
    r'|id|code|string|number)[a-z0-9_-]*"\s*:'
)


@dataclass(frozen=True, slots=True)
class Slot:
    """What stands where a secret stands by name; `value` is None for JSON's null."""

    name: str
    kind: str
    value: str | None
    is_weak: bool = False
    """The name alone does not say it: `token`, `auth`, `pass`."""
    is_text: bool = True


Visit: TypeAlias = Callable[[Slot], str | None]


def is_json(media: str) -> bool:
    return media in ("application/json", "text/json") or media.endswith("+json")


def rewrite_request(request: Request, visit: Visit) -> Request:
    """The request with its slots visited: query, headers, cookies, JSON and form fields."""
    return replace(
        request,
        url=rewrite_url(request.url, visit),
        headers=_rewrite_headers(request.headers, visit),
        body=rewrite_body(request.body, media_type(request.headers), visit),
    )


def rewrite_response(response: Response, visit: Visit) -> Response:
    """The response with its slots visited; its body must have been decompressed."""
    return replace(
        response,
        headers=_rewrite_headers(response.headers, visit),
        body=rewrite_body(response.body, media_type(response.headers), visit),
    )


def rewrite_url(url: str, visit: Visit) -> str:
    parts = urlsplit(url)
    if not parts.query:
        return url
    return urlunsplit(parts._replace(query=_rewrite_pairs(parts.query, visit)))


def rewrite_body(body: bytes, media: str, visit: Visit) -> bytes:
    if not body or not (media == FORM or is_json(media)):
        return body
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return body
    rewritten = _rewrite_pairs(text, visit) if media == FORM else _rewrite_json(text, visit)
    return body if rewritten is text else rewritten.encode()


def _rewrite_json(text: str, visit: Visit) -> str:
    if not _HINT.search(text):
        return text
    return json_scalars.rewrite(text, lambda scalar: _visit_scalar(scalar, visit))


def _visit_scalar(scalar: json_scalars.Scalar, visit: Visit) -> str | None:
    kind = secret_kind(scalar.key)
    if kind is None or scalar.written in ("true", "false"):
        return None
    is_text = scalar.written[0] == '"'
    try:
        value = None if scalar.written == "null" else str(json.loads(scalar.written))
    except ValueError:
        value = scalar.written.strip('"')
    held = visit(Slot(scalar.key, kind, value, has_weak_head(scalar.key), is_text))
    return None if held is None else json.dumps(held)


def _rewrite_pairs(text: str, visit: Visit) -> str:
    pairs = [_rewrite_pair(pair, visit) for pair in text.split("&")]
    rewritten = "&".join(pairs)
    return text if rewritten == text else rewritten


def _rewrite_pair(pair: str, visit: Visit) -> str:
    name, equals, value = pair.partition("=")
    plain_name = unquote_plus(name)
    kind = secret_kind(plain_name) if equals else None
    if kind is None:
        return pair
    held = visit(Slot(plain_name, kind, unquote_plus(value), has_weak_head(plain_name)))
    return pair if held is None else f"{name}={quote(held, safe='*')}"


def _rewrite_headers(headers: Headers, visit: Visit) -> Headers:
    return tuple((name, _rewrite_header(name.lower(), value, visit)) for name, value in headers)


def _rewrite_header(name: str, value: str, visit: Visit) -> str:
    if name == "cookie":
        return "; ".join(_rewrite_cookie(part, visit) for part in value.split("; "))
    if name == "set-cookie":
        cookie, semicolon, attributes = value.partition(";")
        return _rewrite_cookie(cookie, visit) + semicolon + attributes
    if name in ("location", "content-location", "referer"):
        return rewrite_url(value, visit)
    kind = secret_header_kind(name)
    if kind is None or value.isdigit():
        return value
    if name in ("authorization", "proxy-authorization"):
        return _rewrite_authorization(name, value, visit)
    return _visit_text(name, kind, value, visit)


def _rewrite_authorization(name: str, value: str, visit: Visit) -> str:
    scheme, space, credentials = value.partition(" ")
    if not space:
        scheme, credentials = "", value
    if scheme.lower() == "basic" and (pair := _basic_pair(credentials)):
        user, password = pair
        kept = f"{user}:{_visit_text(name, 'password', password, visit)}"
        if not password:  # an API key in the place of the user name
            kept = _visit_text(name, "key", user, visit) + ":"
        return f"{scheme} {base64.b64encode(kept.encode()).decode()}"
    return f"{scheme}{space}{_visit_text(name, 'token', credentials, visit)}"


def _visit_text(name: str, kind: str, value: str, visit: Visit) -> str:
    held = visit(Slot(name, kind, value))
    return value if held is None else held


def _basic_pair(credentials: str) -> tuple[str, str] | None:
    try:
        user, colon, password = base64.b64decode(credentials, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (user, password) if colon else None


def _rewrite_cookie(cookie: str, visit: Visit) -> str:
    name, equals, value = cookie.partition("=")
    if not value or not (is_auth_like_cookie(name.strip()) or len(value) >= LONG_COOKIE):
        return cookie
    return name + equals + _visit_text(name.strip(), "cookie", value, visit)
