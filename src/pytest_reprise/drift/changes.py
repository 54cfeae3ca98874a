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
from ..scrub.content.compression import decompress_or_keep
from .places import VOLATILE_HEADERS


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
    """Return the outcome without what differs each time.

    A compressed body may differ where its text does not, as with the time in gzip.
    """
    if isinstance(outcome, Failure):
        return outcome
    body = decompress_or_keep(outcome.body, outcome.headers)
    ignored = VOLATILE_HEADERS | ({"content-length"} if body is not outcome.body else set())
    headers = tuple(h for h in outcome.headers if h[0].lower() not in ignored)
    return replace(outcome, headers=headers, body=body, chunks=())


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
        body = decompress_or_keep(response.body, response.headers)
        return set(_paths(json.loads(body), ""))
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
