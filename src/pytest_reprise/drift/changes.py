"""Compare two recordings of the same scope.

`compare` lists what a user of the API should know: new and missing calls, other statuses, fields
that were added or removed. `are_equivalent` decides whether a cassette has to be written at all.
"""

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
"""Headers of responses that differ each time: dates, ids of requests, durations."""


class Change(NamedTuple):
    """One difference: `call` is method and path, `what` describes it in words."""

    call: str
    what: str

    def __str__(self) -> str:
        return f"{self.call}: {self.what}"


def are_equivalent(old: tuple[Interaction, ...], new: tuple[Interaction, ...]) -> bool:
    """Whether two recordings differ only in dates, ids of requests, and times."""
    return len(old) == len(new) and all(map(_is_equivalent, old, new))


def _is_equivalent(old: Interaction, new: Interaction) -> bool:
    if old.scope != new.scope or key(old.request) != key(new.request):
        return False
    return _without_volatile(old.outcome) == _without_volatile(new.outcome)


def _without_volatile(outcome: Outcome) -> Outcome:
    """Return the outcome without what differs each time."""
    if isinstance(outcome, Failure):
        return outcome
    headers = tuple(h for h in outcome.headers if h[0].lower() not in _VOLATILE_HEADERS)
    return replace(outcome, headers=headers, chunks=())


TIME_TOLERANCE = 1.0
"""Seconds. A recorded time that is up to this much later than the new one is kept."""


def with_kept_times(
    old: tuple[Interaction, ...], new: tuple[Interaction, ...]
) -> tuple[Interaction, ...]:
    """Return the new interactions, with the recorded time of the old ones where it is close.

    So a new recording of an unchanged API changes no line. Only an old time that is later is kept:
    a time within a response must not be in the future of the replay's clock.
    """
    paired = tuple(replace(j, at=_kept_time(i.at, j.at)) for i, j in zip(old, new, strict=False))
    return paired + new[len(paired) :]


def _kept_time(old: float, new: float) -> float:
    return old if new <= old < new + TIME_TOLERANCE else new


def compare(old: Iterable[Interaction], new: Iterable[Interaction]) -> list[Change]:
    """Return the changes from `old` to `new`.

    Interactions with the same method and path are paired, in their order.
    """
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
    missing = (call for call, left in earlier.items() for _ in left)
    return changes + [Change(call, "no longer called") for call in missing]


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
    """Return the paths of all fields in a JSON body, as `items[].price`; none for other bodies."""
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
