"""Recorded interactions by key, each to be given out once, in recorded order.

Secrets are no part of a key: their slots are emptied, and what stood there is compared apart.
A placeholder in a recording stands for whatever value is sent in that slot; once it has stood for
a value, it is preferred for that value, so that two users stay two.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import NamedTuple, TypeAlias, TypeGuard

from .exchange import Interaction, Request, map_request
from .matching import Key, key, legacy_key
from .scrub.placeholders import PLACEHOLDER, Vault
from .scrub.slots import Slot, rewrite_request

Secrets: TypeAlias = tuple[str | None, ...]
EMPTY = "*"


class Call(NamedTuple):
    """A request for comparison: its key without secrets, and the secrets apart."""

    key: Key
    secrets: Secrets


def call_of(request: Request, vault: Vault, is_legacy: bool = False) -> Call:
    """Take a request, recorded or sent, apart for comparison."""
    if is_legacy:
        return Call(legacy_key(request), ())
    emptied, secrets = without_secrets(request, vault)
    return Call(key(emptied), secrets)


def without_secrets(request: Request, vault: Vault) -> tuple[Request, Secrets]:
    """The request with its secrets and placeholders taken out, and these, ordered by name."""
    secrets: list[tuple[str, str | None]] = []

    def empty(slot: Slot) -> str:
        secrets.append((slot.name, slot.value))
        return EMPTY

    def empty_known(_kind: str, value: str) -> str:
        secrets.append(("", value))
        return EMPTY

    def empty_text(text: str) -> str:
        text = PLACEHOLDER.sub(lambda found: empty_known("", found[0]), text)
        return vault.replace_known(text, empty_known)

    emptied = map_request(rewrite_request(request, empty), empty_text)
    # Sorted, since headers and fields may come in any order.
    by_name = sorted(secrets, key=lambda secret: secret[0])
    return emptied, tuple(value for _, value in by_name)


class _Recorded(NamedTuple):
    position: int
    secrets: Secrets


class Index:
    """The interactions of one cassette that are still to be played."""

    def __init__(
        self, interactions: tuple[Interaction, ...], vault: Vault, is_legacy: bool
    ) -> None:
        self._interactions = interactions
        self._vault = vault
        self._is_legacy = is_legacy
        self._unplayed = dict.fromkeys(range(len(interactions)))
        self._buckets: dict[Key, deque[_Recorded]] = {}
        self._stands_for: dict[str, str | None] = {}
        for position, interaction in enumerate(interactions):
            call = call_of(interaction.request, vault, is_legacy)
            bucket = self._buckets.setdefault(call.key, deque())
            bucket.append(_Recorded(position, call.secrets))

    def take(self, request: Request) -> Interaction | None:
        """The next recorded interaction for this request, which is then played; or None."""
        call = call_of(request, self._vault, self._is_legacy)
        bucket = self._buckets.get(call.key)
        if not bucket:
            return None
        recorded = self._choose(bucket, call.secrets) if call.secrets else bucket[0]
        if recorded is None:
            return None
        bucket.remove(recorded)
        del self._unplayed[recorded.position]
        return self._interactions[recorded.position]

    def is_played_out(self, request: Request) -> bool:
        """Whether the call was recorded, though not as often as it is made."""
        return call_of(request, self._vault, self._is_legacy).key in self._buckets

    def unplayed(self, among_first: int) -> tuple[Interaction, ...]:
        """What has not been played of the first so many interactions."""
        return tuple(self._interactions[p] for p in self._unplayed if p < among_first)

    def _choose(self, bucket: Iterable[_Recorded], sent: Secrets) -> _Recorded | None:
        best, best_score = None, -1
        for recorded in bucket:
            score = self._score(recorded.secrets, sent)
            if score > best_score:
                best, best_score = recorded, score
        if best:
            pairs = zip(best.secrets, sent, strict=True)
            self._stands_for.update((p, value) for p, value in pairs if is_placeholder(p))
        return best

    def _score(self, recorded: Secrets, sent: Secrets) -> int:
        """How well the recorded secrets fit those sent; -1 where they do not fit at all."""
        if len(recorded) != len(sent):
            return -1
        scores = [self._fit(p, value) for p, value in zip(recorded, sent, strict=True)]
        return -1 if -1 in scores else sum(scores)

    def _fit(self, recorded: str | None, sent: str | None) -> int:
        if recorded == sent:
            return 2
        if not is_placeholder(recorded):
            return -1
        if recorded in self._stands_for:
            return 2 if self._stands_for[recorded] == sent else 0
        return 0 if sent in self._stands_for.values() else 1


def is_placeholder(value: str | None) -> TypeGuard[str]:
    return value is not None and PLACEHOLDER.fullmatch(value) is not None
