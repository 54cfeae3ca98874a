"""The settings `ignore`, `match_headers` and `normalise`: their values, and the rules they make."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Iterable, Iterator, Mapping

from .call_pattern import CallPattern
from .match_rules import MatchRules, Normaliser, Place, Rule, checked_normaliser

Normalisers = tuple[tuple[CallPattern | None, Normaliser], ...]


def parse(name: str, value: object) -> tuple[object, ...]:
    """Return the checked value of one of the settings. Raises ValueError."""
    if name == "normalise":
        return tuple(_normalisers(value))
    entries = _texts(value)
    for entry in entries:
        what = Rule.parse(entry).what
        if name == "ignore":
            Place.parse(what)
        elif not what or " " in what or ":" in what:
            raise ValueError(f"{entry!r} is no header: expected a name, also after a call")
    return entries


def _texts(value: object) -> tuple[str, ...]:
    found = [value] if isinstance(value, str) else value
    if not isinstance(found, list | tuple) or not all(isinstance(e, str) and e for e in found):
        raise ValueError("expected a list of texts")
    return tuple(found)


def _normalisers(value: object) -> Iterator[tuple[CallPattern | None, Normaliser]]:
    if isinstance(value, Mapping):
        for call, function in value.items():
            calls = CallPattern.parse(call) if isinstance(call, str) else None
            if calls is None:
                raise ValueError(f"{call!r} must be a method and a path, such as 'GET /orders/*'")
            yield calls, _function(function)
    elif callable(value):
        yield None, _function(value)
    else:
        for rule in map(Rule.parse, _texts(value)):
            yield rule.calls, _function(rule.what)


@functools.lru_cache(maxsize=64)
def _function(named: object) -> Normaliser:
    """Return a function, given itself or by its name `package.module:function`."""
    if not isinstance(named, str):
        if callable(named):
            return checked_normaliser(named)
        raise ValueError(f"{named!r} is no function")
    module, colon, name = named.partition(":")
    if not (colon and name):
        raise ValueError(f"{named!r} is no function: expected package.module:function")
    try:
        found: Callable[..., object] = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise ValueError(f"{named!r} cannot be imported: {error}") from error
    return _function(found)


@functools.lru_cache(maxsize=64)
def make_rules(
    ignore: Iterable[str], match_headers: Iterable[str], normalise: Normalisers
) -> MatchRules:
    """Return the rules of these settings. The same settings have the same rules."""
    return MatchRules(ignore, match_headers, normalise)
