"""The value of a recorded body for a documented media type: JSON, forms, multipart, text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import TypeVar
from urllib.parse import parse_qsl

from ..drift.body_values import Json
from ..exchange import FORM, Request, Response, header, is_json, media_type
from ..matching.key import multipart_boundary
from ..scrub.content.compression import decompress_or_keep
from .document import Document
from .node import Node
from .operations import Media
from .written import object_reading, shape_of

_JSON_LINES = ("application/x-ndjson", "application/jsonl", "application/jsonlines")
_MAX_DEPTH = 200
_WITHOUT_BODY = frozenset((204, 205, 206, 304))
"""Statuses whose body is empty, or a part of one."""
_DISPOSITION = re.compile(r'\bname="?([^";]*)', re.IGNORECASE)
_OPEN = re.compile(r"[\[{]")

Named = TypeVar("Named", bound=Media)


class NoJsonError(Exception):
    """A body of a JSON media type that is not JSON."""


class UncheckedBodyError(Exception):
    """A body that is not compared with a schema, such as an image."""


def documented_media(media: Iterable[Named], name: str) -> Named | None:
    """Return what is documented for a media type: itself, a range as `text/*`, or `*/*`."""
    by_name = {each.name: each for each in media}
    for key in (name, f"{name.partition('/')[0]}/*", "*/*"):
        if key in by_name:
            return by_name[key]
    return None


def value_of(document: Document | None, schema: Node | None, message: Request | Response) -> Json:
    """Return the value of a body. Raises NoJsonError and UncheckedBodyError."""
    body, media = decompress_or_keep(message.body, message.headers), media_type(message.headers)
    if is_json(media):
        return _json(body)
    if media == FORM:
        properties = shape_of(document, schema).properties
        pairs = parse_qsl(_text(body), keep_blank_values=True)
        return object_reading(document, properties, pairs)
    if media == "multipart/form-data":
        return _multipart(document, schema, message, body)
    if media.startswith("text/") and media != "text/event-stream":
        return _text(body)
    raise UncheckedBodyError


def _json(body: bytes) -> Json:
    try:
        text = body.decode("utf-8-sig")
        if len(_OPEN.findall(text)) > _MAX_DEPTH and _depth(text) > _MAX_DEPTH:
            raise UncheckedBodyError
        found: Json = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NoJsonError(str(error)) from None
    return found


def _depth(text: str) -> int:
    """Return how deep the brackets of a text are nested, at most. Those in texts count, too."""
    depth = deepest = 0
    for bracket in re.findall(r"[\[\]{}]", text):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise UncheckedBodyError from None


def _multipart(
    document: Document | None, schema: Node | None, message: Request | Response, body: bytes
) -> Json:
    """Return the fields of a form with files (RFC 7578). A part with JSON is its value."""
    boundary = multipart_boundary(message.headers)
    if boundary is None:
        raise UncheckedBodyError
    shape = shape_of(document, schema)
    pairs: list[tuple[str, str]] = []
    values: dict[str, Json] = {}
    for part in body.split(b"--" + boundary)[1:-1]:
        head, _, content = part.partition(b"\r\n\r\n")
        found = _DISPOSITION.search(head.decode("latin-1"))
        if not found:
            continue
        text = content.removesuffix(b"\r\n").decode("utf-8", "replace")
        if b"application/json" in head.lower():
            values[found[1]] = _json(text.encode())
        else:
            pairs.append((found[1], text))
    fields = object_reading(document, shape.properties, pairs)
    assert isinstance(fields, dict)
    return fields | values


def has_whole_body(request: Request, response: Response) -> bool:
    """Whether the body of an answer was received as a whole, if it is one that has a schema.

    A test may close a stream before its end.
    """
    if request.method == "HEAD" or response.status in _WITHOUT_BODY or response.broken_by:
        return False
    length = header(response.headers, "content-length") or ""
    if length.isdecimal():
        return len(response.body) >= int(length)
    return bool(response.body) or header(response.headers, "transfer-encoding") is None
