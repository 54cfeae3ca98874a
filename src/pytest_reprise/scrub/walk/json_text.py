"""JSON in which secrets stand: its scalars where they stand, so that all other bytes stay.

Broken JSON gives what can be told from it.
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
from . import detectors, prose
from .slots import Inside, Look, Slot

# A string that is cut off ends with the text. Possessive, so that no input takes quadratic time.
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"?|[{}\[\],:]|[^\s{}\[\],:"]++', re.DOTALL)
_COLON = re.compile(r"\s*+:")
_KEY = re.compile(r'"([^"\\]{1,80}+)\\*+"\s*+:')
_PAIR_NAME = re.compile(
    r'"(?=[nkfphvo])(?:name|key|field|path|header|parameter|param|property|variable|op)\\*"\s*:\s*\\*"([^"\\]+)',
    re.IGNORECASE,
)
"""What it begins with is looked at first: a quarter of the time."""
_NAME_KEYS = frozenset("name key field path header parameter param property variable".split())
_VALUE_KEYS = frozenset("value val".split())
_SCHEMA = re.compile(r'"(?:\$schema|openapi|swagger)"|"type"\s*:\s*"object"')
_IN_SCHEMA = frozenset("properties definitions $defs dependentRequired dependencies".split())
_KUBERNETES_SECRET = re.compile(r'"kind"\s*:\s*"Secret"')
_KUBERNETES_DATA = frozenset(("data", "stringData"))


class Scalar(NamedTuple):
    """A scalar as written (`"text"`, `12`, `null`), where it stands, and what it is under.

    `key` is the nearest one, for an element of a list that of the list; `path` are the last few,
    `[]` for a list; `container` numbers the object that it stands in.
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
        """The string that is meant, as far as it can be read."""
        return _unquoted(self.written)

    @property
    def name(self) -> str:
        return ".".join(self.path).replace(".[]", "[]")


@dataclass(slots=True)
class _Level:
    nearest: str
    container: int
    path: tuple[str, ...]
    is_list: bool
    key: str = ""

    def step(self) -> str:
        return "[]" if self.is_list else self.key


_DEEP = 12
"""Steps in a path: enough to tell places apart, and no more work in a deep document."""


def scalars(text: str) -> Iterator[Scalar]:
    """The scalars of `text` in order; broken JSON gives what can be told from it."""
    levels = [_Level("", 0, (), False)]
    containers = 0
    for token in _TOKEN.finditer(text):
        written, here = token[0], levels[-1]
        if written in "{[":
            containers += 1
            step = here.step()
            path = (*here.path, step)[-_DEEP:] if step else here.path
            levels.append(_Level(here.key or here.nearest, containers, path, written == "["))
        elif written in "}]":
            _leave(levels)
        elif written in ",:":
            continue
        elif written[0] == '"' and _COLON.match(text, token.end()):
            here.key = _unquoted(written)
        else:
            step = here.step()
            path = (*here.path, step)[-_DEEP:] if step else here.path
            key = here.key or here.nearest
            yield Scalar(key, path, written, token.start(), token.end(), here.container)


def _leave(levels: list[_Level]) -> None:
    """One level up; a bracket too many leaves the outermost."""
    if len(levels) > 1:
        levels.pop()


def _unquoted(written: str) -> str:
    if "\\" not in written:
        return written.strip('"')
    try:
        return str(json.loads(written))
    except ValueError:
        return written.strip('"')


def replace_scalars(text: str, visit: Callable[[Scalar], str | None]) -> str:
    """`text` with each scalar for which `visit` gives another writing replaced by that."""
    parts: list[str] = []
    done = 0
    for scalar in scalars(text):
        replacement = visit(scalar)
        if replacement is not None:
            parts += text[done : scalar.start], replacement
            done = scalar.end
    return "".join([*parts, text[done:]]) if parts else text


