"""Secrets that are known from the start: values of environment variables and of a .env file.

A value may have a structure: a URL, a connection string, JSON, `user:password`. Then the secrets in
it are known as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import unquote

from ..patterns import lazy_regex
from .judgement import holds_secret
from .replace.vault import is_spread
from .rules.checks import is_generated
from .rules.names import is_key_variable, min_opaque_name_length, secret_kind, split_name
from .rules.ruleset import Rules
from .rules.stand_ins import is_stand_in
from .rules.words import is_no_secret
from .walk.candidates import Candidate, Walk
from .walk.credentials import is_pair_name, visit_credentials, visit_encoded_pair
from .walk.detectors import visit_tokens
from .walk.nested import visit_text

_VARIABLE = lazy_regex(
    r"^[ \t]*(?:export[ \t]+)?(?P<name>[A-Za-z_]\w*)[ \t]*=[ \t]*"
    r"(?:\"(?P<double>(?:[^\"\\]|\\.)*+)\"|'(?P<single>(?:[^'\\]|\\.)*+)'|(?P<bare>[^\r\n]*?))"
    r"[ \t]*(?:(?<![^\s'\"=])#[^\r\n]*)?\r?$",
    re.MULTILINE | re.DOTALL,
)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}
_URL_PASSWORD = lazy_regex(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s/:@]*:([^\s@]+)@")
_PATH = lazy_regex(r"[/~]|\.{1,2}/|[A-Za-z]:\\")
_MIN_KEY_LENGTH = 24
_STRUCTURED = frozenset(
    "url uri dsn webhook hook header credential credentials creds auth config services string "
    "connection connectionstrings conn json token key secret secrets headers bundle".split()
)
"""Words in names of variables whose values may have a structure."""
_MIN_STRUCTURED = 12
"""Characters of the shortest value that is searched for secrets in it."""
_SIGNS = lazy_regex(r"[:=/{ ]|^[A-Za-z0-9+/]+=*$")
_PAIR = lazy_regex(r"[\w.@+-]{1,80}:(?P<password>[^\s/:]{6,200})")
_ORACLE = lazy_regex(r"[\w$#.]{1,60}/(?P<password>[^\s/@]{6,200})@[\w.-]+(?::\d+)?(?:/[\w.]+)?")
_SCHEME = lazy_regex(r"(?i)(?:basic|bearer|token) \S+")
_WORKING_DIRECTORY = "PWD"
"""Set by every shell. Its name reads like a password's."""


def parse_dotenv(text: str) -> dict[str, str]:
    """Return the variables that the text of a .env file sets."""
    found = _VARIABLE.finditer(text.removeprefix("\ufeff"))
    return {line["name"]: _parse_value(line) for line in found}


def _parse_value(line: re.Match[str]) -> str:
    if line["single"] is not None:
        return re.sub(r"\\([\\'])", r"\1", line["single"])
    if line["double"] is not None:
        return re.sub(r"(?s)\\(.)", lambda e: _ESCAPES.get(e[1], e[1]), line["double"])
    return str(line["bare"])


def environment_secrets(
    environment: Mapping[str, str], names: Iterable[str] = (), values: Iterable[str] = ()
) -> Iterator[tuple[str, str]]:
    """Yield kind and value of each secret in the environment, and of each of `values`.

    A variable is a secret if it is one of `names`, if its name is a secret's, or if it ends in
    `key` and has an opaque value. In a URL with user and password, the password is a secret.
    Values that are too short or too common to be searched for are left out.
    """
    named = frozenset(names)
    for name, value in environment.items():
        kind = _variable_kind(name, value, named)
        # Most variables end here. pytest sets another one before each test, so this is worth 0.7 %
        # of a recording.
        if not (kind or _may_have_structure(name, value) or _URL_PASSWORD.search(value)):
            continue
        is_none = name not in named and (is_stand_in(value) or is_no_secret(value))
        if kind and is_spread(kind, value) and not is_none:
            yield kind, value
        if name not in named and is_none:
            continue
        for found in _secrets_inside(name, value):
            if is_spread(found.kind, found.value or "") and holds_secret(found):
                yield found.kind, found.value or ""
        for password in _URL_PASSWORD.findall(value):
            for spelling in {password, unquote(password)}:
                if is_spread("password", spelling):
                    yield "password", spelling
    yield from (("value", value) for value in values)


class KnownEnvironment:
    """The variables of the environment whose secrets are known, which may change during a run.

    `names` are variables that the project configured. With `only_named` no others are secrets.
    """

    def __init__(self, names: Iterable[str] = (), only_named: bool = False) -> None:
        self._names = frozenset(names)
        self._only_named = only_named
        self._seen: dict[str, str] = {}

    def new_secrets(self, environment: Mapping[str, str]) -> list[tuple[str, str]]:
        """Return kind and value of the secrets in variables that are new or have changed."""
        changed = {
            name: value
            for name, value in environment.items()
            if self._seen.get(name) != value and (name in self._names or not self._only_named)
        }
        self._seen |= changed
        return list(environment_secrets(changed, self._names))


def secret_variables(environment: Mapping[str, str]) -> Iterator[str]:
    """Yield the names of variables whose value is a secret, or a URL with a password."""
    for name, value in environment.items():
        if _variable_kind(name, value, frozenset()) or _URL_PASSWORD.search(value):
            yield name


def _variable_kind(name: str, value: str, named: frozenset[str]) -> str | None:
    if name in named:
        return secret_kind(name) or "secret"
    if name == _WORKING_DIRECTORY:
        return None
    if is_key_variable(name) and is_generated(value, _MIN_KEY_LENGTH):
        return "key"
    length = min_opaque_name_length(name)
    if length and is_generated(value, length):
        return "secret"
    kind = secret_kind(name)
    # GOOGLE_APPLICATION_CREDENTIALS and similar variables hold the path of a file.
    return None if kind == "credential" and _PATH.match(value) else kind


def _may_have_structure(name: str, value: str) -> bool:
    if len(value) < _MIN_STRUCTURED or _STRUCTURED.isdisjoint(split_name(name)):
        return False
    return _SIGNS.search(value) is not None


def _secrets_inside(name: str, value: str) -> list[Candidate]:
    """Return the candidates in a value with a structure, such as JSON or `user:password`."""
    found: list[Candidate] = []
    if not _may_have_structure(name, value):
        return found
    walk = Walk(Rules(), found.append)
    if _SCHEME.fullmatch(value):
        visit_credentials(name, value, walk)
    elif pair := _PAIR.fullmatch(value) or _ORACLE.fullmatch(value):
        walk.replace_named(name, "password", pair["password"], "environment")
    elif is_pair_name(name):
        visit_encoded_pair(name, value, walk)
    visit_text(visit_tokens(value, walk), walk)
    return found
