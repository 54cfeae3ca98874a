"""The recorded request that is closest to a missed one, and their differences, for messages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from ..exchange import FORM, Request, is_json_body, media_type
from .key import canonical_body, canonical_url, multipart_boundary, query_pairs
from .request_parts import BY_MEANING, Matching

_ABSENT = object()
_PART = re.compile("[a-z]+")
"""The first word of a place, which names the part of the request."""
_MAX_SHOWN = 60
"""Characters of a value in a message."""


class Difference(NamedTuple):
    """A place where two requests differ, as `body.items[0].price`, and both values as text."""

    where: str
    recorded: str
    sent: str

    def __str__(self) -> str:
        return f"{self.where}: recorded {self.recorded}, sent {self.sent}"


class Closest(NamedTuple):
    """A recorded request, and its differences to the one that was sent."""

    request: Request
    differences: tuple[Difference, ...]


def closest(
    sent: Request, recorded: Iterable[Request], matching: Matching = BY_MEANING
) -> Closest | None:
    """Return the recorded request with the fewest differences in what is compared, or None.

    None means that all of them have another method and another path: the test meant none of them.
    """
    candidates = [Closest(r, differences(r, sent, matching)) for r in recorded]
    similar = [c for c in candidates if not {"method", "path"} <= {d.where for d in c.differences}]
    return min(similar, key=lambda c: _distance(c.differences), default=None)


def most_similar(sent: Request, recorded: Iterable[Request], max_bytes: int) -> list[Request]:
    """Return the recorded requests most similar by method, host and path: at least one.

    Their bodies have together at most `max_bytes` bytes, unless it is one. To compare the bodies of
    all requests would take seconds if they are big.
    """
    target = _target(sent)

    def distance(request: Request) -> int:
        return sum(a != b for a, b in zip(_target(request), target, strict=True))

    chosen: list[Request] = []
    size = 0
    for request in sorted(recorded, key=distance):
        size += len(request.body)
        if chosen and size > max_bytes:
            break
        chosen.append(request)
    return chosen


def _target(request: Request) -> tuple[str, str, str]:
    url = urlsplit(canonical_url(request.url))
    return request.method, url.netloc, url.path


def _distance(found: tuple[Difference, ...]) -> int:
    """Return the weighted number of differences: another host is the least likely mistake."""
    weights = {"host": 20, "path": 10, "method": 5}
    return sum(weights.get(difference.where, 1) for difference in found)


def differences(
    recorded: Request, sent: Request, matching: Matching = BY_MEANING
) -> tuple[Difference, ...]:
    """Return all differences between two requests that make their keys differ."""
    found = _differences(recorded, sent, matching)
    return tuple(d for d in found if _PART.match(d.where)[0] in matching.compared)  # type: ignore[index]


def _differences(recorded: Request, sent: Request, matching: Matching) -> Iterator[Difference]:
    yield from _unequal("method", recorded.method, sent.method)
    ours, theirs = (urlsplit(canonical_url(r.url)) for r in (recorded, sent))
    yield from _unequal(
        "host", f"{ours.scheme}://{ours.netloc}", f"{theirs.scheme}://{theirs.netloc}"
    )
    yield from _unequal("path", ours.path, theirs.path)
    yield from _unequal_fields(
        "query", _by_name(query_pairs(ours.query)), _by_name(query_pairs(theirs.query))
    )
    if "headers" in matching.compared:
        yield from _unequal_fields("headers", *(_by_name(_lowered(r)) for r in (recorded, sent)))
    else:
        headers = (_by_name(matching.shown_headers(r)) for r in (recorded, sent))
        yield from _unequal_fields("header", *headers)
    if "body" in matching.compared:
        bodies = canonical_body(recorded), canonical_body(sent)
        if bodies[0] != bodies[1]:
            yield from _unequal_bodies(recorded, sent, *bodies)


def _lowered(request: Request) -> list[tuple[str, str]]:
    return [(name.lower(), value) for name, value in request.headers]


def _unequal_bodies(
    recorded: Request, sent: Request, ours: bytes, theirs: bytes
) -> Iterator[Difference]:
    """Yield the fields that differ; if none do, the first byte that does."""
    found = list(_unequal("body", _body_value(recorded), _body_value(sent)))
    if found:
        yield from found
        return
    same = next((n for n, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b), None)
    where = "body" if same is None else f"body, byte {same}"
    yield Difference(where, _shown(repr(ours[:_MAX_SHOWN])), _shown(repr(theirs[:_MAX_SHOWN])))


def _unequal(where: str, recorded: Any, sent: Any) -> Iterator[Difference]:
    if isinstance(recorded, dict) and isinstance(sent, dict):
        yield from _unequal_fields(where, recorded, sent)
    elif isinstance(recorded, list) and isinstance(sent, list):
        numbered = ({f"[{n}]": value for n, value in enumerate(v)} for v in (recorded, sent))
        yield from _unequal_fields(where, *numbered)
    elif recorded != sent or type(recorded) is not type(sent):
        yield Difference(where, _shown(recorded), _shown(sent))


def _unequal_fields(
    where: str, recorded: dict[str, Any], sent: dict[str, Any]
) -> Iterator[Difference]:
    for name in [*recorded, *(name for name in sent if name not in recorded)]:
        place = where + name if name.startswith("[") else f"{where}.{name}"
        yield from _unequal(place, recorded.get(name, _ABSENT), sent.get(name, _ABSENT))


def _by_name(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, value in pairs:
        fields[name] = [*fields[name], value] if name in fields else [value]
    return {name: values[0] if len(values) == 1 else values for name, values in fields.items()}


def _body_value(request: Request) -> Any:
    """Return the body as a value to compare field by field; its size if it is binary."""
    media = media_type(request.headers)
    try:
        if media == FORM:
            return _by_name(query_pairs(request.body.decode("latin-1")))
        if is_json_body(media, request.body):
            return json.loads(request.body)
        if media.startswith("multipart/") and (parts := _multipart_value(request)):
            return parts
        return request.body.decode()
    except (ValueError, RecursionError):
        return f"{len(request.body)} bytes"


_PARAMETER = re.compile(r'\b(name|filename)="((?:[^"\\]|\\.)*)"', re.IGNORECASE)


def _multipart_value(request: Request) -> Any:
    """Return the parts of a multipart body by name; their boundary says nothing to a reader."""
    boundary = multipart_boundary(request.headers)
    if boundary is None:
        return None
    parts = request.body.split(b"--" + boundary)[1:-1]
    found = (_part_value(part.removeprefix(b"\r\n").removesuffix(b"\r\n")) for part in parts)
    return _by_name(found)


def _part_value(part: bytes) -> tuple[str, Any]:
    """Return name and value of a part: its text, or for a file its name, type and content."""
    head, _, content = part.partition(b"\r\n\r\n")
    written = head.decode("utf-8", "replace")
    parameters = {name.lower(): value for name, value in _PARAMETER.findall(written)}
    try:
        shown = content.decode()
    except UnicodeDecodeError:
        shown = f"{len(content)} bytes"
    if "filename" not in parameters:
        return parameters.get("name", "part"), shown
    kind = re.search(r"(?im)^content-type:\s*(.+?)\s*$", written)
    file = {"filename": parameters["filename"], "type": kind[1] if kind else "", "content": shown}
    return parameters.get("name", "file"), file


def _shown(value: Any) -> str:
    if value is _ABSENT:
        return "nothing"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = text if len(text) <= _MAX_SHOWN else text[:_MAX_SHOWN] + "…"
    return repr(text) if isinstance(value, str) else text