def rewrite(text: str, look: Look, inside: Inside) -> str:
    """JSON with its slots visited, and what stands inside its strings."""
    if not _may_hold(text, look.rules):
        return text
    document = _Document(text, look.rules)

    def visit(scalar: Scalar) -> str | None:
        found = document.secret_at(scalar)
        if found is not None:
            return _fill(scalar, *found, look)
        if not scalar.is_string:
            return None
        plain = scalar.text
        changed = inside(plain, look)
        return None if changed == plain else _written_like(scalar, changed)

    return replace_scalars(text, visit)


def _may_hold(text: str, rules: Rules) -> bool:
    """Whether it is worth while to look at each scalar; most documents are left here."""
    return (
        any(map(rules.field_kind, set(_KEY.findall(text))))
        or any(rules.field_kind(_last(name)) for name in set(_PAIR_NAME.findall(text)))
        or "\\u00" in text
        or bool(rules.json_paths)
        or _KUBERNETES_SECRET.search(text) is not None
        or prose.may_hold(text, rules)
        or detectors.may_have_numbers(text, rules)
    )


def _last(name: str) -> str:
    """The name at the end of a path, as of JSON Patch."""
    return name.rstrip("/").rpartition("/")[2]


class _Document:
    """What a document as a whole says of the scalars in it."""

    def __init__(self, text: str, rules: Rules) -> None:
        self._rules = rules
        self._is_schema = _SCHEMA.search(text) is not None
        self._is_kubernetes = _KUBERNETES_SECRET.search(text) is not None
        self._pairs: dict[int, str] = {}
        if _PAIR_NAME.search(text):
            for scalar in scalars(text):
                self._note_pair(scalar)

    def _note_pair(self, scalar: Scalar) -> None:
        name = _last(scalar.text) if scalar.key.lower() in _NAME_KEYS else ""
        if scalar.is_string and self._rules.field_kind(name):
            self._pairs[scalar.container] = name

    def secret_at(self, scalar: Scalar) -> tuple[str, str, str] | None:
        """The name that makes the scalar a secret, its kind, and the rule; or None."""
        if self._is_schema and not _IN_SCHEMA.isdisjoint(scalar.path):
            return None
        for pattern in self._rules.json_paths:
            if pattern.fullmatch(scalar.name):
                return scalar.key, _own_kind(scalar), "json-path"
        if self._rules.is_configured_name(scalar.key) and self._rules.field_kind(scalar.key):
            return scalar.key, _own_kind(scalar), "field"
        if kind := self._rules.field_kind(scalar.key):
            return scalar.key, kind, "person" if kind == "person" else "field"
        if self._is_kubernetes and _KUBERNETES_DATA.intersection(scalar.path[-2:-1]):
            return scalar.key, "secret", "kubernetes-secret"
        if scalar.key.lower() in _VALUE_KEYS:
            parents = (step for step in reversed(scalar.path[:-1]) if step != "[]")
            name = self._pairs.get(scalar.container) or next(parents, "")
            kind = self._rules.field_kind(name)
            return (name, kind, "pair") if kind else None
        return None


def _own_kind(scalar: Scalar) -> str:
    """The kind of what the project itself says is a secret: a number goes too."""
    return "secret" if scalar.is_string else "code"


def _fill(scalar: Scalar, name: str, kind: str, rule: str, look: Look) -> str | None:
    if scalar.written in ("true", "false"):
        return None
    value = None if scalar.written == "null" else scalar.text
    is_weak = rule in ("field", "pair") and has_weak_head(name)
    if value is not None and not scalar.is_string:
        value = from_json_integer(value)
    slot = Slot(scalar.name, kind, value, rule, look.where, is_weak, scalar.is_string)
    held = look.fill(slot)
    return None if held is None or held == value else _written_like(scalar, held)


def _written_like(scalar: Scalar, text: str) -> str:
    if not scalar.is_string and text.isdecimal():
        return to_json_integer(text)
    written = json.dumps(text, ensure_ascii=scalar.written.isascii())
    is_cut_off = scalar.is_string and (len(scalar.written) == 1 or scalar.written[-1] != '"')
    return written[:-1] if is_cut_off else written
