"""What stands in a cassette where a secret stood: an ordinal by kind, never made from the secret.

`Redacted-password-1` passes the usual checks of clients (length, upper and lower case, digit,
symbol), needs no escaping in URLs, forms, JSON or headers, and looks like no live secret.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Mapping
from urllib.parse import quote

from .names import secret_kind

PLACEHOLDER = re.compile(r"Redacted-[a-z]+-[0-9]+")
NEVER = r"(?!)"
"""A pattern that is found nowhere."""
_SHORTEST_SPREAD = 8
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
                kind = self._kinds.setdefault(value, kind)
                self._counts[kind] = self._counts.get(kind, 0) + 1
                self._placeholders[value] = f"Redacted-{kind}-{self._counts[kind]}"
                self._pattern = None
            return self._placeholders[value]

    def spread(self, text: str) -> str:
        """`text` with each known value replaced, wherever it stands, raw or percent-encoded."""
        return self.replace_known(text, lambda kind, value: self.placeholder(kind, value))

    def replace_known(self, text: str, replace: Callable[[str, str], str]) -> str:
        """`text` with `replace(kind, value)` in the place of each known value."""
        if self._pattern is None:
            with self._lock:
                self._pattern = self._compile()

        def replacement(found: re.Match[str]) -> str:
            value = self._values[found[0]]
            return replace(self._kinds[value], value)

        return self._pattern.sub(replacement, text)

    def _compile(self) -> re.Pattern[str]:
        self._values = {
            spelling: value
            for value in self._kinds
            if may_spread(value)
            for spelling in (value, quote(value, safe=""))
        }
        longest_first = sorted(self._values, key=len, reverse=True)
        return re.compile("|".join(map(re.escape, longest_first)) or NEVER)


def may_spread(value: str) -> bool:
    """Whether a secret is long and rare enough to be replaced wherever it stands."""
    ordinary = value.lower() in _COMMON or value.isdigit()
    return len(value) >= _SHORTEST_SPREAD and not ordinary


def secrets_of_environment(environment: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    """Kind and value of each variable whose name says that it holds a secret."""
    for name, value in environment.items():
        kind = secret_kind(name)
        if kind and may_spread(value):
            yield kind, value
