"""The search for a recorded interaction by the meaning of its request.

How a request is found:

1. Its parts are made (`request_parts`): key, secrets, times.
2. The interactions with the same key, and not played yet, are the candidates.
3. Each candidate gets a score for its secrets and times. Every secret must match: a recorded value
   only the same value, a recorded placeholder any value. Every time must be close to the recorded
   one. A candidate that does not match is out.
4. The candidate with the highest score answers; of equals, the first in recorded order.

A placeholder that has matched a value is preferred for this value from then on. So the requests of
two users, each with a token of its own, get the answers of two different users.

To split a big body is slow, so a cheaper way is tried first: the interactions with the same method,
canonical URL and body. For these, only the headers have to be split.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections import deque
from collections.abc import Callable, Container, Hashable, Iterable, Iterator
from functools import cached_property
from typing import NamedTuple, TypeGuard, TypeVar

from ..exchange import Headers, Interaction, Request
from ..scrub.replace import placeholders
from ..scrub.rules.stand_ins import is_stand_in
from ..scrub.scrubber import Scrubber
from .groups import Groups
from .key import Key
from .request_parts import (
    BY_MEANING,
    NAMED_SECRET_MARK,
    UNNAMED_SECRET_MARK,
    Matching,
    RequestParts,
    Secret,
    Time,
    split_request,
)
from .times import are_close

K = TypeVar("K", bound=Hashable)


class _Candidate(NamedTuple):
    """An interaction that may answer: its position, and the parts of its request."""

    position: int
    parts: RequestParts


class Search:
    """Finds the position in `interactions` of the one that answers a request.

    `recorded_at` is when the recording began, in seconds since 1970. With `repeats`, an interaction
    may answer again after all candidates were played: the last of them, as with vcrpy's
    `allow_playback_repeats`.
    """

    def __init__(
        self,
        interactions: tuple[Interaction, ...],
        get_scrubber: Callable[[], Scrubber],
        recorded_at: float,
        matching: Matching = BY_MEANING,
        repeats: bool = False,
    ) -> None:
        self._interactions = interactions
        self._get_scrubber = get_scrubber
        self._recorded_at = recorded_at
        self._matching = matching
        self._repeats = repeats
        self._value_of: dict[str, str | None] = {}
        """The value that each placeholder has matched first."""
        self._sent: dict[Request, RequestParts] = {}
        self._sent_at = 0.0
        """When the requests in `_sent` were made, in seconds since 1970."""

    # --- by parts -----------------------------------------------------------------------------

    @cached_property
    def _parts(self) -> tuple[RequestParts, ...]:
        return tuple(self._split(i.request, self._made_at(i)) for i in self._interactions)

    @cached_property
    def _by_key(self) -> dict[Key, deque[int]]:
        return _grouped(parts.key for parts in self._parts)

    def find(self, request: Request, now: float, unplayed: Container[int]) -> int | None:
        """Return the position of the interaction that answers this request, or None.

        `now` is the time of the request, in seconds since 1970; `unplayed` are the positions that
        may be returned.
        """
        # This way saves 40 % of a replay with other credentials than those of the recording. Under
        # a suite's own matchers the body may not count, so the first with this body need not be the
        # right one.
        if self._matching is BY_MEANING and not self._repeats:
            # For JSON whose keys are sent in another order, a test takes 6 times as many
            # instructions without this way for bodies of 2 kB, and 13 times as many for 100 kB.
            candidates = self._groups.with_equal_body(request, unplayed)
            position = self._best_by_headers(candidates, request, now)
            if position is not None:
                return position
        return self._find_by_parts(request, now, unplayed)

    def _find_by_parts(self, request: Request, now: float, unplayed: Container[int]) -> int | None:
        sent = self._split_sent(request, now)
        positions = self._by_key.get(sent.key, deque())
        chosen = self._choose(self._candidates(self._left(positions, unplayed), request), sent)
        if chosen is None and self._repeats:
            chosen = self._choose(self._candidates(reversed(positions), request), sent)
        return chosen.position if chosen else None

    def _candidates(self, positions: Iterable[int], request: Request) -> Iterator[_Candidate]:
        also_matches = self._matching.also_matches
        for position in positions:
            if also_matches is None or also_matches(request, self._interactions[position].request):
                yield _Candidate(position, self._parts[position])

    def _left(self, positions: deque[int] | None, unplayed: Container[int]) -> Iterator[int]:
        """Yield the unplayed ones of a group, and delete played ones from its start.

        The deletion keeps a test that makes the same call ten thousand times linear. With `repeats`
        nothing is deleted, since all may be played again.
        """
        while positions and not self._repeats and positions[0] not in unplayed:
            positions.popleft()
        return (position for position in positions or () if position in unplayed)

    def _made_at(self, interaction: Interaction) -> float:
        """Return when a recorded request was made, in seconds since 1970."""
        return self._recorded_at + interaction.at

    def _split(self, request: Request, now: float) -> RequestParts:
        if not self._matching.separates_secrets_and_times:  # needs no scrubber
            return RequestParts(self._matching.key(request))
        return split_request(request, self._get_scrubber(), now, self._matching)

    def _split_sent(self, request: Request, now: float) -> RequestParts:
        """Return the parts of a request that is sent. Several searches at one time need them."""
        if now != self._sent_at:
            self._sent_at, self._sent = now, {}
        if request not in self._sent:
            self._sent[request] = self._split(request, now)
        return self._sent[request]

    # --- by body first, then headers ----------------------------------------------------------

    @cached_property
    def _groups(self) -> Groups:
        return Groups(self._interactions)

    def _best_by_headers(
        self, positions: Iterator[int], request: Request, now: float
    ) -> int | None:
        """Return the position whose headers match best, or None if the headers of none match."""
        first = next(positions, None)
        if first is None:
            return None
        sent = self._split_headers(request.headers, now)
        candidates = map(self._candidate_by_headers, itertools.chain([first], positions))
        chosen = self._choose((one for one in candidates if one.parts.key == sent.key), sent)
        return chosen.position if chosen else None

    def _candidate_by_headers(self, position: int) -> _Candidate:
        interaction = self._interactions[position]
        headers, made_at = interaction.request.headers, self._made_at(interaction)
        return _Candidate(position, self._split_headers(headers, made_at))

    def _split_headers(self, headers: Headers, now: float) -> RequestParts:
        scrubber = self._get_scrubber()
        parts = _split_headers_once(headers, scrubber, scrubber.vault.known_count)
        # Times are relative to `now`, so headers with a time cannot come from the cache.
        return self._split(Request("", "", headers), now) if parts.times else parts

    # --- other questions ----------------------------------------------------------------------

    @cached_property
    def _wildcards(self) -> list[_Wildcard]:
        return [_Wildcard(key) for key in self._by_key if _has_mark(key)]

    def find_by_wildcard(
        self, request: Request, now: float, unplayed: Container[int]
    ) -> int | None:
        """Return what `find` returns, if a placeholder without a revealing name matches any text.

        For example a placeholder in a path: nothing shows that the text at its position is a
        secret, so the keys differ.
        """
        sent = self._split_sent(request, now)
        sent_body = sent.key[2].decode("latin-1")
        positions = sorted(
            position
            for wildcard in self._wildcards
            if wildcard.matches(sent.key, sent_body)
            for position in self._left(self._by_key[wildcard.key], unplayed)
        )
        chosen = self._choose(self._candidates(positions, request), sent)
        return chosen.position if chosen else None

    def could_answer(self, recorded: Interaction, request: Request, now: float) -> bool:
        """Whether a recorded interaction, played or not, has the key of this request."""
        parts = self._split(recorded.request, self._made_at(recorded))
        if parts.key != self._split(request, now).key:
            return False
        also_matches = self._matching.also_matches
        return also_matches is None or also_matches(request, recorded.request)

    def recorded(self, request: Request, now: float) -> list[int]:
        """Return the positions of all interactions with the key of this request, played or not."""
        key = self._split_sent(request, now).key
        return [position for position, parts in enumerate(self._parts) if parts.key == key]

    # --- scores -------------------------------------------------------------------------------

    def _choose(self, candidates: Iterable[_Candidate], sent: RequestParts) -> _Candidate | None:
        """Return the candidate with the highest score, and remember what its placeholders match."""
        best, best_score = None, -1
        for candidate in candidates:
            score = self._score(candidate.parts, sent)
            if score > best_score:
                best, best_score = candidate, score
            if score == candidate.parts.best_score:
                break
        if best:
            for placeholder, value in _paired(best.parts.secrets, sent.secrets):
                if is_placeholder(placeholder):
                    self._value_of.setdefault(placeholder, value)
        return best

    def _score(self, recorded: RequestParts, sent: RequestParts) -> int:
        """Return the sum of the scores of all secrets and times; -1 if one of them is -1."""
        if len(recorded.times) != len(sent.times):
            return -1
        scores = [self._secret_score(*pair) for pair in _paired(recorded.secrets, sent.secrets)]
        scores += map(_time_score, recorded.times, sent.times)
        return -1 if -1 in scores else sum(scores)

    def _secret_score(self, recorded: str | None, sent: str | None) -> int:
        """Return 2 for the same value, 1 for a value that is new to a new placeholder.

        0 is for a value that contradicts an earlier match: the request is still answered, but any
        other candidate is better. -1 is for a recorded value that is another one.
        """
        if recorded == sent:
            return 2
        if not is_placeholder(recorded):
            return -1
        if recorded in self._value_of:
            return 2 if self._value_of[recorded] == sent else 0
        return 0 if sent in self._value_of.values() else 1


def is_placeholder(value: str | None) -> TypeGuard[str]:
    """Whether a recorded secret is a placeholder, also one that a person wrote, as `REDACTED`.

    "=" marks a JSON value that is not a string.
    """
    return value is not None and _is_placeholder_text(value.removeprefix("="))


# The cache saves 0.5 % of a replay with credentials, in which each request has the same ones.
@functools.lru_cache(maxsize=1024)
def _is_placeholder_text(value: str) -> bool:
    return placeholders.is_placeholder(value) or is_stand_in(value)


def _time_score(recorded: Time, sent: Time) -> int:
    if recorded[1] == sent[1]:
        return 2
    return 1 if are_close(recorded[0], sent[0]) else -1


def _paired(
    recorded: tuple[Secret, ...], sent: tuple[Secret, ...]
) -> Iterator[tuple[str | None, str | None]]:
    """Yield each recorded value with the one that is sent under the same name, or None.

    Values of one name are paired in their order; different names may be in any order.
    """
    values: dict[str, deque[str | None]] = {}
    for name, value in sent:
        values.setdefault(name, deque()).append(value)
    for name, value in recorded:
        yield value, values[name].popleft() if values.get(name) else None


# --- keys -------------------------------------------------------------------------------------


@functools.lru_cache(maxsize=4096)
def _split_headers_once(headers: Headers, scrubber: Scrubber, _vault_size: int) -> RequestParts:
    """Return the parts of headers. The cache saves 37 % of a replay with credentials.

    Most requests of a run have the same headers.
    The size of the vault is an argument because a new secret in it may change the result.
    """
    return split_request(Request("", "", headers), scrubber, 0.0)


def _grouped(keys: Iterable[K]) -> dict[K, deque[int]]:
    """Return the positions at which each key occurs, in order."""
    found: dict[K, deque[int]] = {}
    for position, key in enumerate(keys):
        found.setdefault(key, deque()).append(position)
    return found


class _Wildcard:
    """The key of recorded requests, in which each mark of a secret matches any text.

    The text ends where the part of the URL or body ends: at a slash, quote, ampersand or line end.
    Also the mark of a named secret: of `--api-key dummy` a rule may say that it is no secret.
    A search with these patterns takes 0.5 % of the CPU time of a whole replay in which two of seven
    requests need it. With the secrets in the environment there is no such search.
    """

    def __init__(self, key: Key) -> None:
        self.key = key
        self._url, self._body = key[1], key[2].decode("latin-1")
        self._url_start, self._body_start = _start(self._url), _start(self._body)

    def matches(self, sent: Key, sent_body: str) -> bool:
        """Whether the key matches that of a request, whose body is given as text as well."""
        # Most keys differ before the first mark, which needs no pattern.
        if not sent[1].startswith(self._url_start) or not sent_body.startswith(self._body_start):
            return False
        if (self.key[0], self.key[3]) != (sent[0], sent[3]):
            return False
        url, body = self._patterns
        return bool(url.fullmatch(sent[1]) and body.fullmatch(sent_body))

    @cached_property
    def _patterns(self) -> tuple[re.Pattern[str], re.Pattern[str]]:
        # A client that joins a path leaves an empty segment out, so the slash is optional too.
        url = _pattern(self._url, _URL_VALUE).replace(f"/{_URL_VALUE}", f"(?:/{_URL_VALUE})?")
        quoted = f'"{_BODY_VALUE}"'
        body = _pattern(self._body, _BODY_VALUE).replace(quoted, f"(?:{quoted}|null)")
        return re.compile(url), re.compile(body)


def _has_mark(key: Key) -> bool:
    return _MARKS.search(key[1] + key[2].decode("latin-1")) is not None


_URL_VALUE = "[^/?&#]*"
_BODY_VALUE = r'[^"&\r\n]*\n?'
_MARK = f"(?:{UNNAMED_SECRET_MARK}|{NAMED_SECRET_MARK})"
_MARKS = re.compile(
    rf"-----BEGIN [A-Z ]{{3,40}}-----{_MARK}-----END [A-Z ]{{3,40}}-----(?:\\n|\n)?|{_MARK}"
)
"""The place of one secret. Of a key in PEM, its armour and last line break belong to it: a suite
without the key has none of them."""


def _start(text: str) -> str:
    """Return the text before the first mark, without a slash at its end, which is optional."""
    return _MARKS.split(text, 1)[0].removesuffix("/")


def _pattern(text: str, value: str) -> str:
    """Return a pattern for the text, with `value` in the place of each mark."""
    return value.join(map(re.escape, _MARKS.split(text)))
