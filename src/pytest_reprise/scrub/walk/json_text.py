"""Visit the candidates of JSON. All bytes around a replaced value stay as they are.

The text is read token by token and not loaded, so broken JSON gives the candidates that can still
be recognised.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from ..replace.forms import from_json_integer, to_json_integer
from ..rules.names import has_weak_head
from ..rules.ruleset import Rules
from .assignments import may_hold_assignments
from .candidates import Candidate, VisitNested, Walk
from .detectors import may_hold_numbers

# A string without a closing quote ends with the text. Possessive quantifiers, because without them
# hostile input would take quadratic time.
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"?|[{}\[\],:]|[^\s{}\[\],:"]++', re.DOTALL)
_COLON = re.compile(r"\s*+:")
_KEY = re.compile(r'"([^"\\]{1,80}+)\\*+"\s*+:')
# The first letter is tested first, which takes a quarter of the time.
_NAME_IN_PAIR = re.compile(
    r'"(?=[nkfphvo])(?:name|key|field|path|header|parameter|param|property|variable|op)\\*"\s*:\s*\\*"([^"\\]+)',
    re.IGNORECASE,
)
"""A key that gives a name to the value beside it, as in {"name": "password", "value": "…"}."""
_NAME_KEYS = frozenset("name key field path header parameter param property variable".split())
_VALUE_KEYS = frozenset("value val".split())
_TOKEN_TEXTS = frozenset(("token", "tokens"))
_SCHEMA = re.compile(r'"(?:\$schema|openapi|swagger)"|"type"\s*:\s*"object"')
_IN_SCHEMA = frozenset("properties definitions $defs dependentRequired dependencies".split())
"""Keys of JSON Schema under which names of secrets are described, without their values."""
_KUBERNETES_SECRET = re.compile(r'"kind"\s*:\s*"Secret"')
_KUBERNETES_DATA = frozenset(("data", "stringData"))


class Scalar(NamedTuple):
    """A string, number, boolean or null in JSON.

    `key` is its key; in a list it is the key of the list. `path` has the last keys above it and its
    own, with `[]` for a list. `written` is its JSON text, from `start` to `end`. `container` is the
    number of the object or list around it.
    """

    key: str
    path: tuple[str, ...]
    written: str
    start: int
    end: int
    container: int

    @property
    def is_string(self) -> bool:
        return self.written[0] == '"'

    @property
    def text(self) -> str:
        """The decoded value, as far as it can be decoded."""
        return _unquoted(self.written)

    @property
    def name(self) -> str:
        """The path as text, such as `users[].password`."""
        return ".".join(self.path).replace(".[]", "[]")


@dataclass(slots=True)
class _Level:
    """An object or list that is open at the current token."""

    nearest_key: str
    container: int
    path: tuple[str, ...]
    is_list: bool
    key: str = ""

    def path_inside(self) -> tuple[str, ...]:
        """Return the path of the value that comes next."""
        step = "[]" if self.is_list else self.key
        return (*self.path, step)[-_MAX_PATH:] if step else self.path


_MAX_PATH = 12
"""Steps in a path. They are enough to tell places apart, and they bound the work for deep JSON."""


def scalars(text: str) -> Iterator[Scalar]:
    """Yield the scalars of JSON in order; of broken JSON those that can be recognised."""
    levels = [_Level("", 0, (), False)]
    containers = 0
    for token in _TOKEN.finditer(text):
        written, level = token[0], levels[-1]
        if written in "{[":
            containers += 1
            path = level.path_inside()
            levels.append(_Level(level.key or level.nearest_key, containers, path, written == "["))
        elif written in "}]":
            if len(levels) > 1:  # broken JSON may close more than it opens
                levels.pop()
        elif written in ",:":
            continue
        elif written[0] == '"' and _COLON.match(text, token.end()):
            level.key = _unquoted(written)
        else:
            key = level.key or level.nearest_key
            start, end = token.span()
            yield Scalar(key, level.path_inside(), written, start, end, level.container)


def _unquoted(written: str) -> str:
    if "\\" not in written:
        return written.strip('"')
    try:
        return str(json.loads(written))
    except ValueError:
        return written.strip('"')


def replace_scalars(text: str, visit: Callable[[Scalar], str | None]) -> str:
    """Return the text with scalars replaced by the JSON text that `visit` returns, if any."""
    parts: list[str] = []
    done = 0
    for scalar in scalars(text):
        replacement = visit(scalar)
        if replacement is not None:
            parts += text[done : scalar.start], replacement
            done = scalar.end
    return "".join([*parts, text[done:]]) if parts else text


def visit_json(text: str, walk: Walk, visit_nested: VisitNested) -> str:
    """Return the JSON with its candidates replaced, also those inside its strings."""
    if not _may_hold_candidates(text, walk.rules):
        return text
    document = _Document(text, walk.rules)

    def visit(scalar: Scalar) -> str | None:
        secret = document.secret_at(scalar)
        if secret is not None:
            return _replace_secret(scalar, secret, walk)
        if not scalar.is_string:
            return None
        before = scalar.text
        after = visit_nested(before, walk)
        return None if after == before else _encoded(scalar, after)

    return replace_scalars(text, visit)


def _may_hold_candidates(text: str, rules: Rules) -> bool:
    """Return whether a walk over all scalars is necessary; for most documents it is not."""
    return (
        any(map(rules.field_kind, set(_KEY.findall(text))))
        or any(rules.field_kind(_last_step(name)) for name in set(_NAME_IN_PAIR.findall(text)))
        or "\\u00" in text  # an ASCII character that is escaped may hide a name
        or bool(rules.json_paths)
        or _KUBERNETES_SECRET.search(text) is not None
        or may_hold_assignments(text, rules)
        or may_hold_numbers(text, rules)
    )


def _last_step(name: str) -> str:
    """Return the last name of a path, as JSON Patch has it (RFC 6902)."""
    return name.rstrip("/").rpartition("/")[2]


class _Secret(NamedTuple):
    """Why a scalar is a candidate: the name that makes it one, its kind, and the rule."""

    name: str
    kind: str
    rule: str


class _Document:
    """Facts about the whole JSON document that are needed to judge one of its scalars."""

    def __init__(self, text: str, rules: Rules) -> None:
        self._rules = rules
        self._is_schema = _SCHEMA.search(text) is not None
        self._is_kubernetes = _KUBERNETES_SECRET.search(text) is not None
        self._has_token_texts = '"logprob' in text
        """Whether a `token` is a piece of text, as in the log probabilities of language models."""
        self._names_by_container: dict[int, str] = {}
        if _NAME_IN_PAIR.search(text):
            for scalar in scalars(text):
                self._note_name(scalar)

    def _note_name(self, scalar: Scalar) -> None:
        """Note a secret's name, as in {"name": "password", "value": "…"}."""
        name = _last_step(scalar.text) if scalar.key.lower() in _NAME_KEYS else ""
        if scalar.is_string and self._rules.field_kind(name):
            self._names_by_container[scalar.container] = name

    def secret_at(self, scalar: Scalar) -> _Secret | None:
        """Return why the scalar is a candidate, or None if it is not one."""
        rules, key = self._rules, scalar.key
        if self._is_schema and not _IN_SCHEMA.isdisjoint(scalar.path):
            return None
        if any(pattern.fullmatch(scalar.name) for pattern in rules.json_paths):
            return _Secret(key, _configured_kind(scalar), "json-path")
        if rules.is_configured_name(key) and rules.field_kind(key):
            return _Secret(key, _configured_kind(scalar), "field")
        if key in _TOKEN_TEXTS and self._has_token_texts:
            return None
        if kind := rules.field_kind(key):
            return _Secret(key, kind, "person" if kind == "person" else "field")
        if self._is_kubernetes and _KUBERNETES_DATA.intersection(scalar.path[-2:-1]):
            return _Secret(key, "secret", "kubernetes-secret")
        return self._secret_of_pair(scalar) if key.lower() in _VALUE_KEYS else None

    def _secret_of_pair(self, scalar: Scalar) -> _Secret | None:
        """Judge a value by the name beside it, or by the name above it."""
        above = (step for step in reversed(scalar.path[:-1]) if step != "[]")
        name = self._names_by_container.get(scalar.container) or next(above, "")
        kind = self._rules.field_kind(name)
        return _Secret(name, kind, "pair") if kind else None


def _configured_kind(scalar: Scalar) -> str:
    """Return the kind of a value that the configuration names; with "code" numbers count too."""
    return "secret" if scalar.is_string else "code"


def _replace_secret(scalar: Scalar, secret: _Secret, walk: Walk) -> str | None:
    if scalar.written in ("true", "false"):
        return None
    value = None if scalar.written == "null" else scalar.text
    if value is not None and not scalar.is_string:
        value = from_json_integer(value)
    has_weak_name = secret.rule in ("field", "pair") and has_weak_head(secret.name)
    candidate = Candidate(
        scalar.name, secret.kind, value, secret.rule, walk.part, has_weak_name, scalar.is_string
    )
    replacement = walk.replacement(candidate)
    if replacement is None or replacement == value:
        return None
    return _encoded(scalar, replacement)


def _encoded(scalar: Scalar, text: str) -> str:
    """Return the text as JSON, written as the scalar is: escapes, and a missing closing quote."""
    if not scalar.is_string and text.isdecimal():
        return to_json_integer(text)
    written = json.dumps(text, ensure_ascii=scalar.written.isascii())
    is_cut_off = scalar.is_string and (len(scalar.written) == 1 or scalar.written[-1] != '"')
    return written[:-1] if is_cut_off else written
