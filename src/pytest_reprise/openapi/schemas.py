"""Compare values with schemas, by the rules of OpenAPI 3.0 or 3.1.

The schemas of 3.1 are JSON Schema (draft 2020-12). Those of 3.0 have the keywords of draft 4, with
`nullable`. Both are classes of the package jsonschema with a few keywords of their own. This is the
only module that imports it.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import Any, Literal, NamedTuple, TypeAlias

from ..drift.body_values import Json, written
from ..errors import ConfigurationError
from . import formats
from .document import Document
from .node import Node
from .placeholders import holds_placeholder, stands_for_secret
from .schema_walk import Schemas

try:
    from jsonschema import Draft4Validator, Draft202012Validator, ValidationError
    from jsonschema.exceptions import best_match
    from jsonschema.validators import create, extend
    from referencing import Registry, Resource
    from referencing.jsonschema import DRAFT202012
except ImportError as error:
    raise ConfigurationError(
        f"OpenAPI needs another package ({error.name}): pip install 'pytest-reprise[openapi]'"
    ) from error

Direction: TypeAlias = Literal["request", "response"]

_MOST_PROBLEMS = 50
"""Problems of one message to tell."""
_MIN_STEPS, _STEPS_PER_VALUE = 10_000, 200
"""References that are followed for one message, at least and for each value in it."""
_WIDEST = 60
"""Characters of a value in a message."""


class Problem(NamedTuple):
    """A value that does not fit its schema. `keyword` is what it violates; `at` is the schema."""

    path: tuple[str | int, ...]
    keyword: str
    expected: str
    seen: str
    at: str


class TooMuchWorkError(Exception):
    """A schema that takes too long for a value: its references multiply."""


class SchemaValidator:
    """Compares the values of messages with the schemas of a document."""

    def __init__(self, document: Document, schemas: Schemas) -> None:
        self._document = document
        self._schemas = schemas
        self._steps_left = 0
        self._direction: Direction = "response"
        self._is_legacy = False
        self._class = self._make_class()
        # Schemas of 3.0 have no ids. A property of this name must not be taken for one.
        resources = (
            (uri, DRAFT202012.create_resource(values) if self._is_3_1 else Resource.opaque(values))
            for uri, values in document.files.items()
        )
        self._registry: Any = Registry().with_resources(resources)

    @property
    def _is_3_1(self) -> bool:
        return self._document.version == "3.1"

    def problems(
        self, schema: Node, value: Json, direction: Direction, is_legacy: bool
    ) -> list[Problem]:
        """Return how a value does not fit. Raises SpecificationError for a schema without an end.

        `is_legacy` says that the value is from a cassette of vcrpy.
        """
        self._direction, self._is_legacy = direction, is_legacy
        self._steps_left = _MIN_STEPS + _STEPS_PER_VALUE * _count(value)
        validator = self._class({"$ref": schema.pointer}, registry=self._registry)
        try:
            return [
                self._problem(error)
                for error in islice(validator.iter_errors(value), _MOST_PROBLEMS)
            ]
        except (TooMuchWorkError, RecursionError):
            problem = "its references take too many steps for a recorded value"
            raise self._document.error(schema, problem) from None
        except ArithmeticError as error:  # such as a number of 400 digits and a fraction
            problem = f"it cannot be compared with a recorded value ({error})"
            raise self._document.error(schema, problem) from None

    def _problem(self, error: Any) -> Problem:
        found = best_match([error]) if error.validator in ("anyOf", "oneOf") else error
        node = self._schemas.node_of(found.schema) if isinstance(found.schema, dict) else None
        return Problem(
            tuple(found.absolute_path),
            str(found.validator),
            _expected(found),
            shown(found.instance),
            self._document.location(node) if node else "",
        )

    # --- the dialects -------------------------------------------------------------------------

    def _make_class(self) -> Any:
        own = {
            "$ref": self._ref,
            "required": self._required,
            "enum": self._unless_placeholder("enum"),
            "const": self._unless_placeholder("const"),
            "minLength": self._unless_placeholder("minLength"),
            "maxLength": self._unless_placeholder("maxLength"),
            "pattern": self._pattern,
            "format": self._format,
            "not": self._unless_placeholder_inside("not"),
            "oneOf": self._one_of,
            "anyOf": self._any_of,
            "additionalProperties": _additional_properties,
            "readOnly": self._read_only,
            "writeOnly": self._write_only,
        }
        if self._is_3_1:
            return extend(Draft202012Validator, own)
        own["type"] = _type_of_3_0
        base = dict(Draft4Validator.VALIDATORS)
        return create(
            # Without a meta-schema: no value is taken for an id, and none is checked again.
            meta_schema={},
            validators={**base, **own},
            type_checker=Draft202012Validator.TYPE_CHECKER,
            applicable_validators=_without_siblings_of_ref,
            id_of=lambda _schema: "",
        )

    def _ref(self, validator: Any, reference: Any, instance: Any, schema: Any) -> Iterator[Any]:
        self._steps_left -= 1
        if self._steps_left < 0:
            raise TooMuchWorkError
        yield from _STANDARD["$ref"](validator, reference, instance, schema) or ()

    def _stands_for_secret(self, instance: Any) -> bool:
        return stands_for_secret(instance, self._is_legacy)

    def _unless_placeholder(self, keyword: str) -> Any:
        def check(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[Any]:
            for error in _STANDARD[keyword](validator, value, instance, schema) or ():
                if self._stands_for_secret(instance):
                    return
                yield error

        return check

    def _unless_placeholder_inside(self, keyword: str) -> Any:
        def check(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[Any]:
            for error in _STANDARD[keyword](validator, value, instance, schema) or ():
                if holds_placeholder(instance, self._is_legacy):
                    return
                yield error

        return check

    def _pattern(self, _validator: Any, pattern: str, instance: Any, _: Any) -> Iterator[Any]:
        compiled = _compiled(pattern) if isinstance(instance, str) else None
        if compiled and not compiled.search(instance) and not self._stands_for_secret(instance):
            yield ValidationError("")

    def _format(self, _validator: Any, name: str, instance: Any, _: Any) -> Iterator[Any]:
        if not formats.has_format(instance, name) and not self._stands_for_secret(instance):
            yield ValidationError("")

    def _one_of(self, validator: Any, choices: Any, instance: Any, schema: Any) -> Iterator[Any]:
        for error in _STANDARD["oneOf"](validator, choices, instance, schema):
            if not error.context and holds_placeholder(instance, self._is_legacy):
                return  # it fits several, since a placeholder fits any pattern
            yield from self._by_discriminator(validator, error, instance, schema)

    def _any_of(self, validator: Any, choices: Any, instance: Any, schema: Any) -> Iterator[Any]:
        for error in _STANDARD["anyOf"](validator, choices, instance, schema):
            yield from self._by_discriminator(validator, error, instance, schema)

    def _by_discriminator(
        self, validator: Any, error: Any, instance: Any, schema: Any
    ) -> Iterator[Any]:
        """Yield the errors of the one schema that the discriminator of a value names."""
        named = self._named(schema, instance)
        if named is None:
            yield error
        elif named:
            yield from validator.descend(instance, {"$ref": named.pointer})
        else:
            name = schema["discriminator"]["propertyName"]
            found = ValidationError("", validator="discriminator", path=(name,))
            found.instance = instance[name]
            yield found

    def _named(self, schema: Any, instance: Any) -> Node | Literal[False] | None:
        """Return the schema that a discriminator names; None without one, False for a wrong one."""
        by = schema.get("discriminator")
        name = by.get("propertyName") if isinstance(by, dict) else None
        if not isinstance(instance, dict) or name not in instance:
            return None
        value = instance[name]
        node = self._schemas.node_of(schema)
        if node is None or not isinstance(value, str) or self._stands_for_secret(value):
            return None
        mapping = by.get("mapping") or {}
        reference = str(mapping.get(value, value))
        choices = [
            (below.pointer, self._document.resolve(below))
            for keyword, below in self._schemas.below(node)
            if keyword in ("oneOf", "anyOf")
        ]
        for _, choice in choices:
            is_named = choice.steps and choice.steps[-1] == reference.rpartition("/")[2]
            if is_named or choice.pointer.endswith(reference):
                return choice
        return False

    def _required(self, _: Any, names: Any, instance: Any, schema: Any) -> Iterator[Any]:
        """Yield an error for each missing property, with its own path."""
        if not isinstance(instance, dict):
            return
        left_out = "readOnly" if self._direction == "request" else "writeOnly"
        for name in names:
            if name not in instance and not self._has(schema, name, left_out):
                error = ValidationError("", path=deque([name]))
                error.instance = _NOTHING
                yield error

    def _has(self, schema: Any, name: str, keyword: str) -> bool:
        properties = schema.get("properties")
        found = properties.get(name) if isinstance(properties, dict) else None
        if not isinstance(found, dict):
            return False
        node = self._schemas.node_of(found)
        target = self._document.resolve(node).value if node else found
        return any(isinstance(each, dict) and each.get(keyword) is True for each in (found, target))

    def _read_only(self, _validator: Any, value: Any, _instance: Any, _: Any) -> Iterator[Any]:
        if value is True and self._direction == "request":
            yield ValidationError("")

    def _write_only(self, _validator: Any, value: Any, _instance: Any, _: Any) -> Iterator[Any]:
        if value is True and self._direction == "response":
            yield ValidationError("")


class _Nothing:
    """Stands for a property that is missing."""


_NOTHING = _Nothing()
_STANDARD: dict[str, Any] = {**Draft202012Validator.VALIDATORS}


def _without_siblings_of_ref(schema: Any) -> Any:
    return [("$ref", schema["$ref"])] if isinstance(schema.get("$ref"), str) else schema.items()


def _type_of_3_0(validator: Any, types: Any, instance: Any, schema: Any) -> Iterator[Any]:
    """`nullable` adds null to the type that the same schema names (OpenAPI 3.0.3, 4.7.24.1)."""
    if instance is None and schema.get("nullable") is True:
        return
    yield from _STANDARD["type"](validator, types, instance, schema) or ()


def _additional_properties(
    validator: Any, allowed: Any, instance: Any, schema: Any
) -> Iterator[Any]:
    """Yield an error for each property that is too much, with its own path."""
    if not isinstance(instance, dict) or allowed is True:
        return
    known = schema.get("properties", {})
    patterns = [p for p in map(_compiled, schema.get("patternProperties", {})) if p]
    for name, value in instance.items():
        if name in known or any(pattern.search(name) for pattern in patterns):
            continue
        if allowed is False:
            error = ValidationError("", path=deque([name]))
            error.instance = value
            yield error
        else:
            yield from validator.descend(value, allowed, path=name)


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str] | None:
    """Return a pattern, or None for one of ECMA-262 that Python does not know, as `\\p{L}`."""
    try:
        return re.compile(pattern)
    except re.error:
        return None


def _count(value: Json) -> int:
    """Return the number of values in a value."""
    found, left = 0, [value]
    while left:
        one = left.pop()
        found += 1
        if isinstance(one, dict):
            left += one.values()
        elif isinstance(one, list):
            left += one
    return found


# --- words ------------------------------------------------------------------------------------

_WORDS = {
    "minimum": "at least {}",
    "exclusiveMinimum": "more than {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "less than {}",
    "multipleOf": "a multiple of {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "minProperties": "at least {} fields",
    "maxProperties": "at most {} fields",
    "pattern": "a text that matches {}",
    "format": "the format {}",
    "const": "{}",
    "uniqueItems": "no item twice",
    "required": "a value (required)",
    "additionalProperties": "no such field",
    "unevaluatedProperties": "no other fields",
    "unevaluatedItems": "no other items",
    "readOnly": "nothing: it is only for answers (readOnly)",
    "writeOnly": "nothing: it is only for requests (writeOnly)",
    "discriminator": "the name of a schema (discriminator)",
    "oneOf": "exactly one of the schemas of oneOf",
    "anyOf": "one of the schemas of anyOf",
    "not": "not what the schema of `not` allows",
    "None": "nothing: the schema is false",
}


def _expected(error: Any) -> str:
    keyword, value = str(error.validator), error.validator_value
    if keyword == "type":
        types = value if isinstance(value, list) else [value]
        nullable = isinstance(error.schema, dict) and error.schema.get("nullable") is True
        return " or ".join([*map(str, types), *["null"] * nullable])
    if keyword == "enum":
        return f"one of {', '.join(map(shown, value))}"
    return _WORDS.get(keyword, f"{keyword} {{}}").replace("{}", shown(value))


def shown(value: object) -> str:
    """Return a value as JSON, shortened, for messages."""
    if isinstance(value, _Nothing):
        return "nothing"
    try:
        text = written(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, RecursionError):
        text = str(value)
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 1]}…"
