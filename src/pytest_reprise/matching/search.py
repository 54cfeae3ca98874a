"""Recorded interactions by meaning: by key, and by how well secrets and times fit those sent.

A placeholder in a recording stands for whatever value is sent in its place; once it has stood for a
value, it is preferred for that value, so that two users stay two. A time stands for one a moment
later.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections import deque
from collections.abc import Container, Hashable, Iterable, Iterator
from functools import cached_property
from typing import NamedTuple, TypeGuard, TypeVar

from ..exchange import Headers, Interaction, Request
from ..scrub.replace import placeholders
from ..scrub.scrubber import Scrubber
from .key import Key, canonical_body, canonical_url
from .request_parts import (
    BY_MEANING,
    UNNAMED_SECRET_MARK,
    Matching,
    RequestParts,
    Secret,
    Time,
    split_request,
)
from .times import are_close

K = TypeVar("K", bound=Hashable)


class _Recorded(NamedTuple):
    position: int
    call: RequestParts


class Search:
    """Where in `interactions` a request was recorded.

    `recorded_at` is the time of the recording in seconds since 1970. With `repeats` the last of the
    calls that are alike answers again and again.
    """

    def __init__(
        self,
        interactions: tuple[Interaction, ...],
        scrubber: Scrubber,
        recorded_at: float,
        matching: Matching = BY_MEANING,
        repeats: bool = False,
    ) -> None:
        self._interactions = interactions
        self._scrubber = scrubber
        self._recorded_at = recorded_at
        self._matching = matching
        self._repeats = repeats
        self._stands_for: dict[str, str | None] = {}
        self._form = functools.cache(lambda n: canonical_body(interactions[n].request))

    @cached_property
    def _calls(self) -> tuple[RequestParts, ...]:
        return tuple(self._call(i.request, self._made(i)) for i in self._interactions)

    @cached_property
    def _buckets(self) -> dict[Key, deque[int]]:
        return _grouped(call.key for call in self._calls)

    def find(self, request: Request, now: float, unplayed: Container[int]) -> int | None:
        """The position of the next recorded interaction for this request, or None.

        `now` is the time of the request in seconds since 1970. Where nothing but headers differs,
        as with the credentials of another day, nothing else is taken apart: for a body of 100 kB
        that is a hundredth of the time.
        """
        if self._matching is BY_MEANING and not self._repeats:
            for same in (self._of_same_bytes, self._of_same_form):
                position = self._fitting_headers(same(request, unplayed), request, now)
                if position is not None:
                    return position
        return self._find_by_call(request, now, unplayed)

    def _of_same_bytes(self, request: Request, unplayed: Container[int]) -> Iterator[int]:
        return self._left(self._by_bytes.get(_bytes_of(request)), unplayed)

    def _of_same_form(self, request: Request, unplayed: Container[int]) -> Iterator[int]:
        body: bytes | None = None
        for position in self._left(self._by_url.get(_url_of(request)), unplayed):
            body = canonical_body(request) if body is None else body
            if self._form(position) == body:
                yield position

    @cached_property
    def _by_bytes(self) -> dict[Hashable, deque[int]]:
        return _grouped(_bytes_of(i.request) for i in self._interactions)

    @cached_property
    def _by_url(self) -> dict[Hashable, deque[int]]:
        return _grouped(_url_of(i.request) for i in self._interactions)

    def _left(self, positions: deque[int] | None, unplayed: Container[int]) -> Iterator[int]:
        """Those of a group that are not played yet; the first that were are forgotten, unless they
        may be played again."""
        while positions and not self._repeats and positions[0] not in unplayed:
            positions.popleft()
        return (position for position in positions or () if position in unplayed)

    def _made(self, interaction: Interaction) -> float:
        """When a recorded call was made, in seconds since 1970."""
        return self._recorded_at + interaction.at

    def _fitting_headers(
        self, positions: Iterator[int], request: Request, now: float
    ) -> int | None:
        """The first of these calls whose headers fit best, where they fit at all."""
        first = next(positions, None)
        if first is None:
            return None
        sent = self._call_of_headers(request.headers, now)
        calls = map(self._recorded_headers, itertools.chain([first], positions))
        chosen = self._choose((one for one in calls if one.call.key == sent.key), sent)
        return chosen.position if chosen else None

    def _recorded_headers(self, position: int) -> _Recorded:
        interaction = self._interactions[position]
        headers, made = interaction.request.headers, self._made(interaction)
        return _Recorded(position, self._call_of_headers(headers, made))

    def _call_of_headers(self, headers: Headers, now: float) -> RequestParts:
        known = _headers_alone(headers, self._scrubber, self._scrubber.vault.known_count)
        return self._call(Request("", "", headers), now) if known.times else known

    def _find_by_call(self, request: Request, now: float, unplayed: Container[int]) -> int | None:
        sent = self._call(request, now)
        bucket = self._buckets.get(sent.key, deque())
        chosen = self._choose(self._fitting(self._left(bucket, unplayed), request), sent)
        if chosen is None and self._repeats:
            chosen = self._choose(self._fitting(reversed(bucket), request), sent)
        return chosen.position if chosen else None

    def _fitting(self, positions: Iterable[int], request: Request) -> Iterator[_Recorded]:
        fits = self._matching.also_matches
        for position in positions:
            if fits is None or fits(request, self._interactions[position].request):
                yield _Recorded(position, self._calls[position])

    def find_by_wildcard(
        self, request: Request, now: float, unplayed: Container[int]
    ) -> int | None:
        """The same, where a placeholder stands in a place that no name makes a secret's."""
        sent = self._call(request, now)
        alike = sorted(
            position
            for key, bucket in self._buckets.items()
            if _is_like(key, sent.key)
            for position in self._left(bucket, unplayed)
        )
        chosen = self._choose(self._fitting(alike, request), sent)
        return chosen.position if chosen else None

    def could_answer(self, recorded: Interaction, request: Request, now: float) -> bool:
        """Whether a recorded call, played or not, could answer this request."""
        call = self._call(recorded.request, self._made(recorded))
        if call.key != self._call(request, now).key:
            return False
        return self._matching.also_matches is None or self._matching.also_matches(
            request, recorded.request
        )

    def was_recorded(self, request: Request, now: float) -> bool:
        """Whether the call was recorded, whatever has been played of it."""
        return self._call(request, now).key in self._buckets

    def _call(self, request: Request, now: float) -> RequestParts:
        return split_request(request, self._scrubber, now, self._matching)

    def _choose(self, candidates: Iterable[_Recorded], sent: RequestParts) -> _Recorded | None:
        best, best_score = None, -1
        for recorded in candidates:
            score = self._score(recorded.call, sent)
            if score > best_score:
                best, best_score = recorded, score
            if score == recorded.call.best_score:
                break
        if best:
            for placeholder, value in _paired(best.call.secrets, sent.secrets):
                if is_placeholder(placeholder):
                    self._stands_for.setdefault(placeholder, value)
        return best

    def _score(self, recorded: RequestParts, sent: RequestParts) -> int:
        """How well secrets and times fit those sent; -1 where they do not fit at all."""
        if len(recorded.times) != len(sent.times):
            return -1
        fits = [self._fit(*pair) for pair in _paired(recorded.secrets, sent.secrets)]
        fits += map(_time_fit, recorded.times, sent.times)
        return -1 if -1 in fits else sum(fits)

    def _fit(self, recorded: str | None, sent: str | None) -> int:
        if recorded == sent:
            return 2
        if not is_placeholder(recorded):
            return -1
        if recorded in self._stands_for:
            return 2 if self._stands_for[recorded] == sent else 0
        return 0 if sent in self._stands_for.values() else 1


