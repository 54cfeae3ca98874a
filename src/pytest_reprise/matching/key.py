"""From a request to a hashable key: equal keys mean the same call.

A key function and never a pairwise comparison, so that finding a recorded call costs the same in
a cassette of ten and of ten thousand. What counts: method, URL with its query in any order, body
(JSON, forms and multipart by meaning, all else by its bytes), and the headers that change what a
server does. What does not: User-Agent, Accept-Encoding, request and trace ids, the value of a
credential.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TypeAlias
from urllib.parse import parse_qsl, urlencode, urlsplit

from ..exchange import FORM, Headers, Request, header, is_json, media_type
from ..scrub.content.compression import decompress_or_keep
from ..scrub.rules.names import is_auth_like_cookie, secret_header_kind

Pairs: TypeAlias = tuple[tuple[str, str], ...]
Key: TypeAlias = tuple[str, str, bytes, Pairs]
"""Method, URL, body, and the headers that count, as pairs of name and value."""

_COUNTING_HEADERS = frozenset(
    ("accept", "range", "idempotency-key", "prefer", "x-http-method-override")
)
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
_UNRESERVED = re.compile(r"%([0-9a-fA-F]{2})")
_BOUNDARY = re.compile(r'boundary="?([^";,]+)', re.IGNORECASE)


def key(request: Request) -> Key:
    """The key of a request; two requests with one key may answer for each other."""
    return (
        request.method.upper(),
        canonical_url(request.url),
        canonical_body(request),
        key_headers(request.headers),
    )


def legacy_key(request: Request) -> Key:
    """vcrpy's default: method and URL (scheme, host, port, path, query), and nothing else."""
    query = urlencode(sorted(parse_qsl(urlsplit(request.url).query)))
    return request.method.upper(), f"{_resource(request.url)}?{query}", b"", ()


def canonical_url(url: str) -> str:
    """The URL without default port, user info and fragment, its query sorted by name."""
    query = urlencode(query_pairs(urlsplit(url).query), errors="surrogateescape")
    return f"{_resource(url)}?{query}"


def _resource(url: str) -> str:
    """Scheme, host, port where it is not the default one, and path."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2].lower()
    host = host.removesuffix(_DEFAULT_PORTS.get(parts.scheme, "-"))
    path = _UNRESERVED.sub(_normal_escape, parts.path) or "/"
    return f"{parts.scheme}://{host}{path}"


def query_pairs(query: str) -> list[tuple[str, str]]:
    """Names and values, decoded, by name; values of one name keep their order."""
    pairs = parse_qsl(query, keep_blank_values=True, errors="surrogateescape")
    return sorted(pairs, key=lambda pair: pair[0])


def _normal_escape(escape: re.Match[str]) -> str:
    """RFC 3986, 6.2.2: upper-case hex; no escape for what needs none."""
    character = chr(int(escape[1], 16))
    plain = character.isascii() and (character.isalnum() or character in "-._~")
    return character if plain else escape[0].upper()


def canonical_body(request: Request) -> bytes:
    """The body by meaning, where its media type tells how; else its bytes."""
    # Gzip carries the time of compression, so that only what is inside can be compared.
    body = decompress_or_keep(request.body, request.headers)
    media = media_type(request.headers)
    if not body:
        return b""
    if media == FORM:
        return repr(query_pairs(body.decode("latin-1"))).encode()
    if media.startswith("multipart/"):
        return _without_boundary(body, request.headers)
    if is_json(media):
        return _canonical_json(body)
    return body


def _without_boundary(body: bytes, headers: Headers) -> bytes:
    boundary = _BOUNDARY.search(header(headers, "content-type") or "")
    return body.replace(boundary[1].encode("latin-1", "replace"), b"boundary") if boundary else body


def _canonical_json(body: bytes) -> bytes:
    try:
        return json.dumps(json.loads(body), sort_keys=True, separators=(",", ":")).encode()
    except (ValueError, RecursionError):
        return body


def key_headers(headers: Headers) -> Pairs:
    """The headers that change what a server does, of credentials only that they are there."""
    found = {part for name, value in headers if (part := _counting(name.lower(), value))}
    return tuple(sorted(found))


@lru_cache(maxsize=1024)
def is_key_header(name: str) -> bool:
    """Whether a header of this name can be part of a key."""
    lowered = name.lower()
    is_known = lowered in ("content-type", "cookie", "authorization")
    return is_known or _counts_by_value(lowered) or secret_header_kind(lowered) is not None


def _counts_by_value(name: str) -> bool:
    return name in _COUNTING_HEADERS or name.startswith("if-") or name.endswith("api-version")


def _counting(name: str, value: str) -> tuple[str, str] | None:
    if name == "content-type":
        return name, value.partition(";")[0].strip().lower()
    if name == "cookie":
        names = (cookie.partition("=")[0].strip() for cookie in value.split(";"))
        return (name, "present") if any(map(is_auth_like_cookie, names)) else None
    if _counts_by_value(name):
        return name, ", ".join(part.strip() for part in value.split(","))
    if name == "authorization":
        return name, _scheme(value)
    return (name, "present") if secret_header_kind(name) else None


def _scheme(value: str) -> str:
    """The scheme of credentials (RFC 9110, 11.4), where it is one and not a bare token."""
    scheme, blank, _ = value.partition(" ")
    return scheme.lower() if blank or scheme.lower() in ("basic", "bearer") else "present"
