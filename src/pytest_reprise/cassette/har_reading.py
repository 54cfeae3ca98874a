"""Read a HAR document (HTTP Archive 1.2) of a browser, a proxy or another tool.

The format: http://www.softwareishard.com/blog/har-12-spec/. What a field may hold beyond that is
as Chromium, Firefox, Safari, Playwright, Charles and mitmproxy write it.
"""

from __future__ import annotations

import binascii
import json
import re
from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import pairwise
from typing import NamedTuple, TypeGuard
from urllib.parse import urlencode, urlsplit

from ..exchange import Failure, Headers, Interaction, Latency, Outcome, Request, Response, header

OURS = "pytest-reprise"
"""The name under `creator` of a document that Reprise wrote."""
_CHARSET = re.compile(r"""charset\s*=\s*["']?([^\s"';,]+)""", re.I)
_VERSIONS = {"h2": "HTTP/2", "http/2.0": "HTTP/2", "http/2": "HTTP/2", "http/1.0": "HTTP/1.0"}
"""How documents write a version of HTTP, in lower case; any other one is taken for HTTP/1.1."""
_STATUS = range(100, 1000)
_NO_STATUS = -1
"""What Playwright writes for a request without an answer; browsers write 0."""
_FAILURE = re.compile(r"([A-Z][A-Za-z]{2,40}): (.*)", re.S)
"""A recorded failure, as Reprise writes it under `_error`."""


class HarError(Exception):
    """A document that is not HAR. The text names the place, such as `log.entries[3].request`."""


class _SkippedError(Exception):
    """An entry that cannot become an interaction; the text says why."""


class Skipped(NamedTuple):
    """An entry that was left out. `number` counts from 1."""

    number: int
    url: str
    reason: str


class Capture(NamedTuple):
    """What was read, in the order in which the requests were sent."""

    creator: str
    started: datetime
    """When the first request was sent; the times of the interactions count from it."""
    interactions: tuple[Interaction, ...]
    skipped: tuple[Skipped, ...]


def read_har(text: str, is_wanted: Callable[[str], bool]) -> Capture:
    """Return the interactions of a document with the hosts that are wanted. Raises HarError."""
    log = _mapping(_mapping(_parsed(text), "").get("log"), "log")
    entries = log.get("entries")
    if not isinstance(entries, list):
        raise HarError("`log.entries` is not a list")
    creator = _creator(log.get("creator"))
    timed, skipped = list[tuple[float, Interaction]](), list[Skipped]()
    for number, value in enumerate(entries, 1):
        entry = _Entry(value, f"log.entries[{number - 1}]")
        url = entry.request_text("url")
        if not is_wanted(_host(url)):
            continue
        try:
            timed.append((entry.started(), entry.interaction(is_ours=creator.startswith(OURS))))
        except _SkippedError as error:
            skipped.append(Skipped(number, url, str(error)))
    timed.sort(key=lambda one: one[0])
    first = timed[0][0] if timed else 0.0
    interactions = (one._replace(at=max(0.0, sent - first + one.at)) for sent, one in timed)
    started = datetime.fromtimestamp(first, UTC)
    return Capture(creator, started, tuple(interactions), tuple(skipped))


def common_origin(interactions: Iterable[Interaction]) -> str:
    """Return scheme, host and port of all URLs if they are the same; else ""."""
    parts = (urlsplit(interaction.request.url) for interaction in interactions)
    origins = [f"{part.scheme}://{part.netloc.rpartition('@')[2]}" for part in parts]
    is_same = all(one == another for one, another in pairwise(origins))
    return origins[0] if origins and is_same else ""


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _parsed(text: str) -> object:
    try:
        return json.loads(text.removeprefix("\ufeff"))  # some tools write a byte order mark
    except json.JSONDecodeError as error:
        raise HarError(f"line {error.lineno}: not JSON: {error.msg}") from None
    except (ValueError, RecursionError):
        raise HarError("not JSON that can be read: it has too many levels or digits") from None


def _creator(value: object) -> str:
    named = value if isinstance(value, dict) else {}
    found = (named.get("name"), named.get("version"))
    return " ".join(part for part in found if isinstance(part, str))[:80]


def _mapping(value: object, place: str) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise HarError(f"`{place}` is not an object" if place else "not an object of JSON")
    return value


