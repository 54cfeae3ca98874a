"""From recorded values to a schema that accepts all of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from ...drift.body_values import Json, json_type
from ...drift.observed import ENTRY, steps
from ...drift.value_forms import is_word
from ..formats import has_format
from ..placeholders import stands_for_secret
from ..written import readings_of_types

_FORMATS = ("uuid", "date-time", "date", "ipv4", "email", "uri")
"""Formats to recognise. Others, as `time` and `hostname`, fit texts by chance."""
_MAX_DEPTH = 20
"""Levels below which a schema says nothing: the document itself has a limit on its depth."""
_MOST_KEYS = 300
"""Names of one object. If there are more, they are taken for ids."""
_MOST_TEXTS = 50
"""Different texts to remember of a place."""
_MOST_IN_ENUM = 8
_LEAST_FOR_ENUM = 12
_LEAST_OF_EACH = 4
_LEAST_SOURCES = 3
"""An enum needs 12 texts in 3 cassettes, on average 4 times each."""
_LEAST_FOR_REQUIRED = 2
"""Objects. One alone does not show which of its fields are always there."""


@dataclass(slots=True)
class Values:
    """What was recorded at one place, over all recordings."""

    types: Counter[str] = field(default_factory=Counter)
    texts: Counter[str] = field(default_factory=Counter)
    """Texts and how often; without placeholders."""
    has_more_texts: bool = False
    has_placeholder: bool = False
    formats: set[str] = field(default_factory=lambda: set(_FORMATS))
    """The formats that all texts have."""
    sources: set[str] = field(default_factory=set)
    properties: dict[str, Values] = field(default_factory=dict)
    presence: Counter[str] = field(default_factory=Counter)
    """In how many objects each name is."""
    named_objects: int = 0
    """Objects whose keys are names, and not ids."""
    items: Values | None = None

    def add(self, value: Json, source: str, is_legacy: bool = False, depth: int = 0) -> None:
        """Add a value. `source` is the cassette that has it."""
        self.types[json_type(value)] += 1
        if len(self.sources) < _LEAST_SOURCES:
            self.sources.add(source)
        if depth >= _MAX_DEPTH:
            return
        if isinstance(value, str):
            self._add_text(value, is_legacy)
        elif isinstance(value, list):
            self.items = self.items or Values()
            for item in value:
                self.items.add(item, source, is_legacy, depth + 1)
        elif isinstance(value, dict):
            self.named_objects += any(step != ENTRY for step, _ in steps(value))
            for name, child in value.items():
                self.presence[name] += 1
                self.properties.setdefault(name, Values()).add(child, source, is_legacy, depth + 1)
            self._limit_keys()

    def _add_text(self, text: str, is_legacy: bool) -> None:
        if stands_for_secret(text, is_legacy):
            self.has_placeholder = True
            return
        self.formats = {name for name in self.formats if _shows_format(text, name)}
        if text in self.texts or len(self.texts) < _MOST_TEXTS:
            self.texts[text] += 1
        else:
            self.has_more_texts = True

    def _limit_keys(self) -> None:
        """Take names for ids where there are too many of them."""
        if len(self.properties) > _MOST_KEYS:
            merged = Values()
            for child in self.properties.values():
                merged.merge(child)
            self.properties = {ENTRY: merged}
            self.presence = Counter()

    def merge(self, other: Values) -> None:
        """Add all values of another place."""
        self.types += other.types
        self.has_more_texts |= other.has_more_texts
        self.has_placeholder |= other.has_placeholder
        self.formats &= other.formats
        self.sources |= other.sources
        self.named_objects += other.named_objects
        self.presence += other.presence
        self.texts += other.texts
        if len(self.texts) > _MOST_TEXTS:
            self.texts, self.has_more_texts = Counter(dict(self.texts.most_common(1))), True
        for name, child in other.properties.items():
            self.properties.setdefault(name, Values()).merge(child)
        self._limit_keys()
        if other.items:
            self.items = self.items or Values()
            self.items.merge(other.items)


def _shows_format(text: str, name: str) -> bool:
    """Whether a text has a format, and not by chance, as the URI `note:hello`."""
    return has_format(text, name) and (name != "uri" or "://" in text)


def schema_of(values: Values, depth: int = 0) -> dict[str, Json]:
    """Return a schema (JSON Schema 2020-12) that accepts all the values."""
    types = {"number" if t == "integer" and values.types["number"] else t for t in values.types}
    if depth >= _MAX_DEPTH or not types:
        return {}
    found: dict[str, Json] = {}
    names: list[Json] = [*sorted(types)]
    found["type"] = names[0] if len(names) == 1 else names
    if "string" in types:
        found |= _text_keywords(values, "null" in types, len(types - {"null"}) == 1)
    if "object" in types:
        found |= _object_keywords(values, depth)
    if values.items:
        found["items"] = schema_of(values.items, depth + 1)
    return found


def _text_keywords(values: Values, is_nullable: bool, are_texts: bool) -> dict[str, Json]:
    if are_texts and _is_enum(values):
        texts: list[Json] = [*sorted(values.texts)]
        return {"enum": [*texts, None] if is_nullable else texts}
    if values.texts and not values.has_placeholder:
        return next(({"format": name} for name in _FORMATS if name in values.formats), {})
    return {}


def _is_enum(values: Values) -> bool:
    number = len(values.texts)
    if values.has_more_texts or values.has_placeholder or not 2 <= number <= _MOST_IN_ENUM:
        return False
    seen = values.texts.total()
    is_enough = seen >= max(_LEAST_FOR_ENUM, _LEAST_OF_EACH * number)
    return (
        is_enough
        and len(values.sources) >= _LEAST_SOURCES
        and all(map(_may_be_in_enum, values.texts))
    )


def _may_be_in_enum(text: str) -> bool:
    """Whether a text may be a value of a fixed set. Words in title case are names of things."""
    return is_word(text) and not text.istitle()


def _object_keywords(values: Values, depth: int) -> dict[str, Json]:
    if ENTRY in values.properties or (values.properties and not values.named_objects):
        entries = Values()
        for child in values.properties.values():
            entries.merge(child)
        return {"additionalProperties": schema_of(entries, depth + 1)}
    if not values.properties:
        return {}
    # A name that UTF-8 cannot hold is left out: it may be there all the same.
    children = {name: c for name, c in values.properties.items() if _is_writable(name)}
    found: dict[str, Json] = {
        "properties": {name: schema_of(child, depth + 1) for name, child in children.items()}
    }
    number = values.types["object"]
    required: list[Json] = [name for name in children if values.presence[name] == number]
    if required and number >= _LEAST_FOR_REQUIRED:
        found["required"] = required
    return found


def _is_writable(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return name.isprintable()


class TextValues:
    """The texts of a parameter. Its schema is that of numbers if all texts are numbers."""

    def __init__(self) -> None:
        self._values = Values()
        self._kinds = ["integer", "number", "boolean"]

    def add(self, text: str, source: str, is_legacy: bool) -> None:
        """Add a text as it was sent, decoded."""
        self._values.add(text, source, is_legacy)
        kinds = [k for k in self._kinds if len(readings_of_types(frozenset([k]), text)) > 1]
        self._kinds = kinds

    def schema(self) -> dict[str, Json]:
        """Return a schema that accepts all texts."""
        return {"type": self._kinds[0]} if self._kinds else schema_of(self._values)
