"""Secrets that are known from the start: values of the environment and of .env."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import unquote

from .replace.vault import is_searchable
from .rules.checks import is_opaque
from .rules.names import is_key_variable, secret_kind

_VARIABLE = re.compile(
    r"^[ \t]*(?:export[ \t]+)?(?P<name>[A-Za-z_]\w*)[ \t]*=[ \t]*"
    r"(?:\"(?P<double>(?:[^\"\\]|\\.)*+)\"|'(?P<single>(?:[^'\\]|\\.)*+)'|(?P<bare>[^\r\n]*?))"
    r"[ \t]*(?:(?<![^\s'\"=])#[^\r\n]*)?\r?$",
    re.MULTILINE | re.DOTALL,
)
_ESCAPE = {"n": "\n", "r": "\r", "t": "\t"}
_URL_PASSWORD = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s/:@]*:([^\s@]+)@")
_KEY_LENGTH = 24
_DIRECTORY = "PWD"
"""Every shell sets it: no password, but the working directory."""


def variables(dotenv: str) -> dict[str, str]:
    """The variables that the text of a .env file sets."""
    found = _VARIABLE.finditer(dotenv.removeprefix("\ufeff"))
    return {line["name"]: _value(line) for line in found}


def _value(line: re.Match[str]) -> str:
    if line["single"] is not None:
        return re.sub(r"\\([\\'])", r"\1", line["single"])
    if line["double"] is not None:
        return re.sub(r"(?s)\\(.)", lambda e: _ESCAPE.get(e[1], e[1]), line["double"])
    return str(line["bare"])


def environment_secrets(
    environment: Mapping[str, str], names: Iterable[str] = (), values: Iterable[str] = ()
) -> Iterator[tuple[str, str]]:
    """Kind and value of each secret in the environment, longest values that hold others first.

    A variable counts by its name, one of `names` always, one that ends in `key` if its value is
    opaque; of a value with scheme://user:password@ the password. `values` count as they are.
    """
    named = frozenset(names)
    for name, value in environment.items():
        kind = _kind(name, value, named)
        if kind and is_searchable(value):
            yield kind, value
        for password in _URL_PASSWORD.findall(value):
            for spelled in {password, unquote(password)}:
                if is_searchable(spelled):
                    yield "password", spelled
    yield from (("value", value) for value in values)


_PATH = re.compile(r"[/~]|\.{1,2}/|[A-Za-z]:\\")


def _kind(name: str, value: str, named: frozenset[str]) -> str | None:
    if name in named:
        return secret_kind(name) or "secret"
    if name == _DIRECTORY:
        return None
    if is_key_variable(name) and is_opaque(value, _KEY_LENGTH):
        return "key"
    kind = secret_kind(name)
    # GOOGLE_APPLICATION_CREDENTIALS and its like name a file.
    return None if kind == "credential" and _PATH.match(value) else kind
