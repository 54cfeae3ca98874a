"""Convert requests and responses to vcrpy's own, and back."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, TypeAlias

from vcr.request import Request as VcrRequest

from ...cassette.vcrpy_variants import headers_by_name
from ...exchange import NO_BODY, Headers, NoBody, Request, Response, group_by_name

VcrResponse: TypeAlias = dict[str, Any]
"""vcrpy's form: `status` with `code` and `message`, `headers` with lists, `body` with `string`."""


def to_vcr_request(request: Request) -> VcrRequest:
    """Return the request in the form of vcrpy's matchers and hooks."""
    return VcrRequest(request.method, request.url, request.body, dict(request.headers))


def from_vcr_request(vcr_value: VcrRequest, was: Headers = ()) -> Request:
    """Return vcrpy's request in our form.

    `was` are the headers that it was made from: vcrpy loses repeated ones.
    """
    headers = tuple((str(name), _text(value)) for name, value in vcr_value.headers.items())
    same = dict(was) == dict(headers)
    return Request(
        vcr_value.method, vcr_value.uri, was if same else headers, _bytes(vcr_value.body)
    )


def to_vcr_response(response: Response) -> VcrResponse:
    """Return the response in the form of vcrpy's hooks."""
    return {
        "status": {"code": response.status, "message": response.reason},
        "headers": group_by_name(response.headers),
        "body": {"string": response.body},
    }


def from_vcr_response(vcr_value: VcrResponse, was: Response | None = None) -> Response:
    """Return vcrpy's response in our form.

    `was` is the response that it was made from, which is returned where nothing changed. Raises
    KeyError, TypeError or ValueError for a response that is not in vcrpy's form.
    """
    status = vcr_value["status"]
    body = _bytes(vcr_value["body"].get("string"))
    listed = tuple((str(n), vs if isinstance(vs, list) else [vs]) for n, vs in _pairs(vcr_value))
    headers = tuple((name, _text(value)) for name, values in listed for value in values)
    made = Response(int(status["code"]), str(status.get("message") or ""), headers, body)
    return was if was and to_vcr_response(was) == to_vcr_response(made) else made


def _pairs(vcr_value: VcrResponse) -> Iterable[tuple[object, object]]:
    found = headers_by_name(vcr_value.get("headers"))
    return found.items() if isinstance(found, dict) else ()


def _text(value: object) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _bytes(body: object) -> bytes:
    if body is None or isinstance(body, NoBody):
        return NO_BODY
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
    """Whether a body of aiohttp is not encoded yet; a list of bytes is a body in pieces."""
    is_in_pieces = isinstance(body, list) and all(isinstance(part, bytes) for part in body)
    return isinstance(body, (dict, list)) and not is_in_pieces
