"""Secrets that are known from the start: values of the environment and of .env."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import unquote

from .checks import is_opaque
from .names import is_secret_variable, secret_kind
from .vault import may_spread

_VARIABLE = re.compile(
    r"^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^#\r\n]*?))\s*(?:#.*)?$",
    re.MULTILINE,
)
_URL_PASSWORD = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s/:@]*:([^\s@]+)@")
_KEY_LENGTH = 24


def variables(dotenv: str) -> dict[str, str]:
    """The variables that the text of a .env file sets."""
    found = _VARIABLE.finditer(dotenv)
    return {line[1]: line[2] or line[3] or line[4] or "" for line in found}


def known_values(
    environment: Mapping[str, str], names: Iterable[str] = (), values: Iterable[str] = ()
) -> Iterator[tuple[str, str]]:
    """Kind and value of each secret in the environment, longest values that hold others first.

    A variable counts by its name, one of `names` always, one that ends in `key` if its value is
    opaque; of a value with scheme://user:password@ the password. `values` count as they are.
    """
    named = frozenset(names)
    for name, value in environment.items():
        kind = _kind(name, value, named)
        if kind and may_spread(value):
            yield kind, value
        for password in _URL_PASSWORD.findall(value):
            for spelled in {password, unquote(password)}:
                if may_spread(spelled):
                    yield "password", spelled
    yield from (("value", value) for value in values)


def _kind(name: str, value: str, named: frozenset[str]) -> str | None:
    if name in named:
        return secret_kind(name) or "secret"
    if is_secret_variable(name) and is_opaque(value, _KEY_LENGTH):
        return "key"
    return secret_kind(name)
