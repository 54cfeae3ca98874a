"""How many values a YAML text means, counted by the events of a parser: nothing is built.

An alias counts as much as what its anchor holds; so does a merge key, whose value is an alias.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from yaml import AliasEvent, CollectionEndEvent, CollectionStartEvent, Event, ScalarEvent

from .. import limits
from ..limits import LimitError


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
        self._max_weight = limits.MAX_FACTOR * len(text) + limits.MAX_EXPANSION
        self._values = self._weight = 0
        self._open: list[_Open] = []
        self._anchors: dict[str, _Size | None] = {}

    def count(self, events: Iterable[Event]) -> None:
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
        if depth > limits.MAX_DEPTH:
            raise LimitError(limits.TOO_DEEP, _line(event))
        if self._values > limits.MAX_VALUES:
            raise LimitError(limits.TOO_MANY, _line(event))
        if self._weight > self._max_weight:
            raise LimitError(limits.EXPANDS, _line(event))


def _line(event: Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def check_yaml_events(text: str, events: Iterable[Event]) -> None:
    """Raise LimitError if the text is above a limit. `events` are those of a parser for it."""
    _YamlCounter(text).count(events)
