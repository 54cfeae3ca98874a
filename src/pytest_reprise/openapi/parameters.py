"""The parameters of a recorded request, in the styles of OpenAPI (RFC 6570).

| place | styles |
|---|---|
| path | simple, label, matrix |
| query | form, spaceDelimited, pipeDelimited, deepObject |
| header | simple |
| cookie | form |
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import unquote, unquote_plus

from ..drift.body_values import Json
from ..exchange import Headers, Request
from .document import Document
from .operations import Operation, Parameter
from .written import Shape, list_readings, object_reading, readings_of_types, shape_of

_DELIMITERS = {"form": ",", "spaceDelimited": "%20| |\\+", "pipeDelimited": "%7[Cc]|\\|"}
_DEEP = re.compile(r"(?P<name>[^\[\]]+)\[(?P<key>[^\[\]]*)\]")


class Given(NamedTuple):
    """The parameters of a request as they were sent: names decoded, values not."""

    path: Mapping[str, str]
    query: tuple[tuple[str, str], ...]
    headers: Headers
    cookies: tuple[tuple[str, str], ...]


def given(request: Request, path: Mapping[str, str]) -> Given:
    """Return the parameters of a request. `path` has those of its path, by name."""
    query = request.url.partition("#")[0].partition("?")[2]
    cookies = "; ".join(value for name, value in request.headers if name.lower() == "cookie")
    return Given(
        path,
        tuple(_pair(part) for part in query.split("&") if part),
        request.headers,
        tuple(_pair(part.strip()) for part in cookies.split(";") if part.strip()),
    )


def _pair(part: str) -> tuple[str, str]:
    name, _, value = part.partition("=")
    return unquote_plus(name), value


def readings_of(
    document: Document, operation: Operation, parameter: Parameter, given: Given
) -> list[Json] | None:
    """Return the values that a parameter may have, or None if it was not sent."""
    if parameter.content:
        return _content(parameter, given)
    shape = shape_of(document, parameter.schema)
    if parameter.place == "path":
        text = given.path.get(parameter.name)
        return None if text is None else _of_path(document, parameter, shape, text)
    if parameter.place == "header":
        found = header_text(given.headers, parameter.name)
        return None if found is None else simple(document, parameter, shape, found)
    pairs = given.query if parameter.place == "query" else given.cookies
    return _of_pairs(document, operation, parameter, shape, pairs)


def header_text(headers: Headers, name: str) -> str | None:
    """Return the values of a header as one text, or None without the header."""
    found = [value for key, value in headers if key.lower() == name.lower()]
    return ", ".join(found) if found else None


def _content(parameter: Parameter, given: Given) -> list[Json] | None:
    """Return the value of a parameter that is written as JSON."""
    if parameter.place == "path":
        text = given.path.get(parameter.name)
    elif parameter.place == "header":
        text = header_text(given.headers, parameter.name)
    else:
        pairs = given.query if parameter.place == "query" else given.cookies
        text = next((value for name, value in pairs if name == parameter.name), None)
    if text is None:
        return None
    plain = text if parameter.place == "header" else unquote_plus(text)
    try:
        return [json.loads(plain)]
    except (ValueError, RecursionError):
        return [plain]


# --- path and header --------------------------------------------------------------------------


def _of_path(document: Document, parameter: Parameter, shape: Shape, text: str) -> list[Json]:
    if parameter.style == "label":
        text = text.removeprefix(".")
        separator = "." if parameter.explode else ","
    elif parameter.style == "matrix":
        return _matrix(document, parameter, shape, text.removeprefix(";"))
    else:
        separator = ","
    return _split(document, shape, text, separator, parameter.explode)


def _matrix(document: Document, parameter: Parameter, shape: Shape, text: str) -> list[Json]:
    pairs = [_pair(part) for part in text.split(";")]
    if parameter.explode and "object" in shape.types:
        decoded = [(name, unquote(value)) for name, value in pairs]
        return [object_reading(document, shape.properties, decoded)]
    values = [value for _, value in pairs]
    if parameter.explode and "array" in shape.types:
        return list_readings(document, shape.items, [*map(unquote, values)])
    return _split(document, shape, ",".join(values), ",", False)


def simple(document: Document, parameter: Parameter, shape: Shape, text: str) -> list[Json]:
    """Return the values of a header, in the style simple. Headers are not percent-encoded."""
    parts = [part.strip() for part in text.split(",")]
    if "array" in shape.types:
        return list_readings(document, shape.items, parts)
    if "object" in shape.types:
        pairs = _object_pairs(parts, parameter.explode)
        return [object_reading(document, shape.properties, pairs)]
    return readings_of_types(shape.types, text)


def _split(
    document: Document, shape: Shape, text: str, separator: str, explode: bool
) -> list[Json]:
    """Return the values of a percent-encoded text with separators."""
    parts = [*map(unquote, text.split(separator))]
    if "array" in shape.types:
        return list_readings(document, shape.items, parts)
    if "object" in shape.types:
        pairs = _object_pairs(parts, explode)
        return [object_reading(document, shape.properties, pairs)]
    return readings_of_types(shape.types, unquote(text))


def _object_pairs(parts: list[str], explode: bool) -> list[tuple[str, str]]:
    """Return the pairs in `R=100,G=200` (explode) or in `R,100,G,200`."""
    if explode:
        return [(name, value) for name, _, value in (part.partition("=") for part in parts)]
    return [*zip(parts[::2], parts[1::2], strict=False)]


# --- query and cookie -------------------------------------------------------------------------


def _of_pairs(
    document: Document,
    operation: Operation,
    parameter: Parameter,
    shape: Shape,
    pairs: tuple[tuple[str, str], ...],
) -> list[Json] | None:
    decode = unquote_plus if parameter.place == "query" else unquote
    if parameter.style == "deepObject":
        return _deep(document, parameter, shape, pairs)
    if "object" in shape.types and parameter.explode:
        return _exploded(document, operation, parameter, shape, pairs)
    values = [value for name, value in pairs if name in (parameter.name, f"{parameter.name}[]")]
    if not values:
        return None
    if "array" in shape.types and parameter.explode:
        return list_readings(document, shape.items, [*map(decode, values)])
    if not {"array", "object"} & shape.types:
        return readings_of_types(shape.types, decode(values[-1]))
    delimiter = _DELIMITERS.get(parameter.style, ",")
    parts = [decode(part) for part in re.split(delimiter, values[-1])]
    if "array" in shape.types:
        return list_readings(document, shape.items, parts)
    return [object_reading(document, shape.properties, _object_pairs(parts, False))]


def _deep(
    document: Document, parameter: Parameter, shape: Shape, pairs: tuple[tuple[str, str], ...]
) -> list[Json] | None:
    """Return the object of `filter[from]=1&filter[to]=2`."""
    found = [
        (match["key"], unquote_plus(value))
        for name, value in pairs
        if (match := _DEEP.fullmatch(name)) and match["name"] == parameter.name
    ]
    return [object_reading(document, shape.properties, found)] if found else None


def _exploded(
    document: Document,
    operation: Operation,
    parameter: Parameter,
    shape: Shape,
    pairs: tuple[tuple[str, str], ...],
) -> list[Json] | None:
    """Return the object whose properties are parameters of their own: `from=1&to=2`."""
    others = {p.name for p in operation.parameters if p.place == parameter.place}
    names = shape.properties.keys() - (others - {parameter.name})
    found = [(name, unquote_plus(value)) for name, value in pairs if name in names]
    return [object_reading(document, shape.properties, found)] if found else None
