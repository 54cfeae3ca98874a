"""From a request to a hashable key. Requests with equal keys are the same call.

A dictionary of keys finds a request in the same time in a cassette of ten interactions and of ten
thousand; a function that compares two requests would have to be called for each interaction.

Part of the key: the method; the URL, with its query in any order; the body, by its meaning for
JSON, forms and multipart, else by its bytes; and the headers that change what a server does.
Not part of it: User-Agent, Accept-Encoding, ids of requests and traces, values of credentials.
"""

from __future__ import annotations

import json
import re
from typing import TypeAlias
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

from ..exchange import FORM, Headers, Request, header, is_json_body, media_type
from ..scrub.content.compression import decompress_or_keep
from ..scrub.rules.names import is_auth_like_cookie, secret_header_kind

Pairs: TypeAlias = tuple[tuple[str, str], ...]
Key: TypeAlias = tuple[str, str, bytes, Pairs]
"""Method, URL, body, and the headers in the key, as pairs of name and value."""

_KEY_HEADERS = frozenset(("accept", "range", "idempotency-key", "prefer", "x-http-method-override"))
_NO_PREFERENCE = ("accept", "*/*")
"""Means the same as no such header (RFC 9110, section 12.5.1)."""
_OF_TEMPORARY_CREDENTIALS = "x-amz-security-token"
"""Sent to AWS with temporary credentials only. Which kind there is, is not up to the code."""
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
_UNRESERVED = re.compile(r"%([0-9a-fA-F]{2})")
_BOUNDARY = re.compile(r'boundary="?([^";,]+)', re.IGNORECASE)


def key(request: Request) -> Key:
    """Return the key of a request, by the rules of Reprise."""
    return (
        request.method.upper(),
        canonical_url(request.url),
        canonical_body(request),
        key_headers(request.headers),
    )


def legacy_key(request: Request) -> Key:
    """Return the key by vcrpy's default `match_on`: method, scheme, host, port, path and query."""
    parts = urlsplit(request.url)
    query = urlencode(sorted(parse_qsl(parts.query)))
    return request.method.upper(), f"{_resource(parts)}?{query}", b"", ()


def canonical_url(url: str) -> str:
    """Return the URL without default port, user info and fragment, its query sorted by name."""
    parts = urlsplit(url)
    query = parts.query
    if query:
        query = urlencode(query_pairs(query), errors="surrogateescape")
    return f"{_resource(parts)}?{query}"


def _resource(parts: SplitResult) -> str:
    """Return a URL up to its path, without user info and default port."""
    host = parts.netloc.rpartition("@")[2].lower()
    host = host.removesuffix(_DEFAULT_PORTS.get(parts.scheme, "-"))
    path = _UNRESERVED.sub(_normal_escape, parts.path) or "/"
    return f"{parts.scheme}://{host}{path}"


def query_pairs(query: str) -> list[tuple[str, str]]:
    """Return names and values, decoded and sorted by name; values of a name keep their order."""
    pairs = parse_qsl(query, keep_blank_values=True, errors="surrogateescape")
    return sorted(pairs, key=lambda pair: pair[0])


def _normal_escape(escape: re.Match[str]) -> str:
    """Normalize a percent-escape (RFC 3986, 6.2.2): in upper case, and only if it is needed."""
    character = chr(int(escape[1], 16))
    plain = character.isascii() and (character.isalnum() or character in "-._~")
    return character if plain else escape[0].upper()


def canonical_body(request: Request) -> bytes:
    """Return the same bytes for all bodies with the same meaning.

    Equal are JSON with keys in another order, forms with fields in another order, multipart with
    another boundary, and any body with another compression. All other bodies count by their bytes.
    """
    # gzip contains the time of compression, so only the content can be compared.
    body = decompress_or_keep(request.body, request.headers)
    media = media_type(request.headers)
    if not body:
        return b""
    if media == FORM:
        return repr(query_pairs(body.decode("latin-1"))).encode()
    if media.startswith("multipart/"):
        return _without_boundary(body, request.headers)
    if is_json_body(media, body):
        return _canonical_json(body)
    return body


def _without_boundary(body: bytes, headers: Headers) -> bytes:
    boundary = multipart_boundary(headers)
    return body.replace(boundary, b"boundary") if boundary else body


def multipart_boundary(headers: Headers) -> bytes | None:
    """Return the boundary that Content-Type names, or None."""
    found = _BOUNDARY.search(header(headers, "content-type") or "")
    return found[1].encode("latin-1", "replace") if found else None


_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


def _canonical_json(body: bytes) -> bytes:
    try:
        return _encode(json.loads(body)).encode()
    except (ValueError, RecursionError):
        return body


def key_headers(headers: Headers) -> Pairs:
    """Return the headers that change what a server does, without the values of credentials."""
    found = {part for name, value in headers if (part := _header_part(name.lower(), value))}
    return tuple(sorted(found))


def credentials(headers: Headers) -> Pairs:
    """Return the values of credentials, which are not in a key, as pairs of name and value."""
    named = ((name.lower(), value) for name, value in headers)
    return tuple(sorted(pair for pair in named if _holds_credentials(*pair)))


def _holds_credentials(name: str, value: str) -> bool:
    if name == "cookie":
        return bool(_header_part(name, value))
    return name == "authorization" or secret_header_kind(name) is not None


def is_key_header(name: str) -> bool:
    """Whether a header of this name may be in a key; for a cookie, its content decides then."""
    lowered = name.lower()
    if lowered in ("content-type", "cookie", "authorization") or _has_value_in_key(lowered):
        return True
    return secret_header_kind(lowered) is not None and may_not_be_missing(lowered)


def may_not_be_missing(name: str) -> bool:
    """Whether a request with this secret header differs from one without it."""
    return name.lower() != _OF_TEMPORARY_CREDENTIALS


def _has_value_in_key(name: str) -> bool:
    return name in _KEY_HEADERS or name.startswith("if-") or name.endswith("api-version")


def _header_part(name: str, value: str) -> tuple[str, str] | None:
    """Return what a header adds to the key, or None. `name` is in lower case."""
    if name == "content-type":
        return name, value.partition(";")[0].strip().lower()
    if name == "cookie":
        names = (cookie.partition("=")[0].strip() for cookie in value.split(";"))
        return (name, "present") if any(map(is_auth_like_cookie, names)) else None
    if (name, value.strip()) == _NO_PREFERENCE:
        return None
    if _has_value_in_key(name):
        return name, ", ".join(part.strip() for part in value.split(","))
    if name == "authorization":
        return name, _scheme(value)
    return (name, "present") if secret_header_kind(name) and may_not_be_missing(name) else None


def _scheme(value: str) -> str:
    """Return the scheme of credentials (RFC 9110, 11.4); "present" for a bare token."""
    scheme, blank, _ = value.partition(" ")
    return scheme.lower() if blank or scheme.lower() in ("basic", "bearer") else "present"
