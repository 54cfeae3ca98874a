"""The fields and enum values that a schema names, and which of them a value has.

All alternatives of a schema (allOf, anyOf, oneOf) count together. A schema that contains itself is
entered once on each way.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from ..drift.body_values import Json, written
from .document import Document
from .node import Node, json_path
from .written import alternatives

_MOST_FIELDS = 5000
"""Fields of one schema, so that references do not multiply them without end."""

_MAX_DEPTH = 200
"""Schemas that a field may be in."""


@dataclass(slots=True)
class Field:
    """A place in a value: a JSON path, and what may be below. `enum` are values as JSON texts."""

    path: str
    enum: dict[str, None] = field(default_factory=dict)
    children: dict[str, Field] = field(default_factory=dict)
    items: Field | None = None
    others: Field | None = None
    """The values of properties without a name of their own (additionalProperties)."""


@dataclass(slots=True)
class Seen:
    """What recorded values had: paths of fields, and pairs of a path and an enum value."""

    paths: set[str] = field(default_factory=set)
    values: set[tuple[str, str]] = field(default_factory=set)


class FieldTree:
    """The fields of a schema, as a tree and as lists."""

    def __init__(self, document: Document, schema: Node | None) -> None:
        self._document = document
        self.paths: dict[str, None] = {}
        """The paths of all named fields."""
        self.values: dict[tuple[str, str], None] = {}
        """Each path with each of its enum values."""
        self.top = self._field("$", [schema] if schema else [], frozenset())

    def observe(self, value: Json, seen: Seen) -> None:
        """Note which fields and enum values a recorded value has."""
        left = [(self.top, value)]
        while left:
            place, found = left.pop()
            if place.enum and not isinstance(found, (dict, list)):
                seen.values.add((place.path, written(found)))
            if isinstance(found, list) and place.items:
                left += [(place.items, item) for item in found]
            elif isinstance(found, dict):
                for name, child in found.items():
                    below = place.children.get(name, place.others)
                    if below:
                        seen.paths.add(below.path)
                        left.append((below, child))

    def _field(self, path: str, schemas: list[Node], above: frozenset[int]) -> Field:
        place = Field(path)
        properties: defaultdict[str, list[Node]] = defaultdict(list)
        items: list[Node] = []
        others: list[Node] = []
        inside = set(above)
        if len(above) > _MAX_DEPTH:
            return place
        for schema in schemas:
            for node in alternatives(self._document, schema):
                if id(node.value) in inside:
                    continue
                inside.add(id(node.value))
                assert isinstance(node.value, dict)
                for name, child in named.children() if (named := node.get("properties")) else ():
                    properties[name].append(child)
                items += [found] if (found := _schema(node, "items")) else []
                others += [found] if (found := _schema(node, "additionalProperties")) else []
                self._add_enum(place, node.value.get("enum"))
        self._add_below(place, properties, frozenset(inside))
        place.items = self._field(f"{path}[]", items, frozenset(inside)) if items else None
        place.others = self._field(f"{path}.*", others, frozenset(inside)) if others else None
        return place

    def _add_enum(self, place: Field, values: Json) -> None:
        for value in values if isinstance(values, list) else ():
            place.enum[written(value)] = None
            self.values[place.path, written(value)] = None

    def _add_below(
        self, place: Field, properties: dict[str, list[Node]], inside: frozenset[int]
    ) -> None:
        for name, schemas in properties.items():
            path = place.path + json_path((name,))[1:]
            if len(self.paths) < _MOST_FIELDS:
                self.paths[path] = None
                place.children[name] = self._field(path, schemas, inside)


def _schema(node: Node, keyword: str) -> Node | None:
    found = node.get(keyword)
    return found if found and isinstance(found.value, dict) else None
