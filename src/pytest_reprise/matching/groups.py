"""Interactions in groups of the same method, URL and body, each group in recorded order.

Of requests with equal keys the first recorded one answers, also where a later one has the same
bytes. This module finds such an earlier one without a scrubber, so without a search by meaning.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Container, Iterator
from functools import cache
from typing import TypeAlias

from ..exchange import Interaction, Request
from .key import canonical_body, canonical_url, credentials, key_headers

_Target: TypeAlias = tuple[str, str]
"""Method and canonical URL."""


def _target_of(method: str, url: str) -> _Target:
    return method.upper(), canonical_url(url)


class Groups:
    """The positions of interactions, by method and URL, and only where needed by body.

    All methods take the positions that are not played yet, and yield no others.
    """

    def __init__(self, interactions: tuple[Interaction, ...]) -> None:
        self._requests = [i.request for i in interactions]
        self._by_target: dict[_Target, deque[int]] = {}
        # Most URLs are sent as recorded: the cache saves 1 % of a replay with credentials.
        self._target_of = cache(_target_of)
        self._targets = [self._target_of(r.method, r.url) for r in self._requests]
        for position, target in enumerate(self._targets):
            self._by_target.setdefault(target, deque()).append(position)
        self._by_body: dict[_Target, dict[bytes, deque[int]]] = {}
        self._bodies: dict[int, bytes] = {}
        """The canonical bodies of the positions in `_by_body`."""

    def with_equal_body(self, request: Request, unplayed: Container[int]) -> Iterator[int]:
        """Yield the positions with the method, URL and body of a request, in recorded order."""
        target = self._target_of(request.method, request.url)
        positions = self._by_target.get(target)
        first = _first(positions, unplayed)
        if positions is None or first is None:
            return
        # A suite that sends what it recorded, but other headers, needs no canonical bodies: that of
        # a big body takes longer than all other work for a request.
        same_bytes = self._requests[first].body == request.body
        if same_bytes:
            yield first
        if same_bytes and len(positions) == 1:
            return
        for position in self._of_body(target, canonical_body(request), unplayed):
            if position in unplayed and not (same_bytes and position == first):
                yield position

    def first_with_equal_key(self, position: int, unplayed: Container[int]) -> int:
        """Return the first position whose request has the key and credentials of this one's."""
        target = self._targets[position]
        if _first(self._by_target[target], unplayed) == position:
            return position
        self._split_by_body(target)
        for earlier in self._of_body(target, self._bodies[position], unplayed):
            if earlier == position or (earlier in unplayed and self._are_equal(earlier, position)):
                return earlier
        return position

    def _are_equal(self, one: int, other: int) -> bool:
        """Whether the headers of two requests that count are equal, those with secrets too."""
        headers = self._requests[one].headers, self._requests[other].headers
        keys, secrets = map(key_headers, headers), map(credentials, headers)
        return len(set(keys)) == 1 and len(set(secrets)) == 1

    def _of_body(self, target: _Target, body: bytes, unplayed: Container[int]) -> deque[int]:
        """Return the positions of a target with this canonical body."""
        self._split_by_body(target)
        positions = self._by_body[target].get(body, deque())
        _first(positions, unplayed)
        return positions

    def _split_by_body(self, target: _Target) -> None:
        if target in self._by_body:
            return
        by_body = self._by_body[target] = {}
        for position in self._by_target[target]:
            body = self._bodies[position] = canonical_body(self._requests[position])
            by_body.setdefault(body, deque()).append(position)


def _first(positions: deque[int] | None, unplayed: Container[int]) -> int | None:
    """Return the first position that is not played, or None; delete played ones before it.

    The deletion keeps a test that makes the same call ten thousand times linear.
    """
    while positions and positions[0] not in unplayed:
        positions.popleft()
    return positions[0] if positions else None
