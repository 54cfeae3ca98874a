"""What changed between two recordings of the same calls: statuses, and fields that came or went."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from ..exchange import Failure, Interaction, Outcome, Response, is_json, media_type
from ..matching.key import key

_VOLATILE_HEADERS = frozenset(
    "date age expires server-timing x-runtime x-response-time cf-ray x-request-id request-id "
    "x-correlation-id x-trace-id x-amzn-requestid x-amzn-trace-id x-amz-request-id x-amz-id-2 "
    "x-amz-cf-id x-ms-request-id x-github-request-id traceresponse".split()
)


class Change(NamedTuple):
    """One difference: `call` is method and path, `what` tells it in words."""

    call: str
    what: str

    def __str__(self) -> str:
        return f"{self.call}: {self.what}"


def are_equivalent(old: tuple[Interaction, ...], new: tuple[Interaction, ...]) -> bool:
    """Whether two recordings differ in nothing but dates, request ids and timing."""
    return len(old) == len(new) and all(map(_is_equivalent, old, new))


def _is_equivalent(old: Interaction, new: Interaction) -> bool:
    if old.scope != new.scope or key(old.request) != key(new.request):
        return False
    return _steady(old.outcome) == _steady(new.outcome)


def _steady(outcome: Outcome) -> Outcome:
    if isinstance(outcome, Failure):
        return outcome
    headers = tuple(h for h in outcome.headers if h[0].lower() not in _VOLATILE_HEADERS)
    return replace(outcome, headers=headers, chunks=())


TIME_TOLERANCE = 1.0
"""Seconds by which the time of an answer may differ from one recording to the next."""


def with_kept_times(
    old: tuple[Interaction, ...], new: tuple[Interaction, ...]
) -> tuple[Interaction, ...]:
    """The new interactions; calls made again keep their old time, where it is about the same.

    It may only be later: what an answer says of its time must not be in the future of a replay.
    """
    pairs = zip(old, new, strict=False)
    times = [i.at if j.at <= i.at < j.at + TIME_TOLERANCE else j.at for i, j in pairs]
    steady = tuple(replace(i, at=at) for i, at in zip(new, times, strict=False))
    return steady + new[len(steady) :]


def compare(old: Iterable[Interaction], new: Iterable[Interaction]) -> list[Change]:
    """The changes from `old` to `new`, calls paired by method and path in their order."""
    earlier: dict[str, deque[Interaction]] = {}
    for interaction in old:
        earlier.setdefault(_call(interaction), deque()).append(interaction)
    changes: list[Change] = []
    for interaction in new:
        call = _call(interaction)
        if earlier.get(call):
            before = earlier[call].popleft().outcome
            changes += (Change(call, what) for what in _changes(before, interaction.outcome))
        else:
            changes.append(Change(call, "new call"))
    gone = (call for call, left in earlier.items() for _ in left)
    return changes + [Change(call, "no longer called") for call in gone]


def _call(interaction: Interaction) -> str:
    request = interaction.request
    path = request.url.partition("://")[2].partition("?")[0].partition("/")[2]
    return f"{request.method} /{path}"


def _changes(old: Outcome, new: Outcome) -> Iterator[str]:
    if _status(old) != _status(new):
        yield f"status {_status(old)} → {_status(new)}"
    if isinstance(old, Response) and isinstance(new, Response):
        before, after = _fields(old), _fields(new)
        for field in sorted(after - before):
            yield f"field {field} added"
        for field in sorted(before - after):
            yield f"field {field} removed"


def _status(outcome: Outcome) -> str:
    return outcome.error if isinstance(outcome, Failure) else str(outcome.status)


def _fields(response: Response) -> set[str]:
    """The paths of a JSON body's fields; those of all elements of a list under `[]`."""
    if not is_json(media_type(response.headers)):
        return set()
    try:
        return set(_paths(json.loads(response.body), ""))
    except (ValueError, RecursionError):
        return set()


def _paths(value: object, place: str) -> Iterator[str]:
    if isinstance(value, dict):
        for name, child in value.items():
            here = f"{place}.{name}" if place else name
            yield here
            yield from _paths(child, here)
    elif isinstance(value, list):
        for child in value:
            yield from _paths(child, f"{place}[]")
