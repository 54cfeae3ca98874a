"""Our requests and responses as vcrpy's own, and back."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, TypeAlias

from vcr.request import Request as TheirRequest

from ...cassette.vcrpy_variants import headers_by_name
from ...exchange import Headers, Request, Response, group_by_name

TheirResponse: TypeAlias = dict[str, Any]
"""`status` with `code` and `message`, `headers` with lists, `body` with `string`."""


def their_request(request: Request) -> TheirRequest:
    """Our request as vcrpy's matchers and hooks know it."""
    return TheirRequest(request.method, request.url, request.body, dict(request.headers))


def our_request(theirs: TheirRequest, was: Headers = ()) -> Request:
    """vcrpy's request as ours; `was` are the headers that it was made of."""
    headers = tuple((str(name), _text(value)) for name, value in theirs.headers.items())
    same = dict(was) == dict(headers)
    return Request(theirs.method, theirs.uri, was if same else headers, _bytes(theirs.body))


def their_response(response: Response) -> TheirResponse:
    """Our response as vcrpy's hooks know it."""
    return {
        "status": {"code": response.status, "message": response.reason},
        "headers": group_by_name(response.headers),
        "body": {"string": response.body},
    }


def our_response(theirs: TheirResponse, was: Response | None = None) -> Response:
    """vcrpy's response as ours; `was` is what it was made of, where something was.

    Raises KeyError and the like for what is no response of vcrpy's.
    """
    status = theirs["status"]
    body = _bytes(theirs["body"].get("string"))
    listed = tuple((str(n), vs if isinstance(vs, list) else [vs]) for n, vs in _pairs(theirs))
    headers = tuple((name, _text(value)) for name, values in listed for value in values)
    made = Response(int(status["code"]), str(status.get("message") or ""), headers, body)
    return was if was and their_response(was) == their_response(made) else made


def _pairs(theirs: TheirResponse) -> Iterable[tuple[object, object]]:
    found = headers_by_name(theirs.get("headers"))
    return found.items() if isinstance(found, dict) else ()


def _text(value: object) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _bytes(body: object) -> bytes:
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, (bytes, bytearray)):
        return bytes(body)
    if hasattr(body, "read"):
        return _bytes(body.read())
    if _is_value(body):
        return json.dumps(body, sort_keys=True, default=str).encode()
    return b"".join(map(_bytes, body)) if isinstance(body, Iterable) else str(body).encode()


def _is_value(body: object) -> bool:
    """What aiohttp was given, before it is encoded; a list of bytes is a body in pieces."""
    is_in_pieces = isinstance(body, list) and all(isinstance(part, bytes) for part in body)
    return isinstance(body, (dict, list)) and not is_in_pieces
