"""A request, its outcome, and both as an interaction: immutable values, without any I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import accumulate
from typing import NamedTuple, TypeAlias

Headers: TypeAlias = tuple[tuple[str, str], ...]
"""Names and values in wire order, decoded as latin-1. A name may be in it several times."""


def header(headers: Headers, name: str) -> str | None:
    """Return the first value of the header `name`, which is given in lower case; or None."""
    for key, value in headers:
        if key.lower() == name:
            return value
    return None


def group_by_name(headers: Headers) -> dict[str, list[str]]:
    """Return the values of each header, as vcrpy groups them."""
    grouped: dict[str, list[str]] = {}
    for name, value in headers:
        grouped.setdefault(name, []).append(value)
    return grouped


def media_type(headers: Headers) -> str:
    """Return the media type of Content-Type in lower case without parameters, or ""."""
    return (header(headers, "content-type") or "").partition(";")[0].strip().lower()


FORM = "application/x-www-form-urlencoded"


def is_json(media: str) -> bool:
    """Whether a body of this media type (in lower case) is JSON."""
    return media.endswith(("/json", "+json"))


def is_json_body(media: str, body: bytes) -> bool:
    """Whether a decompressed body is JSON. The first byte decides where no media type is sent:
    botocore sends JSON without one."""
    return is_json(media) or (not media and body[:1] in (b"{", b"["))


class NoBody(bytes):
    """The empty body of a request for which vcrpy writes `null`, as it does for most clients.

    It equals other empty bodies. But vcrpy's matcher `body` tells `null` from an empty text.
    """


NO_BODY = NoBody()


class Request(NamedTuple):
    """A request as it is sent. `url` is absolute; `body` is without transfer coding."""

    method: str
    url: str
    headers: Headers = ()
    body: bytes = b""

    def with_texts(self, url: str, headers: Headers, body: bytes) -> Request:
        """Return this request with other values, or itself if they are the same."""
        if (url, headers, body) == (self.url, self.headers, self.body):
            return self
        return Request(self.method, url, headers, body)


class Failure(NamedTuple):
    """A transport error instead of a response: the name of its httpx class, and its message."""

    error: str
    message: str

    def with_message(self, message: str) -> Failure:
        """Return this failure with another message, or itself if it is the same."""
        return self if message == self.message else Failure(self.error, message)


CANCELLED = "Cancelled"
"""The `Failure.error` of a request whose own task was cancelled before the response began."""


class Response(NamedTuple):
    """A response as it was received. `body` is raw: compressed if the server compressed it.

    `chunks` are the sizes, in bytes, of the chunks in which the body was received, or empty for a
    body in one chunk. `broken_by` is the failure that ended the body early.
    """

    status: int
    reason: str = ""
    headers: Headers = ()
    body: bytes = b""
    http_version: str = "HTTP/1.1"
    chunks: tuple[int, ...] = ()
    broken_by: Failure | None = None

    def with_texts(self, reason: str, headers: Headers, body: bytes) -> Response:
        """Return this response with other values, or itself if they are the same."""
        if (reason, headers, body) == (self.reason, self.headers, self.body):
            return self
        return self._replace(reason=reason, headers=headers, body=body)

    def pieces(self) -> Iterator[bytes]:
        """Return the body in the chunks in which it was received."""
        if not self.chunks:
            return iter((self.body,))
        starts = accumulate(self.chunks, initial=0)
        return (self.body[n : n + size] for n, size in zip(starts, self.chunks, strict=False))


Outcome: TypeAlias = Response | Failure


class Latency(NamedTuple):
    """How long an answer took, in seconds from the sending of its request."""

    headers: float
    """To the end of the response headers, or to the failure instead of them."""
    body: float | None = None
    """To the end of a body that was received later; None for one that came with the headers."""

    @property
    def total(self) -> float:
        """To the end of the answer."""
        return self.headers if self.body is None else self.body


class Interaction(NamedTuple):
    """One request and its outcome.

    `scope` is the scope that recorded it, in a cassette that several share; "" means the scope of
    the header. `at` is when the response began, in seconds from the start of the recording.
    `latency` is None where the cassette does not have it.
    """

    request: Request
    outcome: Outcome
    scope: str = ""
    at: float = 0.0
    latency: Latency | None = None

    def with_request_and_outcome(self, request: Request, outcome: Outcome) -> Interaction:
        """Return this interaction with others, or itself if they are the same objects."""
        if request is self.request and outcome is self.outcome:
            return self
        return Interaction(request, outcome, self.scope, self.at, self.latency)


TextMap: TypeAlias = Callable[[str], str]
"""Returns a changed text, or the same."""
BodyMap: TypeAlias = Callable[[bytes, Headers], bytes]
"""Returns a changed body, or the same. The headers of the message show what kind of body it is."""


def map_request(request: Request, change: TextMap, map_body: BodyMap | None = None) -> Request:
    """Return the request with `change` applied to its URL, to header values, and to the body.

    `map_body` is applied to the body; without it `change` is, if the body is UTF-8.
    """
    map_body = map_body or _of_utf_8(change)
    return request.with_texts(
        change(request.url),
        _map_headers(request.headers, change),
        map_body(request.body, request.headers),
    )


def map_outcome(outcome: Outcome, change: TextMap, map_body: BodyMap | None = None) -> Outcome:
    """Do for an outcome what `map_request` does for a request. Content-Length is not corrected."""
    if isinstance(outcome, Failure):
        return outcome.with_message(change(outcome.message))
    map_body = map_body or _of_utf_8(change)
    mapped = outcome.with_texts(
        change(outcome.reason),
        _map_headers(outcome.headers, change),
        map_body(outcome.body, outcome.headers),
    )
    if broken_by := outcome.broken_by:
        return mapped._replace(broken_by=broken_by.with_message(change(broken_by.message)))
    return mapped


def _map_headers(headers: Headers, change: TextMap) -> Headers:
    return tuple([(name, change(value)) for name, value in headers])


def _of_utf_8(change: TextMap) -> BodyMap:
    def map_body(body: bytes, _headers: Headers) -> bytes:
        try:
            text = body.decode()
        except UnicodeDecodeError:
            return body
        changed = change(text)
        return body if changed == text else changed.encode()

    return map_body
