"""Recorded interactions by key, each to be given out once, in recorded order.

Secrets and times are no part of a key: they are taken out, and compared apart. A placeholder in a
recording stands for whatever value is sent in its place; once it has stood for a value, it is
preferred for that value, so that two users stay two. A time stands for one a moment later.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple, TypeAlias, TypeGuard

from .exchange import Interaction, Request
from .matching import Key, Pairs, key, legacy_key
from .scrub import placeholders
from .scrub.compression import decompress_whole
from .scrub.disguises import SHORTEST
from .scrub.finder import Finder
from .scrub.placeholders import PLACEHOLDER
from .scrub.scrubber import Scrubber
from .scrub.slots import Look, Slot
from .scrub.texts import map_request_texts
from .scrub.vault import Vault
from .scrub.walk import visit_request
from .times import are_near, take_out

Secret: TypeAlias = tuple[str, str | None]
"""The name of the slot ("" in free text), and what stood there."""
Time: TypeAlias = tuple[float, str]
"""Seconds from the time of the request, and the time as it was written."""

EMPTY_SLOT = "RepriseSlot"
"""What stands for a secret that was taken out of its slot: no encoding changes it."""
EMPTY_TEXT = "RepriseSecret"
"""The same for a secret that stood where no name tells of it."""


class Call(NamedTuple):
    """A request for comparison: its key, and apart what may differ."""

    key: Key
    secrets: tuple[Secret, ...] = ()
    times: tuple[Time, ...] = ()


def call_of(request: Request, scrubber: Scrubber, now: float) -> Call:
    """Take a request, recorded or sent, apart; `now` is when it was made, in seconds."""
    secrets: list[Secret] = []
    times: list[tuple[str, float]] = []
    method, url, body, headers = key(_emptied(request, scrubber, secrets))

    def empty(text: str) -> str:
        return take_out(text, now, times)

    emptied_key = method, empty(url), _map_bytes(body, empty), _map_values(headers, empty)
    relative = sorted((seconds - now, written) for written, seconds in times)
    return Call(emptied_key, tuple(secrets), tuple(relative))


def without_secrets(request: Request, scrubber: Scrubber) -> Request:
    """The request with its secrets and placeholders taken out; for messages."""
    return _emptied(request, scrubber, [])


def _emptied(request: Request, scrubber: Scrubber, secrets: list[Secret]) -> Request:
    look = Look(scrubber.rules, lambda slot: _empty_slot(slot, secrets))
    plain = replace(request, body=decompress_whole(request.body, request.headers))

    visited = visit_request(plain, look)
    named = {value for _, value in secrets if value and len(value) >= SHORTEST}
    repeated = Finder(named) if named else None

    def empty(text: str) -> str:
        if repeated:
            text = _empty_repeated(text, repeated, secrets)
        return _empty_text(text, scrubber.vault, secrets)

    return map_request_texts(visited, empty, empty)


def _empty_repeated(text: str, repeated: Finder, secrets: list[Secret]) -> str:
    """What stands in a slot may stand elsewhere in the same request too, in any disguise."""

    def empty(value: str) -> str:
        secrets.append(("", value))
        return EMPTY_TEXT

    return repeated.replace(text, empty)


def _empty_slot(slot: Slot, secrets: list[Secret]) -> str:
    # Of two JSON values that read alike, 1 and "1", only one is meant.
    value = slot.value if slot.is_text or slot.value is None else f"={slot.value}"
    secrets.append((slot.name if slot.is_named else "", value))
    return EMPTY_SLOT if slot.is_named else EMPTY_TEXT


def _empty_text(text: str, vault: Vault, secrets: list[Secret]) -> str:
    def empty(_kind: str, value: str) -> str:
        secrets.append(("", value))
        return EMPTY_TEXT

    text = PLACEHOLDER.sub(lambda found: empty("", found[0]), text)
    return vault.replace_known(text, empty)


def _map_bytes(body: bytes, change: Callable[[str], str]) -> bytes:
    try:
        return change(body.decode()).encode()
    except UnicodeDecodeError:
        return body


def _map_values(headers: Pairs, change: Callable[[str], str]) -> Pairs:
    return tuple((name, change(value)) for name, value in headers)


class _Recorded(NamedTuple):
    position: int
    call: Call


class Index:
    """The interactions of one cassette that are still to be played.

    `recorded_at` is the time of the recording in seconds since 1970, None for a legacy cassette,
    whose calls are told apart as vcrpy does by default.
    """

    def __init__(
        self, interactions: tuple[Interaction, ...], scrubber: Scrubber, recorded_at: float | None
    ) -> None:
        self._interactions = interactions
        self._scrubber = scrubber
        self._is_legacy = recorded_at is None
        self._unplayed: dict[int, _Recorded] = {}
        self._buckets: dict[Key, deque[_Recorded]] = {}
        self._stands_for: dict[str, str | None] = {}
        for position, interaction in enumerate(interactions):
            call = self._call(interaction.request, (recorded_at or 0.0) + interaction.at)
            recorded = self._unplayed[position] = _Recorded(position, call)
            self._buckets.setdefault(call.key, deque()).append(recorded)

    def take(self, request: Request, now: float) -> Interaction | None:
        """The next recorded interaction for this request, which is then played; or None.

        `now` is the time of the request in seconds since 1970.
        """
        sent = self._call(request, now)
        return self._taken(self._choose(self._buckets.get(sent.key, ()), sent))

    def take_look_alike(self, request: Request, now: float) -> Interaction | None:
        """The same, where a placeholder stands in a place that no name makes a secret's."""
        sent = self._call(request, now)
        alike = (r for r in self._unplayed.values() if _is_like(r.call.key, sent.key))
        return self._taken(self._choose(alike, sent))

    def _taken(self, recorded: _Recorded | None) -> Interaction | None:
        if recorded is None:
            return None
        self._buckets[recorded.call.key].remove(recorded)
        del self._unplayed[recorded.position]
        return self._interactions[recorded.position]

    def is_played_out(self, request: Request, now: float) -> bool:
        """Whether the call was recorded, though not as often as it is made."""
        return self._call(request, now).key in self._buckets

    def unplayed(self, among_first: int) -> tuple[Interaction, ...]:
        """What has not been played of the first so many interactions."""
        return tuple(self._interactions[p] for p in self._unplayed if p < among_first)

    def _call(self, request: Request, now: float) -> Call:
        if self._is_legacy:
            return Call(legacy_key(request))
        return call_of(request, self._scrubber, now)

    def _choose(self, candidates: Iterable[_Recorded], sent: Call) -> _Recorded | None:
        best, best_score = None, -1
        for recorded in candidates:
            if not sent.secrets and not sent.times and recorded.call == sent:
                return recorded
            score = self._score(recorded.call, sent)
            if score > best_score:
                best, best_score = recorded, score
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
