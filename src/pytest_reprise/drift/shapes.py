"""Shapes of interactions: what two recordings of the same call have in common.

Of two calls that differ in ids only, such as two `GET /exports/{id}`, each belongs to the call that
made its object. So an id in a request stands for its origin: the call that returned it first, and
the position of the word in that answer. Both recordings name an origin in the same way, whatever
the id is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from functools import cached_property
from hashlib import blake2s
from types import MappingProxyType

from ..exchange import Failure, Interaction, Outcome, Request, Response, header
from ..matching.key import Key
from ..scrub.content.compression import decompress_or_keep
from ..scrub.replace.placeholders import replace_placeholders
from .request_keys import request_key
from .tokens import is_generated, marked_times
from .variation import has_digit, operation_of

_LONG_ID = re.compile(r"(?=\w*[a-z])(?=\w*[A-Z])\w{14,}")
"""A long word with letters of both cases: an id that happens to have no digit."""
_WORD = re.compile(r"[\w-]+")
_ID_SEGMENT = re.compile(r"(?=[^/]*\d|(?=[^/]*[a-z])(?=[^/]+[A-Z])[^/]{12})[\w.~%-]+")
"""A segment of a path with a digit, or a long one with letters of both cases."""
_LARGEST_MASKED = 65536
"""Bytes of a body with NUL in which times and ids are masked, such as those of a small upload."""
_ORIGIN = "\2"
"""The first character in the name of an origin."""
_NAMELESS = "*"
"""Stands for an id without an origin."""
_NO_NAMES: Mapping[str, str] = MappingProxyType({})
_READING = frozenset(("GET", "HEAD", "OPTIONS"))
"""Methods whose answers depend on what others do, so that they are no origins of ids."""


class InteractionShape:
    """What is compared of an interaction. Each part is computed when it is first asked for.

    `origins` are those of the scope's ids.
    """

    rounds = 6

    def __init__(
        self, interaction: Interaction, now: float, makes_values: bool, origins: _Origins
    ) -> None:
        self._interaction = interaction
        self._now = now
        self._makes_values = makes_values
        self._origins = origins
        self._forms: dict[int, Hashable] = {}

    def form(self, number: int) -> Hashable:
        """Return what two interactions have in common if they may be paired in this round."""
        if number not in self._forms:
            self._forms[number] = (self._interaction.scope, self._form(number))
        return self._forms[number]

    def _form(self, number: int) -> Hashable:
        exact = request_key(self._interaction.request)
        if number == 0:
            return exact
        if number == 1:
            return _masked(exact, self._now)
        if number == 2:
            return self._origins.form(self._interaction)
        if number == 3 and not self._makes_values:
            return _masked(exact, self._now, with_ids=True)
        return endpoint(exact) if number <= 4 else operation_of(*endpoint(exact))

    @property
    def operation(self) -> Hashable:
        """Equal for calls of the same endpoint."""
        return operation_of(*endpoint(request_key(self._interaction.request)))

    @cached_property
    def meaning(self) -> Hashable:
        """Equal for interactions with the same outcome."""
        return self._meaning(with_ids=False)

    @cached_property
    def loose_meaning(self) -> Hashable:
        """Equal for those whose outcomes differ at most in generated values."""
        return self._meaning(with_ids=True)

    def _meaning(self, with_ids: bool) -> Hashable:
        outcome = self._interaction.outcome
        if isinstance(outcome, Failure):
            return (outcome.error,)
        return outcome.status, outcome.broken_by, _mask_body(_body(outcome), self._now, with_ids)


def shapes(
    interactions: Sequence[Interaction],
    now: float,
    makes_values: bool = False,
    names: Mapping[str, str] = _NO_NAMES,
) -> list[InteractionShape]:
    """Return what is compared of the interactions of a scope, which were recorded at `now`.

    If the scope made values, two requests with the same name in them may have it by chance.
    `names` are those of the ids that other scopes got, the same in both recordings.
    """
    origins = _Origins(interactions, now, makes_values, names)
    return [InteractionShape(i, now, makes_values, origins) for i in interactions]


def needs_names(interactions: Sequence[Interaction], now: float, makes_values: bool) -> bool:
    """Whether several requests of a scope differ in ids that only other scopes got, such as the
    deletions of a factory: the order of these scopes may be another one in each recording."""
    requests: dict[tuple[str, str], set[Key]] = {}
    for interaction in interactions:
        found = request_key(interaction.request)
        requests.setdefault(endpoint(found), set()).add(found)
    if all(len(same) == 1 for same in requests.values()):
        return False
    return _Origins(interactions, now, makes_values, _NO_NAMES).has_nameless


class _Origins:
    """The requests of a scope, with origins in the place of ids. Computed at the first question,
    since the requests of most scopes are told apart without them."""

    def __init__(
        self,
        interactions: Sequence[Interaction],
        now: float,
        makes_values: bool,
        names: Mapping[str, str],
    ) -> None:
        self._interactions = interactions
        self._now = now
        self._makes_values = makes_values
        self._names_of_others = names
        self._names: dict[str, str] = {}
        """The name of the origin of each word that was returned so far."""
        self._calls: Counter[str] = Counter()
        self._nameless: set[Hashable] = set()
        """The forms of requests with ids that have no name."""

    @cached_property
    def has_nameless(self) -> bool:
        """Whether different requests have the same form, as their ids have no names."""
        requests: dict[Hashable, set[Key]] = {}
        for interaction in self._interactions:
            form = self.form(interaction)
            if form in self._nameless:
                requests.setdefault(form, set()).add(request_key(interaction.request))
        return any(len(same) > 1 for same in requests.values())

    def form(self, interaction: Interaction) -> Hashable:
        """Return what both recordings have in common of a request for the same objects."""
        return self._form_of[id(interaction)]

    @cached_property
    def _form_of(self) -> dict[int, str]:
        forms: dict[int, str] = {}
        for interaction in self._interactions:
            form = self._request_form(interaction.request)
            forms[id(interaction)] = digest = _digest(form)
            self._nameless |= {digest} if _NAMELESS in form else set()
            if interaction.request.method not in _READING:
                self._learn(interaction.outcome, digest)
        return forms

    def _request_form(self, request: Request) -> tuple[Hashable, ...]:
        method, url, body, *_ = exact = request_key(request)
        named = [*self._named(url), method]
        if self._makes_values:
            # Texts of the body were made up, and say nothing.
            known = (n for n in self._named_in(body) if n.startswith(_ORIGIN))
            return *named, endpoint(exact), *known
        return *named, *self._named_in(body)

    def _named_in(self, body: bytes) -> Iterable[str]:
        return () if _is_large(body) else self._named(body.decode("latin-1"))

    def _named(self, text: str) -> Iterable[str]:
        """Yield each word of a text, or its origin; "*" for other ids."""
        for word in _WORD.findall(_mask(text, self._now)):
            known = self._names.get(word)
            if known is None and word in self._names_of_others:
                known = f"{_ORIGIN}{self._names_of_others[word]}"
            yield known or (_NAMELESS if _is_id(word) else word)

    def _learn(self, outcome: Outcome, call: str) -> None:
        """Note the words of an answer that may be ids."""
        self._calls[call] += 1
        body = _body(outcome) if isinstance(outcome, Response) else b""
        if not isinstance(outcome, Response) or _is_large(body):
            return
        text = f"{header(outcome.headers, 'location') or ''}\n{body.decode('latin-1')}"
        for position, word in enumerate(_WORD.findall(_mask(text, self._now))):
            if _is_id(word) or has_digit(word):
                name = f"{_ORIGIN}{call}:{self._calls[call]}:{position}"
                self._names.setdefault(word, name)


def _digest(form: Hashable) -> str:
    """Return a short text for a form: one of them may name many others."""
    return blake2s(repr(form).encode("utf-8", "replace"), digest_size=8).hexdigest()


# --- masks ------------------------------------------------------------------------------------


def endpoint(found: Key) -> tuple[str, str]:
    """Return method and path, with segments masked that look like ids or contain a secret."""
    method, url, *_ = found
    path = replace_placeholders(url.partition("?")[0].partition("://")[2], lambda _: "*")
    return method, "/".join(_ID_SEGMENT.sub("*", segment) for segment in path.split("/")[1:])


def masked_key(request: Request, now: float) -> Hashable:
    """Return what two requests have in common that differ in times and secrets only."""
    return _masked(request_key(request), now)


def _masked(found: Key, now: float, with_ids: bool = False) -> Hashable:
    """Return a key with marks in the place of times and of secrets, and with `with_ids` of ids."""
    method, url, body, headers = found
    texts = (_mask(text, now, with_ids) for text in (url, repr(headers)))
    return method, *texts, _mask_body(body, now, with_ids)


def _mask_body(body: bytes, now: float, with_ids: bool = False) -> str:
    """Mask what may be text: in a megabyte of random bytes, 250,000 words take 5 s."""
    text = body.decode("latin-1")
    return text if _is_large(body) else _mask(text, now, with_ids)


def _is_large(body: bytes) -> bool:
    return len(body) > _LARGEST_MASKED and b"\0" in body


def _mask(text: str, now: float, with_ids: bool = False) -> str:
    masked = marked_times(replace_placeholders(text, lambda _: "*"), now)
    return (
        _WORD.sub(lambda word: "*" if _is_id(word[0]) else word[0], masked) if with_ids else masked
    )


def _is_id(word: str) -> bool:
    return word.isdecimal() or is_generated(word) or _LONG_ID.fullmatch(word) is not None


def _body(response: Response) -> bytes:
    return decompress_or_keep(response.body, response.headers)
