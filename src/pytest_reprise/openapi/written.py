"""From texts to values: a parameter or form field has the type that its schema names.

`?page=2` is the integer 2 for a schema of type integer, and the text "2" for one of type string.
Where several types are allowed, there are several readings; a parameter is valid if one of them is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ..drift.body_values import Json
from .document import Document
from .node import Node

_INTEGER = re.compile(r"-?\d{1,4000}", re.ASCII)
_NUMBER = re.compile(r"-?\d{1,4000}(?:\.\d{1,4000})?(?:[eE][-+]?\d{1,4})?", re.ASCII)
_COMBINING = ("allOf", "anyOf", "oneOf")
_MOST_SCHEMAS = 200
_MOST_READINGS = 4


class Shape(NamedTuple):
    """What a schema says about the type of a value, over all its alternatives."""

    types: frozenset[str]
    properties: dict[str, Node]
    items: Node | None


def shape_of(document: Document | None, schema: Node | None) -> Shape:
    """Return the types, properties and items that any alternative of a schema names."""
    types: set[str] = set()
    properties: dict[str, Node] = {}
    items: Node | None = None
    for node in alternatives(document, schema):
        assert isinstance(node.value, dict)
        named = node.value.get("type")
        types.update(map(str, named if isinstance(named, list) else [named] if named else ()))
        types |= _types_of_values(node.value)
        if node.value.get("nullable") is True:
            types.add("null")
        if found := node.get("properties"):
            properties |= dict(found.children())
            types |= set() if named else {"object"}
        if (found := node.get("items")) and isinstance(found.value, dict):
            items = found
            types |= set() if named else {"array"}
    return Shape(frozenset(types), properties, items)


def _types_of_values(schema: dict[str, Json]) -> set[str]:
    """Return the types of an enum that names no type of its own."""
    if "type" in schema or not ("enum" in schema or "const" in schema):
        return set()
    values = schema.get("enum", [schema.get("const")])
    return {_type(value) for value in values} if isinstance(values, list) else set()


def _type(value: Json) -> str:
    if value is None:
        return "null"
    kinds = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array"}
    return kinds.get(type(value), "object")


def alternatives(document: Document | None, schema: Node | None) -> Iterator[Node]:
    """Yield a schema, and those that it combines (allOf, anyOf, oneOf), without references."""
    left = [schema] if schema and document else []
    seen: set[int] = set()
    while left and len(seen) < _MOST_SCHEMAS:
        assert document
        node = document.resolve(left.pop())
        if not isinstance(node.value, dict) or id(node.value) in seen:
            continue
        seen.add(id(node.value))
        yield node
        for keyword in _COMBINING:
            if found := node.get(keyword):
                left += found.list()


def readings(document: Document | None, schema: Node | None, text: str) -> list[Json]:
    """Return the values that a text may have for a schema, the most special first."""
    shape = shape_of(document, schema)
    return readings_of_types(shape.types, text)


def readings_of_types(types: frozenset[str], text: str) -> list[Json]:
    found: list[Json] = []
    if "integer" in types and _INTEGER.fullmatch(text):
        found.append(int(text))
    if "number" in types and _NUMBER.fullmatch(text):
        found.append(int(text) if _INTEGER.fullmatch(text) else float(text))
    if "boolean" in types and text in ("true", "false"):
        found.append(text == "true")
    if "null" in types and text in ("", "null"):
        found.append(None)
    return [*found, text]


def list_readings(document: Document | None, items: Node | None, texts: list[str]) -> list[Json]:
    """Return the readings of a list: each item by its own schema."""
    each = [readings(document, items, text) for text in texts]
    longest = max(map(len, each), default=1)
    return [
        [options[min(number, len(options) - 1)] for options in each]
        for number in range(min(longest, _MOST_READINGS))
    ]


def object_reading(
    document: Document | None, properties: dict[str, Node], pairs: list[tuple[str, str]]
) -> Json:
    """Return an object of texts; a name that comes several times is a list."""
    texts: dict[str, list[str]] = {}
    for name, text in pairs:
        texts.setdefault(name, []).append(text)
    return {name: _field(document, properties.get(name), values) for name, values in texts.items()}


def _field(document: Document | None, schema: Node | None, values: list[str]) -> Json:
    shape = shape_of(document, schema)
    if "array" in shape.types:
        return list_readings(document, shape.items, values)[0]
    if len(values) > 1:
        return [*values]
    return readings_of_types(shape.types, values[0])[0]