@functools.lru_cache(maxsize=4096)
def _headers_alone(headers: Headers, scrubber: Scrubber, _known: int) -> RequestParts:
    """The headers of a request, taken apart: they are alike in most requests of a run."""
    return split_request(Request("", "", headers), scrubber, 0.0)


def _grouped(keys: Iterable[K]) -> dict[K, deque[int]]:
    """The positions of each key, in their order."""
    found: dict[K, deque[int]] = {}
    for position, key in enumerate(keys):
        found.setdefault(key, deque()).append(position)
    return found


def _bytes_of(request: Request) -> Hashable:
    return request.method, request.url, request.body


def _url_of(request: Request) -> Hashable:
    return request.method.upper(), canonical_url(request.url)


def is_placeholder(value: str | None) -> TypeGuard[str]:
    return value is not None and placeholders.is_placeholder(value.removeprefix("="))


def _time_fit(recorded: Time, sent: Time) -> int:
    if recorded[1] == sent[1]:
        return 2
    return 1 if are_close(recorded[0], sent[0]) else -1


def _paired(
    recorded: tuple[Secret, ...], sent: tuple[Secret, ...]
) -> Iterator[tuple[str | None, str | None]]:
    """What was recorded in each slot, with what is sent in it: None where nothing is."""
    values: dict[str, deque[str | None]] = {}
    for name, value in sent:
        values.setdefault(name, deque()).append(value)
    for name, value in recorded:
        yield value, values[name].popleft() if values.get(name) else None


def _is_like(recorded: Key, sent: Key) -> bool:
    """Whether the keys are one, with anything in the place of each secret that no name tells of."""
    url, body = recorded[1], recorded[2].decode("latin-1")
    # An empty segment vanishes where a path is put together.
    url_pattern = _pattern(url, _URL_VALUE).replace(f"/{_URL_VALUE}", f"(?:/{_URL_VALUE})?")
    if (recorded[0], recorded[3]) != (sent[0], sent[3]) or UNNAMED_SECRET_MARK not in url + body:
        return False
    quoted = f'"{_BODY_VALUE}"'
    body_pattern = _pattern(body, _BODY_VALUE).replace(quoted, f"(?:{quoted}|null)")
    return bool(
        re.fullmatch(url_pattern, sent[1]) and re.fullmatch(body_pattern, sent[2].decode("latin-1"))
    )


_URL_VALUE = "[^/?&#]*"
_BODY_VALUE = r'[^"&\r\n]*'


def _pattern(text: str, value: str) -> str:
    return value.join(map(re.escape, text.split(UNNAMED_SECRET_MARK)))
