"""Recorded interactions by meaning: by key, and by how well secrets and times fit those sent.

A placeholder in a recording stands for whatever value is sent in its place; once it has stood for a
value, it is preferred for that value, so that two users stay two. A time stands for one a moment
later.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Container, Iterable, Iterator
from itertools import takewhile
from typing import NamedTuple, TypeGuard

from .calls import EMPTY_TEXT, OWN, Call, Matching, Secret, Time, call_of
from .exchange import Interaction, Request
from .matching import Key
from .scrub import placeholders
from .scrub.scrubber import Scrubber
from .times import are_near


class _Recorded(NamedTuple):
    position: int
    call: Call


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
        matching: Matching = OWN,
        repeats: bool = False,
    ) -> None:
        self._interactions = interactions
        self._scrubber = scrubber
        self._recorded_at = recorded_at
        self._matching = matching
        self._repeats = repeats
        self._stands_for: dict[str, str | None] = {}
        self._buckets: dict[Key, dict[int, _Recorded]] = {}
        for position, interaction in enumerate(interactions):
            call = self._call(interaction.request, recorded_at + interaction.at)
            self._buckets.setdefault(call.key, {})[position] = _Recorded(position, call)

    def find(self, request: Request, now: float, unplayed: Container[int]) -> int | None:
        """The position of the next recorded interaction for this request, or None.

        `now` is the time of the request in seconds since 1970.
        """
        sent = self._call(request, now)
        bucket = self._buckets.get(sent.key, {})
        left = (r for r in self._left_of(bucket, unplayed) if r.position in unplayed)
        chosen = self._choose(self._fitting(left, request), sent)
        if chosen is None and self._repeats:
            latest_first = reversed(list(bucket.values()))
            chosen = self._choose(self._fitting(latest_first, request), sent)
        return chosen.position if chosen else None

    def _left_of(
        self, bucket: dict[int, _Recorded], unplayed: Container[int]
    ) -> Iterable[_Recorded]:
        """Those of a bucket without the first that were played, which would only be skipped."""
        if not self._repeats:
            for position in list(takewhile(lambda n: n not in unplayed, bucket)):
                del bucket[position]
        return bucket.values()

    def _fitting(self, recorded: Iterable[_Recorded], request: Request) -> Iterator[_Recorded]:
        fits = self._matching.fits
        if fits is None:
            return iter(recorded)
        return (r for r in recorded if fits(request, self._interactions[r.position].request))

    def find_look_alike(self, request: Request, now: float, unplayed: Container[int]) -> int | None:
        """The same, where a placeholder stands in a place that no name makes a secret's."""
        sent = self._call(request, now)
        alike = sorted(
            recorded
            for key, bucket in self._buckets.items()
            if _is_like(key, sent.key)
            for recorded in bucket.values()
            if recorded.position in unplayed
        )
        chosen = self._choose(self._fitting(alike, request), sent)
        return chosen.position if chosen else None

    def is_like(self, recorded: Interaction, request: Request, now: float) -> bool:
        """Whether a recorded call, played or not, could answer this request."""
        call = self._call(recorded.request, self._recorded_at + recorded.at)
        if call.key != self._call(request, now).key:
            return False
        return self._matching.fits is None or self._matching.fits(request, recorded.request)

    def knows(self, request: Request, now: float) -> bool:
        """Whether the call was recorded, whatever has been played of it."""
        return self._call(request, now).key in self._buckets

    def _call(self, request: Request, now: float) -> Call:
        return call_of(request, self._scrubber, now, self._matching)

    def _choose(self, candidates: Iterable[_Recorded], sent: Call) -> _Recorded | None:
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

    def _score(self, recorded: Call, sent: Call) -> int:
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


def is_placeholder(value: str | None) -> TypeGuard[str]:
    return value is not None and placeholders.is_placeholder(value.removeprefix("="))


def _time_fit(recorded: Time, sent: Time) -> int:
    if recorded[1] == sent[1]:
        return 2
    return 1 if are_near(recorded[0], sent[0]) else -1


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
    if (recorded[0], recorded[3]) != (sent[0], sent[3]) or EMPTY_TEXT not in url + body:
        return False
    quoted = f'"{_BODY_VALUE}"'
    body_pattern = _pattern(body, _BODY_VALUE).replace(quoted, f"(?:{quoted}|null)")
    return bool(
        re.fullmatch(url_pattern, sent[1]) and re.fullmatch(body_pattern, sent[2].decode("latin-1"))
    )


_URL_VALUE = "[^/?&#]*"
_BODY_VALUE = r'[^"&\r\n]*'


def _pattern(text: str, value: str) -> str:
    return value.join(map(re.escape, text.split(EMPTY_TEXT)))
