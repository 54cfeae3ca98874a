"""The secrets that a run has met: one value, one placeholder, wherever it stands."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable

from ..rules.jwt import is_jwt
from .encodings import MIN_SEARCH_LENGTH
from .finder import Finder
from .placeholders import (
    PLACEHOLDER,
    envelope_of,
    fit_to_size,
    form_of,
    identity_of,
    is_placeholder,
)
from .truncated import replace_truncated

_NUMBER = re.compile(r"[\d.,+\-eE]+")
_LONGEST_NUMBER = 11
"""Characters of a number that may be an amount, a time, or an id, and is not replaced elsewhere."""
_LONGEST_CLEAN = 200
_MOST_CLEAN = 10_000
_COMMON = frozenset(
    "password postgres changeme username localhost development production undefined "
    "administrator anonymous bearer".split()
)


class Vault:
    """Safe to use from several threads.

    `known` are secrets by value that count from the start, each with its kind; they take an
    ordinal only when they are met, so that cassettes do not depend on whose machine records.
    `kept` are values that are never replaced.
    """

    def __init__(self, known: Iterable[tuple[str, str]] = (), kept: Iterable[str] = ()) -> None:
        self._lock = threading.Lock()
        self._kept = frozenset(kept)
        self._kinds: dict[str, str] = {}
        self._placeholders: dict[str, str] = {}
        self._given: set[str] = set()
        self._reserved: set[str] = set()
        self._counts: dict[tuple[str, str, int], int] = {}
        self._finder = Finder()
        self._clean: set[str] = set()
        """Texts in which no known value stands. Most headers come again and again."""
        for kind, value in known:
            self._learn(kind, value)

    @property
    def placeholder_count(self) -> int:
        return len(self._placeholders)

    @property
    def known_count(self) -> int:
        """How many values are known; it grows with each one that is learned."""
        return len(self._kinds)

    def learn(self, kind: str, value: str) -> None:
        """Know the value from here on; its placeholder is given when it is asked for."""
        with self._lock:
            if not PLACEHOLDER.fullmatch(value):
                self._learn(kind, value)

    def placeholder_for(self, kind: str, value: str) -> str:
        """The placeholder of this value, which is learned; a placeholder is its own."""
        if value in self._kept or value in self._given or PLACEHOLDER.fullmatch(value):
            return value
        with self._lock:
            self._learn(kind, value)
            if value not in self._placeholders:
                self._give(value, self._next(self._kinds[value], value))
            return self._placeholders[value]

    def reuse_placeholder(self, value: str, placeholder: str) -> None:
        """Give a value that is known the placeholder of its place in an earlier recording.

        The first value that asks for a placeholder has it.
        """
        with self._lock:
            identity, envelope = identity_of(placeholder), form_of(value).envelope
            is_new = value in self._kinds and value not in self._placeholders
            has_same_form = is_placeholder(placeholder) and envelope is envelope_of(placeholder)
            if is_new and has_same_form and identity not in self._given:
                self._give(value, envelope.wrap(value, identity) if envelope else placeholder)

    def reserve_placeholders(self, text: str) -> None:
        """The placeholders in `text` stand for values that are not known: no other gets them."""
        with self._lock:
            self._reserved.update(identity_of(found[0]) for found in PLACEHOLDER.finditer(text))

    def _give(self, value: str, placeholder: str) -> str:
        self._placeholders[value] = placeholder
        self._given.add(identity_of(placeholder))
        return placeholder

    def _learn(self, kind: str, value: str) -> None:
        if value in self._kinds or value in self._kept:
            return
        self._kinds[value] = "jwt" if is_jwt(value) else kind
        if is_searchable(value):
            self._finder.add(value)
            self._clean = set()

    def _next(self, kind: str, value: str) -> str:
        form = form_of(value)
        series = kind, form.name, len(value) if form.is_counted_by_length else 0
        taken = set[str]()
        while True:
            number = self._counts[series] = self._counts.get(series, 0) + 1
            made = form.make(kind, number, value)
            has_come_round = made in taken
            name = identity_of(made)
            if has_come_round or (name not in self._given and name not in self._reserved):
                return made
            taken.add(made)

    def redact_text(self, text: str) -> str:
        """`text` with each known value replaced, wherever it stands, in any disguise."""
        return self.replace_secrets(text, lambda kind, value: self.placeholder_for(kind, value))

    def redact_binary(self, text: str) -> str:
        """The same for a binary body, one character for each of its bytes, whose length stays."""
        if not text.isascii():
            raw = text.encode("latin-1").decode("utf-8", "surrogateescape")
            raw = self.replace_secrets(raw, self._fitting("utf-8"))
            text = raw.encode("utf-8", "surrogateescape").decode("latin-1")
        return self.replace_secrets(text, self._fitting("latin-1"))

    def _fitting(self, charset: str) -> Callable[[str, str], str]:
        def put(kind: str, value: str) -> str:
            size = len(value.encode(charset, "surrogatepass"))
            return fit_to_size(self.placeholder_for(kind, value), size).decode()

        return put

    def redact_truncated(self, text: str) -> str:
        """The same for what is left of values that were cut short."""
        values = list(filter(is_searchable, list(self._kinds)))
        return replace_truncated(text, values, lambda value: self.placeholder_for("", value))

    def replace_secrets(self, text: str, put: Callable[[str, str], str]) -> str:
        """`text` with `put(kind, value)` in the place of each known value."""
        clean = self._clean
        if not self._kinds or text in clean:
            return text
        replaced = self._finder.replace(text, lambda value: put(self._kinds[value], value))
        if replaced == text and len(text) <= _LONGEST_CLEAN and len(clean) < _MOST_CLEAN:
            clean.add(text)  # where a value was learned meanwhile, nobody asks this set any more
        return replaced

    def secrets_in(self, text: str) -> set[str]:
        """The known values that stand in `text`, in any disguise."""
        is_clean = not self._kinds or text in self._clean
        return set() if is_clean else self._finder.secrets_in(text)


def is_searchable(value: str) -> bool:
    """Whether a secret is long and rare enough to be replaced wherever it stands."""
    is_ordinary = value.lower() in _COMMON or PLACEHOLDER.search(value)
    is_amount = len(value) <= _LONGEST_NUMBER and _NUMBER.fullmatch(value)
    return len(value) >= MIN_SEARCH_LENGTH and not is_ordinary and not is_amount
