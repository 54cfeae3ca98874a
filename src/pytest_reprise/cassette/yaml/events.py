"""A reader of plain YAML. Without it, a replay of vcrpy's cassettes takes 34 % more instructions.

It builds values directly from the events of libyaml's parser. PyYAML's safe loader builds a tree of
nodes first. It returns what the safe loader returns, or raises UnsupportedYamlError: for
tags other than `!!binary`, anchors, aliases, merge keys, keys that are not scalars or that are
repeated, deep nesting, and invalid YAML.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import yaml
from yaml import (
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)

from ..limits import MAX_DEPTH
from .libyaml import BINARY, INVALID_VALUE, Loader, limit_numbers


class UnsupportedYamlError(Exception):
    """The text contains more than plain values, or is not valid YAML."""


class _Constructor(yaml.constructor.SafeConstructor, yaml.resolver.Resolver):
    """The part of the safe loader that turns one scalar into a value."""

    def __init__(self) -> None:
        yaml.constructor.SafeConstructor.__init__(self)
        yaml.resolver.Resolver.__init__(self)


limit_numbers(_Constructor)
_MAX_CACHED_LENGTH = 200
"""Characters of a scalar to remember. A body in one line must not stay in memory."""


def _plain_scalar(text: str) -> object:
    """Return the value of a scalar without quotes. Raises UnsupportedYamlError."""
    return _short_scalar(text) if len(text) <= _MAX_CACHED_LENGTH else _plain_value(text)


def _plain_value(text: str) -> object:
    constructor: Any = _Constructor()
    tag = constructor.resolve(yaml.ScalarNode, text, (True, False))
    if tag in ("tag:yaml.org,2002:merge", "tag:yaml.org,2002:value"):
        raise UnsupportedYamlError
    try:
        value: object = constructor.construct_object(yaml.ScalarNode(tag, text))
    except INVALID_VALUE as error:
        raise UnsupportedYamlError from error
    return value


_short_scalar = lru_cache(maxsize=4096)(_plain_value)
"""The cache saves 18.5 % of a replay of vcrpy's cassettes: the same names and values of headers
occur in most interactions."""


def load_plain(text: str) -> object:
    """Return the one document in `text` as plain values. Raises UnsupportedYamlError."""
    try:
        return _Reader(text).document()
    except (yaml.YAMLError, UnicodeEncodeError) as error:
        raise UnsupportedYamlError from error


class _Reader:
    """Reads one document. All methods may raise UnsupportedYamlError or a YAMLError."""

    __slots__ = ("_next_event",)

    def __init__(self, text: str) -> None:
        self._next_event = Loader(text).get_event

    def document(self) -> object:
        self._expect(StreamStartEvent)
        self._expect(DocumentStartEvent)
        document = self._value(self._next_event(), 0)
        self._expect(DocumentEndEvent)
        self._expect(StreamEndEvent)
        return document

    def _expect(self, kind: type) -> None:
        if self._next_event().__class__ is not kind:
            raise UnsupportedYamlError

    def _value(self, event: Any, depth: int) -> object:
        kind = event.__class__
        if kind is ScalarEvent:
            return self._scalar(event)
        if kind is MappingStartEvent:
            return self._mapping(event, depth + 1)
        if kind is SequenceStartEvent:
            return self._sequence(event, depth + 1)
        raise UnsupportedYamlError  # an alias

    def _scalar(self, event: ScalarEvent) -> object:
        if event.anchor is not None:
            raise UnsupportedYamlError
        if event.tag is not None:
            return self._tagged(event)
        return _plain_scalar(event.value) if event.implicit[0] else event.value

    def _tagged(self, event: ScalarEvent) -> object:
        if event.tag != BINARY:
            raise UnsupportedYamlError
        constructor: Any = _Constructor()
        value: object = constructor.construct_yaml_binary(yaml.ScalarNode(BINARY, event.value))
        return value

    def _mapping(self, start: object, depth: int) -> dict[object, object]:
        self._check_start(start, depth)
        made: dict[object, object] = {}
        size = 0
        while (event := self._next_event()).__class__ is ScalarEvent:
            made[self._scalar(event)] = self._value(self._next_event(), depth)
            size += 1
        if event.__class__ is not MappingEndEvent or size != len(made):
            raise UnsupportedYamlError  # a key that is not a scalar, or a repeated one
        return made

    def _sequence(self, start: object, depth: int) -> list[object]:
        self._check_start(start, depth)
        made: list[object] = []
        while (event := self._next_event()).__class__ is not SequenceEndEvent:
            made.append(self._value(event, depth))
        return made

    def _check_start(self, event: Any, depth: int) -> None:
        if event.tag is not None or event.anchor is not None or depth > MAX_DEPTH:
            raise UnsupportedYamlError
