"""What stands in a cassette where a secret stood: an ordinal by kind, never made from the secret.

`Redacted-password-1` passes the usual checks of clients (length, upper and lower case, digit,
symbol), needs no escaping in URLs, forms, JSON or headers, and looks like no live secret.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Mapping
from urllib.parse import quote

from .jwt import is_jwt, redacted_jwt
from .names import secret_kind

PLACEHOLDER = re.compile(r"(?:IHs[\w-]+\.IHs[\w-]+\.)?Redacted-[a-z]+-[0-9]+")
NEVER = r"(?!)"
"""A pattern that is found nowhere."""
_SHORTEST_SPREAD = 8
_NUMBER = re.compile(r"[\d.,+\-eE]+")
_COMMON = frozenset(
    "password postgres changeme username localhost development production undefined".split()
)


class Vault:
    """The secrets that this run has met: one value, one placeholder.

    `known` are secrets by value that count from the start, each with its kind; they take an
    ordinal only when they are met, so that cassettes do not depend on whose machine records.
    Safe to use from several threads.
    """

    def __init__(self, known: Iterable[tuple[str, str]] = ()) -> None:
        self._lock = threading.Lock()
        self._kinds = {value: kind for kind, value in known}
        self._placeholders: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        self._values: dict[str, str] = {}
        self._pattern: re.Pattern[str] | None = self._compile()

    def __len__(self) -> int:
        return len(self._placeholders)

    def placeholder(self, kind: str, value: str) -> str:
        """The placeholder of this value, which is learned; a placeholder is its own."""
        if PLACEHOLDER.fullmatch(value):
            return value
        with self._lock:
            if value not in self._placeholders:
                is_token = is_jwt(value)
                kind = self._kinds.setdefault(value, "jwt" if is_token else kind)
                self._counts[kind] = self._counts.get(kind, 0) + 1
                plain = f"Redacted-{kind}-{self._counts[kind]}"
                self._placeholders[value] = redacted_jwt(value, plain) if is_token else plain
                self._pattern = None
            return self._placeholders[value]

    def spread(self, text: str) -> str:
        """`text` with each known value replaced, wherever it stands, raw or percent-encoded."""
        return self.replace_known(text, lambda kind, value: self.placeholder(kind, value))

    def replace_known(self, text: str, replace: Callable[[str, str], str]) -> str:
        """`text` with `replace(kind, value)` in the place of each known value."""
        pattern = self._pattern
        if pattern is None:  # something was learned meanwhile
            with self._lock:
                pattern = self._pattern = self._compile()

        def replacement(found: re.Match[str]) -> str:
            value = self._values.get(found[0])
            # A placeholder stays, whatever secret a part of it happens to be.
            return found[0] if value is None else replace(self._kinds[value], value)

        return pattern.sub(replacement, text)

    def _compile(self) -> re.Pattern[str]:
        self._values = {
            spelling: value
            for value in self._kinds
            if may_spread(value)
            for spelling in (value, quote(value, safe=""))
        }
        longest_first = sorted(self._values, key=len, reverse=True)
        known = "|".join(map(re.escape, longest_first))
        return re.compile(f"{PLACEHOLDER.pattern}|{known}" if known else NEVER)


def may_spread(value: str) -> bool:
    """Whether a secret is long and rare enough to be replaced wherever it stands."""
    is_ordinary = value.lower() in _COMMON or _NUMBER.fullmatch(value) or "Redacted-" in value
    return len(value) >= _SHORTEST_SPREAD and not is_ordinary


def secrets_of_environment(environment: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    """Kind and value of each variable whose name says that it holds a secret."""
    for name, value in environment.items():
        kind = secret_kind(name)
        if kind and may_spread(value):
            yield kind, value
