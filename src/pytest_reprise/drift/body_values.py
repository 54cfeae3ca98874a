"""The values in a body: JSON, and what has the same shape: lines of JSON, tables, forms."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import TypeAlias
from urllib.parse import parse_qsl

from ..exchange import FORM, Request, Response, is_json_body, media_type
from ..scrub.content.compression import decompress_or_keep

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

_TABLES = {"text/csv": ",", "text/tab-separated-values": "\t"}
_LINES = frozenset(("application/x-ndjson", "application/jsonl", "application/jsonlines"))
_TAG = re.compile(r"<([A-Za-z_][\w:.-]*)")


class NoValue:
    """Stands for a body without values that have names: a text, an image, nothing."""


def body_value(message: Request | Response) -> Json | NoValue:
    """Return the value of a body. Rows of a table are objects, and so is XML, by element."""
    text, media = body_text(message), media_type(message.headers)
    if not text:
        return NoValue()
    try:
        return _value(text, media)
    except (ValueError, RecursionError, csv.Error):
        return NoValue()


def body_text(message: Request | Response) -> str | None:
    """Return a body as text, decompressed; None if it is no UTF-8."""
    try:
        return decompress_or_keep(message.body, message.headers).decode()
    except UnicodeDecodeError:
        return None


def _value(text: str, media: str) -> Json | NoValue:
    if is_json_body(media, text[:1].encode()):
        found: Json = json.loads(text)
        return found
    if media in _LINES:
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    if media in _TABLES:
        return [dict(row) for row in csv.DictReader(io.StringIO(text), delimiter=_TABLES[media])]
    if media == FORM:
        return dict(parse_qsl(text, keep_blank_values=True))
    if media.endswith(("/xml", "+xml")):
        return {name: {} for name in _TAG.findall(text)}
    return NoValue()


def json_type(value: Json) -> str:
    """Return the type of a value by JSON Schema; numbers without fraction are integers."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "object" if isinstance(value, dict) else "array"


def written(value: Json) -> str:
    """Return a value as JSON text."""
    return json.dumps(value, ensure_ascii=False)


def body_of(message: Request | Response) -> Json:
    """Return the value of a body, or None where it has none."""
    value = body_value(message)
    return None if isinstance(value, NoValue) else value
