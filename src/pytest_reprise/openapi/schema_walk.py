"""All schemas that an operation uses: each is checked once, and known by its place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from ..drift.body_values import Json
from .document import Document
from .node import Node
from .operations import Operation

_TYPES = ("array", "boolean", "integer", "null", "number", "object", "string")
_IN_PLACE = ("allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas")
_SCHEMA = frozenset(
    "not if then else items additionalProperties additionalItems contains propertyNames "
    "unevaluatedItems unevaluatedProperties".split()
)
_LISTS = frozenset(("allOf", "anyOf", "oneOf", "prefixItems"))
_MAPS = frozenset(("properties", "patternProperties", "dependentSchemas", "$defs", "definitions"))
_MOST_ALTERNATIVES = 100_000
"""Schemas that one value has to be compared with."""

Test: TypeAlias = Callable[[Json], bool]


def _is_number(value: Json) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_size(value: Json) -> bool:
    return _is_number(value) and value >= 0  # type: ignore[operator]


def _is_type(value: Json) -> bool:
    names = value if isinstance(value, list) else [value]
    return bool(names) and all(name in _TYPES for name in names)


def _are_texts(value: Json) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


_SIZES = (
    "minLength maxLength minItems maxItems minProperties maxProperties minContains maxContains"
).split()
_RULES: dict[str, tuple[Test, str]] = {
    **dict.fromkeys(_SIZES, (_is_size, "a number from 0")),
    **dict.fromkeys(_MAPS, (lambda value: isinstance(value, dict), "an object")),
    **dict.fromkeys(_LISTS, (lambda value: isinstance(value, list) and bool(value), "a list")),
    "type": (_is_type, f"one of {', '.join(_TYPES)}"),
    "required": (_are_texts, "a list of texts"),
    "enum": (lambda value: isinstance(value, list), "a list"),
    "pattern": (lambda value: isinstance(value, str), "a text"),
    "format": (lambda value: isinstance(value, str), "a text"),
    "multipleOf": (lambda value: _is_size(value) and value != 0, "a number above 0"),
    "minimum": (_is_number, "a number"),
    "maximum": (_is_number, "a number"),
}
"""What the value of a keyword has to be. Others would raise an error in the validator."""


def _schemas(operations: Iterable[Operation]) -> Iterator[Node | None]:
    """Yield the schemas of all parameters, headers and bodies."""
    for operation in operations:
        parameters = [*operation.parameters, *(h for a in operation.answers for h in a.headers)]
        yield from (parameter.schema for parameter in parameters)
        media = [*operation.body, *(m for a in operation.answers for m in a.media)]
        media += [parameter.content for parameter in parameters if parameter.content]
        yield from (each.schema for each in media)


class Schemas:
    """The schemas that operations use, by the identity of their values.

    Raises SpecificationError for one that is wrong: for a `$ref` to what does not exist, a keyword
    with a value of the wrong kind, and schemas that contain themselves without a step into the
    value.
    """

    def __init__(self, document: Document, operations: Iterable[Operation]) -> None:
        self._document = document
        self._nodes: dict[int, Node] = {}
        self._sizes: dict[int, int] = {}
        self._open: set[int] = set()
        try:
            for schema in _schemas(operations):
                self._visit(schema)
        except RecursionError:
            raise document.error(document.root, "its references lead too far") from None

    def node_of(self, schema: object) -> Node | None:
        """Return the place of a schema."""
        return self._nodes.get(id(schema))

    def _visit(self, top: Node | None) -> None:
        left = [top] if top else []
        while left:
            node = left.pop()
            if isinstance(node.value, bool) or id(node.value) in self._nodes:
                continue
            self._check(node)
            self._nodes[id(node.value)] = node
            self._size(node)
            left += (below for _, below in self.below(node))

    def below(self, node: Node) -> Iterator[tuple[str, Node]]:
        """Yield the schemas in a schema with their keywords, and what its `$ref` refers to."""
        value = node.value
        assert isinstance(value, dict)
        reference = value.get("$ref")
        if isinstance(reference, str):
            yield "$ref", self._document.target(node, reference)
            if self._document.version == "3.0":
                return  # everything beside a $ref is ignored
        for key in value:
            found = node.child(key)
            if key in _SCHEMA and isinstance(found.value, (dict, bool)):
                yield key, found
            elif key in _LISTS:
                yield from ((key, item) for item in found.list())
            elif key in _MAPS:
                assert isinstance(found.value, dict)
                yield from ((key, found.child(name)) for name in found.value)

    def _check(self, node: Node) -> None:
        if not isinstance(node.value, dict):
            raise self._document.error(node, "a schema is an object")
        for key, value in node.value.items():
            test, expected = _RULES.get(key, (None, ""))
            if test and not test(value):
                raise self._document.error(node.child(key), f"expected {expected}")
            if key in _SCHEMA and not isinstance(value, (dict, bool, list)):
                raise self._document.error(node.child(key), "expected a schema")
            if key in ("exclusiveMinimum", "exclusiveMaximum"):
                self._check_exclusive(node.child(key))

    def _check_exclusive(self, node: Node) -> None:
        """It is a number in 3.1; in 3.0 it says whether the other limit itself is excluded."""
        is_3_1 = self._document.version == "3.1"
        if not (_is_number(node.value) if is_3_1 else isinstance(node.value, bool)):
            expected = "a number" if is_3_1 else "true or false"
            raise self._document.error(node, f"expected {expected}, in {self._document.version}")

    def _size(self, node: Node) -> int:
        """Return with how many schemas a value is compared, without a step into it."""
        key = id(node.value)
        if isinstance(node.value, bool) or key in self._sizes:
            return self._sizes.get(key, 1)
        if key in self._open:
            raise self._document.error(node, "a schema that contains itself: a circular $ref")
        self._open.add(key)
        self._check(node)
        size = 1 + sum(
            self._size(below)
            for keyword, below in self.below(node)
            if keyword == "$ref" or keyword in _IN_PLACE
        )
        self._open.discard(key)
        if size > _MOST_ALTERNATIVES:
            raise self._document.error(node, f"more than {_MOST_ALTERNATIVES} alternatives")
        self._sizes[key] = size
        return size
