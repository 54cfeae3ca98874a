"""How large and how deep the values in a file may be. All readers check this before they build any.

A few hundred bytes of YAML can mean billions of values: each alias and each merge key repeats what
its anchor holds. The checks here look at the text, so their cost is linear in its size. Values that
aliases and merge keys repeat are counted each time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from yaml import AliasEvent, CollectionStartEvent, Event

MAX_DEPTH = 100
"""Levels of nesting. At about 10 000, libyaml's loader overflows the C stack, which ends the
process."""
MAX_VALUES = 1_000_000
"""Values in a file: keys, texts, numbers, mappings and lists. An interaction has about 60. To build
them all takes up to 10 s and 400 MB."""
MAX_EXPANSION = 1_000_000
"""Values and characters in them that aliases may add, beside ten times the size of the file."""
_MAX_FACTOR = 10
_SIGNS = ":-,[{?"
_VALUES_PER_SIGN = 3
"""Each of the signs begins at most a mapping, a key and a value."""
_JSON_TOKENS = re.compile(r'"(?:[^"\\]++|\\(?:.|\Z))*+(?:"|\Z)|[\[\]{},:]', re.DOTALL)


class LimitError(Exception):
    """A text with too many values or too deep nesting. `line` counts from 1."""

    def __init__(self, problem: str, line: int) -> None:
        super().__init__(problem)
        self.problem = problem
        self.line = line


_TOO_DEEP = f"nested too deeply: it has more than {MAX_DEPTH} levels"
_TOO_MANY = f"it has more than {MAX_VALUES} values"
_EXPANDS = "its aliases make it too large"


def may_have_too_many_lines(text: str) -> bool:
    """Whether a cassette as Reprise writes it may have more than MAX_VALUES: 3 in each line."""
    if len(text) * _VALUES_PER_SIGN < MAX_VALUES:
        return False
    return text.count("\n") * _VALUES_PER_SIGN >= MAX_VALUES


def may_have_too_many_values(text: str) -> bool:
    """Whether a YAML text without aliases may have more than MAX_VALUES. This is fast."""
    if len(text) * _VALUES_PER_SIGN < MAX_VALUES:
        return False
    return sum(map(text.count, _SIGNS)) * _VALUES_PER_SIGN >= MAX_VALUES


# --- YAML -------------------------------------------------------------------------------------


class _Size(NamedTuple):
    """The size of a value: values in it, these and their characters, levels below and with it."""

    values: int
    weight: int
    depth: int


@dataclass(slots=True)
class _Open:
    """A mapping or list that has begun: its anchor, and what was counted before it."""

    anchor: str | None
    values: int
    weight: int
    deepest: int


class _YamlCounter:
    """Counts the values of a YAML text by the events of a parser. Raises LimitError."""

    def __init__(self, text: str) -> None:
        self._max_weight = _MAX_FACTOR * len(text) + MAX_EXPANSION
        self._values = self._weight = 0
        self._open: list[_Open] = []
        self._anchors: dict[str, _Size | None] = {}

    def count(self, events: Iterable[Event]) -> None:
        from yaml import AliasEvent, CollectionEndEvent, CollectionStartEvent, ScalarEvent

        for event in events:
            if isinstance(event, ScalarEvent):
                self._add(event, _Size(1, 1 + len(event.value), 0))
                if event.anchor:
                    self._anchors[event.anchor] = _Size(1, 1 + len(event.value), 0)
            elif isinstance(event, CollectionStartEvent):
                self._begin(event)
            elif isinstance(event, CollectionEndEvent):
                self._end()
            elif isinstance(event, AliasEvent):
                self._add_alias(event)

    def _begin(self, event: CollectionStartEvent) -> None:
        anchor = event.anchor
        if anchor:
            self._anchors[anchor] = None  # known once it has ended
        self._open.append(_Open(anchor, self._values, self._weight, len(self._open) + 1))
        self._add(event, _Size(1, 1, 0))

    def _end(self) -> None:
        ended = self._open.pop()
        level = len(self._open)
        if ended.anchor:
            self._anchors[ended.anchor] = _Size(
                self._values - ended.values, self._weight - ended.weight, ended.deepest - level
            )
        if self._open:
            self._open[-1].deepest = max(self._open[-1].deepest, ended.deepest)

    def _add_alias(self, event: AliasEvent) -> None:
        # An alias without an anchor is an error that the loader reports.
        size = self._anchors.get(event.anchor or "", _Size(1, 1, 0))
        if size is None:
            raise LimitError("an alias inside of its own anchor", _line(event))
        self._add(event, size)

    def _add(self, event: Event, size: _Size) -> None:
        self._values += size.values
        self._weight += size.weight
        depth = len(self._open) + size.depth
        if self._open:
            self._open[-1].deepest = max(self._open[-1].deepest, depth)
        if depth > MAX_DEPTH:
            raise LimitError(_TOO_DEEP, _line(event))
        if self._values > MAX_VALUES:
            raise LimitError(_TOO_MANY, _line(event))
        if self._weight > self._max_weight:
            raise LimitError(_EXPANDS, _line(event))


def _line(event: Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def check_yaml_events(text: str, events: Iterable[Event]) -> None:
    """Raise LimitError if the text is above a limit. `events` are those of a parser for it."""
    _YamlCounter(text).count(events)


# --- JSON, and values that are built already --------------------------------------------------


def check_json(text: str) -> None:
    """Raise LimitError if a text that may be JSON is above a limit."""
    if text.count("[") + text.count("{") <= MAX_DEPTH and not may_have_too_many_values(text):
        return
    depth, values = 0, 1
    for token in _JSON_TOKENS.finditer(text):
        sign = text[token.start()]
        depth += (sign in "[{") - (sign in "]}")
        values += sign in "[{,:"
        if depth > MAX_DEPTH or values > MAX_VALUES:
            line = text.count("\n", 0, token.start()) + 1
            raise LimitError(_TOO_DEEP if depth > MAX_DEPTH else _TOO_MANY, line)


def check_values(document: object, size: int) -> None:
    """Raise LimitError if values from a text of `size` characters are above a limit.

    Raises UnicodeEncodeError for a text that UTF-8 cannot hold, which JSON may contain.
    """
    values, weight = MAX_VALUES, _MAX_FACTOR * size + MAX_EXPANSION
    left = [(document, 0)]
    while left:
        value, depth = left.pop()
        values -= 1
        weight -= 1 + (len(value) if isinstance(value, (str, bytes)) else 0)
        if isinstance(value, str) and not value.isascii():
            value.encode()
        if values < 0 or weight < 0:
            raise LimitError(_TOO_MANY if values < 0 else _EXPANDS, 1)
        if isinstance(value, (dict, list, tuple)):
            if depth == MAX_DEPTH:
                raise LimitError(_TOO_DEEP, 1)
            left += ((child, depth + 1) for child in value)
            if isinstance(value, dict):
                left += ((child, depth + 1) for child in value.values())
