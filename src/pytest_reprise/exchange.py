"""One request and its outcome, as plain values: bytes in, bytes out, no I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

Headers: TypeAlias = tuple[tuple[str, str], ...]
"""Name and value as they went over the wire (latin-1), in order, repeats kept."""


def header(headers: Headers, name: str) -> str | None:
    """The first value of the header `name` (given in lower case), or None."""
    for key, value in headers:  # in half the time of a generator, several times an exchange
        if key.lower() == name:
            return value
    return None


def group_by_name(headers: Headers) -> dict[str, list[str]]:
    """The values of each header, as vcrpy keeps them."""
    grouped: dict[str, list[str]] = {}
    for name, value in headers:
        grouped.setdefault(name, []).append(value)
    return grouped


def media_type(headers: Headers) -> str:
    """The media type of Content-Type in lower case, without parameters; "" where there is none."""
    return (header(headers, "content-type") or "").partition(";")[0].strip().lower()


FORM = "application/x-www-form-urlencoded"


def is_json(media: str) -> bool:
    """Whether a body of this media type is JSON."""
    return media.endswith(("/json", "+json"))


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked: `url` is absolute, `body` is what was sent, before any transfer coding."""

    method: str
    url: str
    headers: Headers = ()
    body: bytes = b""

    def with_texts(self, url: str, headers: Headers, body: bytes) -> Request:
        """The same with other texts; itself where they are its own."""
        if (url, headers, body) == (self.url, self.headers, self.body):
            return self
        return Request(self.method, url, headers, body)


@dataclass(frozen=True, slots=True)
class Failure:
    """A transport error as an outcome: the name of its httpx class, and its message."""

    error: str
    message: str

    def with_message(self, message: str) -> Failure:
        return self if message == self.message else Failure(self.error, message)


CANCELLED = "Cancelled"
"""The `Failure.error` of a call that its own task gave up before any answer came."""


@dataclass(frozen=True, slots=True)
class Response:
    """What was answered: `body` is raw, still compressed where the server compressed it.

    `chunks` are the sizes in bytes in which the body came, empty where it came in one piece;
    `broken_by` is the failure that ended the body early.
    """

    status: int
    reason: str = ""
    headers: Headers = ()
    body: bytes = b""
    http_version: str = "HTTP/1.1"
    chunks: tuple[int, ...] = ()
    broken_by: Failure | None = None

    def with_texts(self, reason: str, headers: Headers, body: bytes) -> Response:
        """The same with other texts; itself where they are its own."""
        if (reason, headers, body) == (self.reason, self.headers, self.body):
            return self
        return replace(self, reason=reason, headers=headers, body=body)

    def pieces(self) -> Iterator[bytes]:
        """The body in the pieces in which it came."""
        start = 0
        for size in self.chunks or (len(self.body),):
            yield self.body[start : start + size]
            start += size


Outcome: TypeAlias = Response | Failure


@dataclass(frozen=True, slots=True)
class Interaction:
    """One request and its outcome.

    `scope` names who recorded it in a shared cassette; `at` is when the answer came, in seconds
    from the start of the recording.
    """

    request: Request
    outcome: Outcome
    scope: str = ""
    at: float = 0.0

    def with_request_and_outcome(self, request: Request, outcome: Outcome) -> Interaction:
        """The same with another request and outcome; itself where they are its own."""
        if request is self.request and outcome is self.outcome:
            return self
        return Interaction(request, outcome, self.scope, self.at)


TextMap: TypeAlias = Callable[[str], str]


BodyMap: TypeAlias = Callable[[bytes, Headers], bytes]
"""Changes a body, with the headers that go with it at hand."""


def map_request(request: Request, change: TextMap, map_body: BodyMap | None = None) -> Request:
    """The request with `change` applied to each text in it: URL, header values, body.

    `map_body` is applied to the body; without it `change` is, where the body is UTF-8.
    """
    map_body = map_body or _of_utf_8(change)
    return request.with_texts(
        change(request.url),
        _map_headers(request.headers, change),
        map_body(request.body, request.headers),
    )


def map_outcome(outcome: Outcome, change: TextMap, map_body: BodyMap | None = None) -> Outcome:
    """The same for an outcome; lengths are left as they are."""
    if isinstance(outcome, Failure):
        return outcome.with_message(change(outcome.message))
    map_body = map_body or _of_utf_8(change)
    mapped = outcome.with_texts(
        change(outcome.reason),
        _map_headers(outcome.headers, change),
        map_body(outcome.body, outcome.headers),
    )
    if broken_by := outcome.broken_by:
        return replace(mapped, broken_by=broken_by.with_message(change(broken_by.message)))
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
