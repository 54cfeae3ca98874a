"""Refresh: what a cassette holds after its scope was recorded again.

An interaction that says the same as before is the old one. So its text in the file stays as it is,
and a diff shows only what the API changed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from ..exchange import Failure, Interaction, Outcome
from ..matching.key import Key, key
from ..scrub.content.compression import decompress_or_keep
from ..scrub.replace.placeholders import replace_placeholders
from .alignment import Pair, Shape, align
from .merging import as_recorded, merge
from .noise import Clocks, Noise, marked_times

_GENERATED = re.compile(r"(?=[^/]*\d)[\w.~%-]+")
"""A path segment with a digit, which may be an id."""


class Refreshed(NamedTuple):
    """The interactions to write, and whether the requests are those of the old recording."""

    interactions: tuple[Interaction, ...]
    has_same_requests: bool


def refresh(
    old: Sequence[Interaction],
    new: Sequence[Interaction],
    clocks: Clocks,
    periods: Sequence[int] = (),
    keeps_clock: bool = True,
) -> Refreshed:
    """Merge two recordings of one scope. For `periods` see `align`, for `keeps_clock` `Noise`."""
    noise = Noise(clocks, keeps_clock)
    pairs = pair(old, new, clocks, periods)
    written = [
        as_recorded(new[p.new], noise) if p.old is None else merge(old[p.old], new[p.new], noise)
        for p in pairs
        if p.new is not None
    ]
    kept = [p.old is not None and p.new is not None for p in pairs]
    same = all(kept) and all(
        old[p.old].request == i.request
        for p, i in zip(pairs, written, strict=True)
        if p.old is not None
    )
    return Refreshed(tuple(written), same)


def pair(
    old: Sequence[Interaction],
    new: Sequence[Interaction],
    clocks: Clocks,
    periods: Sequence[int] = (),
) -> list[Pair]:
    """Return which interactions of two recordings belong together."""
    return align([shape(i, clocks.old) for i in old], [shape(i, clocks.new) for i in new], periods)


def shape(interaction: Interaction, now: float) -> Shape:
    """Return what is compared of an interaction that was recorded at `now`."""
    exact = key(interaction.request)
    forms = (interaction.scope, exact), (interaction.scope, _masked(exact, now)), endpoint(exact)
    return Shape(forms, _meaning(interaction.outcome, now))


def endpoint(found: Key) -> tuple[str, str]:
    """Return method and path, with generated segments masked."""
    method, url, *_ = found
    path = replace_placeholders(url.partition("?")[0].partition("://")[2], lambda _: "*")
    return method, "/".join(_GENERATED.sub("*", segment) for segment in path.split("/")[1:])


def _masked(found: Key, now: float) -> tuple[object, ...]:
    """Return a key with marks in the place of times and of secrets' placeholders."""
    method, url, body, headers = found
    return method, _mask(url, now), _mask(body.decode("latin-1"), now), _mask(repr(headers), now)


def _mask(text: str, now: float) -> str:
    return marked_times(replace_placeholders(text, lambda _: "*"), now)


def _meaning(outcome: Outcome, now: float) -> tuple[object, ...]:
    if isinstance(outcome, Failure):
        return (outcome.error,)
    body = decompress_or_keep(outcome.body, outcome.headers)
    return outcome.status, outcome.broken_by, _mask(body.decode("latin-1"), now)
