"""Recorded interactions as a HAR document (HTTP Archive 1.2), which browsers and proxies read.

The format: http://www.softwareishard.com/blog/har-12-spec/
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

from ..content_codings import TooLargeError, codings_of, decompress_all
from ..exchange import Failure, Headers, Interaction, Latency, Request, Response, header
from .model import Header

_CHARSET = re.compile(r"""charset\s*=\s*["']?([^\s"';,]+)""", re.I)
_MAX_DECOMPRESSED = 100_000_000
"""Bytes. A body that is larger when it is decompressed is written as it was sent."""
Entry = dict[str, object]


class Recording(NamedTuple):
    """A cassette as a page of a HAR document."""

    title: str
    header: Header
    interactions: tuple[Interaction, ...]


def har_document(recordings: Iterable[Recording], version: str) -> dict[str, object]:
    """Return the document as plain values. `version` is that of Reprise."""
    pages, entries = list[Entry](), list[tuple[datetime, Entry]]()
    for number, recording in enumerate(recordings, 1):
        page = f"page_{number}"
        start = recording.header.recorded_at
        pages.append(
            {
                "startedDateTime": start.isoformat(),
                "id": page,
                "title": recording.title,
                "pageTimings": {},
            }
        )
        entries += ((_started(start, i), _entry(page, start, i)) for i in recording.interactions)
    entries.sort(key=lambda timed: timed[0])
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": "pytest-reprise", "version": version},
            "pages": pages,
            "entries": [entry for _, entry in entries],
        }
    }


def _started(start: datetime, interaction: Interaction) -> datetime:
    """Return when the request was sent; without a latency, when its response began."""
    latency = interaction.latency
    return start + timedelta(seconds=interaction.at - (latency.headers if latency else 0.0))


def _entry(page: str, start: datetime, interaction: Interaction) -> Entry:
    outcome, latency = interaction.outcome, interaction.latency or Latency(0.0)
    wait, total = (round(seconds * 1000, 3) for seconds in (latency.headers, latency.total))
    entry: Entry = {
        "pageref": page,
        "startedDateTime": _started(start, interaction).isoformat(),
        "time": total,
        "request": _request(interaction.request, outcome),
        "response": _response(outcome),
        "cache": {},
        "timings": {"send": 0, "wait": wait, "receive": round(total - wait, 3)},
    }
    broken_by = outcome if isinstance(outcome, Failure) else outcome.broken_by
    # `_error` is what browsers write for a request that failed; other names begin with `_`, too.
    return entry if broken_by is None else entry | {"_error": _error_text(broken_by)}


def _error_text(failure: Failure) -> str:
    return f"{failure.error}: {failure.message}"


def _request(request: Request, outcome: Response | Failure) -> Entry:
    version = "HTTP/1.1" if isinstance(outcome, Failure) else outcome.http_version
    found: Entry = {
        "method": request.method,
        "url": request.url,
        "httpVersion": version,
        "cookies": list(_cookies(request.headers, "cookie", ";")),
        "headers": _headers(request.headers),
        "queryString": _pairs(parse_qsl(urlsplit(request.url).query, keep_blank_values=True)),
        "headersSize": -1,
        "bodySize": len(request.body),
    }
    if request.body:
        content_type = header(request.headers, "content-type") or ""
        # Compressed bodies stay compressed: the server got these bytes.
        found["postData"] = {"mimeType": content_type, **_text(request.body, request.headers)}
    return found


def _response(outcome: Response | Failure) -> Entry:
    if isinstance(outcome, Failure):
        return _empty_response(status=0, reason="", version="")
    plain = _decompressed(outcome)
    content: Entry = {
        "size": len(plain),
        "compression": len(plain) - len(outcome.body),
        "mimeType": header(outcome.headers, "content-type") or "",
        **_text(plain, outcome.headers),
    }
    return _empty_response(outcome.status, outcome.reason, outcome.http_version) | {
        "cookies": list(_cookies(outcome.headers, "set-cookie", None)),
        "headers": _headers(outcome.headers),
        "content": content,
        "redirectURL": header(outcome.headers, "location") or "",
        "bodySize": len(outcome.body),
    }


def _empty_response(status: int, reason: str, version: str) -> Entry:
    return {
        "status": status,
        "statusText": reason,
        "httpVersion": version,
        "cookies": [],
        "headers": [],
        "content": {"size": 0, "mimeType": ""},
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": 0,
    }


def _decompressed(response: Response) -> bytes:
    """Return the body decompressed, which is what HAR holds; as it is if that is not possible."""
    codings = codings_of(response.headers)
    if not codings or not response.body:
        return response.body
    try:
        found = decompress_all(response.body, codings, _MAX_DECOMPRESSED)
    except TooLargeError:
        return response.body
    return found.plain if found and found.is_complete else response.body


def _text(body: bytes, headers: Headers) -> Entry:
    """Return a body as text, if the text gives the same bytes again; else as base64."""
    declared = _CHARSET.search(header(headers, "content-type") or "")
    try:
        text = body.decode(declared[1] if declared else "utf-8")
        if text.encode(declared[1] if declared else "utf-8") == body:
            return {"text": text}
    except (LookupError, ValueError):
        pass
    return {"text": b64encode(body).decode(), "encoding": "base64"}


def _headers(headers: Headers) -> list[dict[str, str]]:
    return _pairs(headers)


def _pairs(pairs: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]


def _cookies(headers: Headers, name: str, separator: str | None) -> Iterator[dict[str, str]]:
    """Yield the cookies of Cookie, which has several, or of Set-Cookie, which has attributes."""
    for key, value in headers:
        if key.lower() != name:
            continue
        for part in value.split(separator) if separator else [value.partition(";")[0]]:
            cookie, _, content = part.strip().partition("=")
            if cookie:
                yield {"name": cookie, "value": content}
