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
from urllib.parse import quote, unquote_plus

from ..exchange import FORM, Headers, Request, Response, is_json, media_type
from . import json_scalars
from .names import (
    has_weak_head,
    is_auth_like_cookie,
    secret_header_kind,
    secret_kind,
    secret_parameter_kind,
)
from .placeholders import PLACEHOLDER

LONG_COOKIE = 16
"""A cookie value of this length counts as a secret, whatever the cookie's name."""

_HINT = re.compile(
    r"(?i)(?:pass|pwd|secret|assertion|token|jwt|csrf|xsrf|key|credential|auth|sid|otp|ssn|cvv"
    r'|id|code|string|number)[a-z0-9_-]{0,40}"\s*:'
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
KindOf: TypeAlias = Callable[[str], str | None]


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
    rest, hash_sign, fragment = url.partition("#")
    path, question_mark, query = rest.partition("?")
    query = _rewrite_pairs(query, visit, secret_parameter_kind)
    return path + question_mark + query + hash_sign + fragment


def rewrite_body(body: bytes, media: str, visit: Visit) -> bytes:
    if media == "multipart/form-data":
        return _rewrite_multipart(body, visit)
    if not body or not (media == FORM or is_json(media)):
        return body
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return body
    if media == FORM:
        rewritten = _rewrite_pairs(text, visit, secret_kind)
    else:
        rewritten = _rewrite_json(text, visit)
    return body if rewritten is text else rewritten.encode()


_PART = re.compile(
    rb'(Content-Disposition: form-data; name="([^"]*)"\r\n\r\n)(.*?)(?=\r\n--)',
    re.IGNORECASE | re.DOTALL,
)


def _rewrite_multipart(body: bytes, visit: Visit) -> bytes:
    """Fields by their names; files (their parts have a filename) stay as they are."""

    def rewrite(part: re.Match[bytes]) -> bytes:
        name = part[2].decode("latin-1")
        kind = secret_kind(name)
        if kind is None:
            return part[0]
        value = part[3].decode(errors="replace")
        held = visit(Slot(name, kind, value, has_weak_head(name)))
        return part[0] if held is None else part[1] + held.encode()

    return _PART.sub(rewrite, body)


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
    held = visit(Slot(scalar.path, kind, value, has_weak_head(scalar.key), is_text))
    if held is None:
        return None
    is_cut_off = is_text and (len(scalar.written) == 1 or scalar.written[-1] != '"')
    return json.dumps(held)[:-1] if is_cut_off else json.dumps(held)


def _rewrite_pairs(text: str, visit: Visit, kind_of: KindOf) -> str:
    pairs = [_rewrite_pair(pair, visit, kind_of) for pair in text.split("&")]
    rewritten = "&".join(pairs)
    return text if rewritten == text else rewritten


def _rewrite_pair(pair: str, visit: Visit, kind_of: KindOf) -> str:
    name, equals, value = pair.partition("=")
    plain_name = unquote_plus(name)
    kind = kind_of(plain_name) if equals else None
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
        kept = _rewrite_basic(name, *pair, visit)
        if kept == ":".join(pair):
            return value
        return f"{scheme} {base64.b64encode(kept.encode()).decode()}"
    return f"{scheme}{space}{_visit_text(name, 'token', credentials, visit)}"


def _rewrite_basic(name: str, user: str, password: str, visit: Visit) -> str:
    if password:
        return f"{user}:{_visit_text(name, 'password', password, visit)}"
    # An API key in the place of the user name.
    return _visit_text(name, "key", user, visit) + ":"


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
    is_long = len(PLACEHOLDER.sub("", value)) >= LONG_COOKIE
    if not equals or not (is_auth_like_cookie(name.strip()) or is_long):
        return cookie
    return name + equals + _visit_text(name.strip(), "cookie", value, visit)