class _Entry:
    """One entry of the log; `place` is where it stands in the document."""

    def __init__(self, value: object, place: str) -> None:
        self._entry = _mapping(value, place)
        self._place = place
        self._request = _mapping(self._entry.get("request"), f"{place}.request")
        self._response = _mapping(self._entry.get("response"), f"{place}.response")

    def request_text(self, name: str) -> str:
        value = self._request.get(name)
        if not isinstance(value, str):
            raise HarError(f"`{self._place}.request.{name}` is not a text")
        return value

    def started(self) -> float:
        """Return when the request was sent, in seconds since 1970."""
        value = self._entry.get("startedDateTime")
        try:
            found = datetime.fromisoformat(value) if isinstance(value, str) else None
            if found is not None:  # without a time zone, it is taken for UTC
                return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
        except (ValueError, OverflowError):
            pass
        raise HarError(f"`{self._place}.startedDateTime` is not a time")

    def interaction(self, is_ours: bool) -> Interaction:
        """Return the interaction; its `at` counts from the sending of its request.

        Raises _SkippedError or HarError.
        """
        url = self.request_text("url")
        scheme = url.partition(":")[0].lower()
        if scheme in ("ws", "wss") or "_webSocketMessages" in self._entry:
            raise _SkippedError("a WebSocket")
        if scheme not in ("http", "https"):
            raise _SkippedError(f"not HTTP, but `{scheme[:20]}:`")
        if not _host(url):
            raise _SkippedError("not a URL")
        if self._entry.get("_fromCache"):
            raise _SkippedError("the browser took it from its cache, so there is no answer")
        outcome = self._failure(is_ours) or self._answer()
        headers = tuple(_headers(self._request.get("headers"), f"{self._place}.request.headers"))
        method = self.request_text("method")
        request = Request(method, url.partition("#")[0], headers, self._sent(headers))
        latency = self._latency()
        return Interaction(
            request, outcome, at=latency.headers if latency else 0.0, latency=latency
        )

    # --- the request --------------------------------------------------------------------------

    def _sent(self, headers: Headers) -> bytes:
        data = self._request.get("postData")
        if not isinstance(data, dict):
            return b""
        text, content_type = data.get("text"), header(headers, "content-type") or ""
        if isinstance(text, str) and (text or not data.get("params")):
            return self._bytes(text, data.get("encoding"), content_type)
        if params := data.get("params"):
            if "urlencoded" not in content_type:
                raise _SkippedError("the body of the request is not in the file, only its fields")
            pairs = _headers(params, f"{self._place}.request.postData.params")
            return urlencode([*pairs]).encode()
        return b""

    # --- the response -------------------------------------------------------------------------

    def _failure(self, is_ours: bool) -> Outcome | None:
        if self._response.get("status") not in (None, 0, _NO_STATUS):
            return None
        error = self._entry.get("_error") or self._response.get("_error")
        found = _FAILURE.fullmatch(error) if is_ours and isinstance(error, str) else None
        if found:
            return Failure(found[1], found[2])
        reason = f": {error[:80]}" if isinstance(error, str) else ""
        raise _SkippedError(f"it has no answer{reason}")

    def _answer(self) -> Response:
        status = self._response.get("status")
        if not _is_integer(status) or status not in _STATUS:
            raise HarError(f"`{self._place}.response.status` is not a status of HTTP")
        place = f"{self._place}.response.headers"
        headers = tuple(_headers(self._response.get("headers"), place))
        body = self._received(headers)
        reason, version = self._response.get("statusText"), self._response.get("httpVersion")
        return Response(
            status,
            reason if isinstance(reason, str) else "",
            tuple(_of_plain_body(headers, len(body), self.request_text("method"))),
            body,
            _VERSIONS.get(str(version).lower(), "HTTP/1.1"),
        )

    def _received(self, headers: Headers) -> bytes:
        content = self._response.get("content")
        content = content if isinstance(content, dict) else {}
        text, size = content.get("text"), content.get("size")
        if isinstance(text, str):
            return self._bytes(text, content.get("encoding"), header(headers, "content-type") or "")
        if _is_integer(size) and size > 0:
            raise _SkippedError("the body of the answer is not in the file; save it with contents")
        return b""

    def _bytes(self, text: str, encoding: object, content_type: str) -> bytes:
        if encoding == "base64":
            try:
                return b64decode(text)
            except (binascii.Error, ValueError):
                raise HarError(f"`{self._place}` has a body that is not base64") from None
        declared = _CHARSET.search(content_type)
        try:
            return text.encode(declared[1] if declared else "utf-8")
        except (LookupError, ValueError):
            return text.encode("utf-8", "surrogatepass")

    def _latency(self) -> Latency | None:
        timings = self._entry.get("timings")
        receiving = timings.get("receive") if isinstance(timings, dict) else None
        total = self._entry.get("time")
        if not _is_duration(total):
            return None
        if not _is_duration(receiving) or not 0 < receiving < total:
            return Latency(total / 1000)
        return Latency((total - receiving) / 1000, total / 1000)


def _is_integer(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_duration(value: object) -> TypeGuard[float]:
    """Whether a value may be a time in milliseconds; -1 means that it is unknown."""
    return isinstance(value, int | float) and 0 <= value < 1e9


def _headers(value: object, place: str) -> Iterator[tuple[str, str]]:
    """Yield names and values, without the pseudo-headers of HTTP/2. Raises HarError."""
    if value is None:
        return
    if not isinstance(value, list):
        raise HarError(f"`{place}` is not a list")
    for number, pair in enumerate(value):
        named = _mapping(pair, f"{place}[{number}]")
        name, content = named.get("name"), named.get("value", "")
        if not isinstance(name, str) or not isinstance(content, str):
            raise HarError(f"`{place}[{number}]` has no `name` and `value` that are texts")
        if name and not name.startswith(":"):
            # Chromium joins headers of the same name by line ends.
            yield from ((name, line) for line in content.split("\n"))


def _of_plain_body(headers: Headers, size: int, method: str) -> Iterator[tuple[str, str]]:
    """Yield the headers of a response whose body is stored decompressed and in one piece."""
    for name, value in headers:
        key = name.lower()
        if key in ("content-encoding", "transfer-encoding") and (size or method != "HEAD"):
            continue
        yield (name, str(size)) if key == "content-length" and method != "HEAD" else (name, value)
