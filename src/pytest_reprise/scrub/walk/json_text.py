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
from ..rules.checks import is_opaque
from ..rules.names import has_weak_head, min_opaque_name_length
from ..rules.ruleset import Rules
from .assignments import may_hold_assignments, visit_named_value
from .candidates import Candidate, VisitNested, Walk
from .credentials import is_credentials_name
from .detectors import may_hold_numbers

# A string without a closing quote ends with the text. Possessive quantifiers, because without them
# hostile input would take quadratic time.
_STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?+'
_TOKEN = re.compile(rf'({_STRING})(\s*+:)?+|([{{\[])|([}}\]])|[^\s{{}}\[\],:"]++', re.DOTALL)
"""A string (group 1), which is a key if a colon follows (group 2); an opening bracket (3);
a closing bracket (4); or a number or word (no group)."""
_KEY, _OPEN, _CLOSE = 2, 3, 4
_STRINGS = re.compile(rf"{_STRING}(?:\s*+:)?+", re.DOTALL)
"""All strings, with the colon behind a key."""
_NAME_IN_PAIR = re.compile(
    rf'"(?=[nkfphvt])(?:name|key|field|path|header|parameter|param|property|variable|type|keyname)"'
    rf"\s*+:\s*+({_STRING})",
    re.IGNORECASE | re.DOTALL,
)
"""A key that gives a name to the value beside it, as in {"name": "password", "value": "…"}."""
_KEY_NAME = re.compile(r'"([^"\\]{1,80}+)\\*+"\s*+:')
# The first letter is tested first, which takes a quarter of the time.
_NAME_IN_SHORT = re.compile(
    r'"(?=[nkfphvot])(?:name|key|field|path|header|parameter|param|property|variable|op|type|keyname)\\*"\s*:\s*\\*"([^"\\]+)',
    re.IGNORECASE,
)
"""The same two for a quick search of a short document, also inside its strings."""
_SHORT = 3000
"""Characters of a short document."""
_NAME_KEYS = frozenset(
    "name key field path header parameter param property variable type keyname".split()
)
_VALUE_KEYS = frozenset("value val".split())
_WRAPPER_KEYS = frozenset("s string stringvalue string_value bytes base64 $value $binary".split())
"""Keys of typed values, as DynamoDB, Firestore, Avro, protobuf and MongoDB write them in JSON."""
_TOKEN_TEXTS = frozenset(("token", "tokens"))
_MAY_NEST = re.compile(r"[=:%{\[ ]")
"""What a string has that contains another text with candidates."""
_MIN_NESTED = 5
"""Characters of the shortest such string, as `key=a`."""
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


class _Relevant(NamedTuple):
    """The scalars of a document that may be candidates, by their JSON text."""

    keys: frozenset[str]
    """The keys whose values may be."""
    strings: frozenset[str]
    """The strings that may be, or may contain one, whatever their key is."""


_NOTHING = _Relevant(frozenset(), frozenset())


@dataclass(slots=True)
class _Level:
    """An object or list that is open at the current token. Keys are as they are written."""

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


def scalars(text: str, relevant: _Relevant | None = None) -> Iterator[Scalar]:
    """Yield the scalars of JSON in order; of broken JSON those that can be recognised.

    With `relevant` all others are left out, which takes a fifth of the time.
    """
    levels = [_Level("", 0, (), False)]
    level = levels[-1]
    containers = 0
    for token in _TOKEN.finditer(text):
        group = token.lastindex
        if group == _KEY:
            level.key = token[1] if token[1] != '""' else ""
        elif group == _OPEN:
            containers += 1
            path = level.path_inside()
            nearest = level.key or level.nearest_key
            level = _Level(nearest, containers, path, token[3] == "[")
            levels.append(level)
        elif group == _CLOSE:
            if len(levels) > 1:  # broken JSON may close more than it opens
                levels.pop()
                level = levels[-1]
        else:
            key = level.key or level.nearest_key
            if relevant and key not in relevant.keys and token[0] not in relevant.strings:
                continue
            start, end = token.span()
            path = tuple([_step(step) for step in level.path_inside()])
            yield Scalar(_unquoted(key), path, token[0], start, end, level.container)


def _step(written: str) -> str:
    return written if written == "[]" else _unquoted(written)


def _unquoted(written: str) -> str:
    if "\\" not in written:
        return written.strip('"')
    try:
        return str(json.loads(written))
    except ValueError:
        return written.strip('"')


def replace_scalars(
    text: str, visit: Callable[[Scalar], str | None], relevant: _Relevant | None = None
) -> str:
    """Return the text with scalars replaced by the JSON text that `visit` returns, if any."""
    parts: list[str] = []
    done = 0
    for scalar in scalars(text, relevant):
        replacement = visit(scalar)
        if replacement is not None:
            parts += text[done : scalar.start], replacement
            done = scalar.end
    return "".join([*parts, text[done:]]) if parts else text


_JSON_START = re.compile(
    r"""\ufeff?+\s*+(?:\{\s*+(?:\}|"[^"\\]*+(?:\\.[^"\\]*+)*+"\s*+:)"""
    r"""|\[\s*+(?:[\[{\]"]|-?\d[\d.eE+-]*+\s*+[,\]]|(?:true|false|null)\s*+[,\]]))""",
    re.DOTALL,
)


def is_json_like(text: str) -> bool:
    """Whether a text begins and ends as JSON does: not `[section]`, `{'a': 1}`, `{…} accepted`.

    To load it would take memory, and broken JSON is searched as text too, so this is enough.
    """
    return text.rstrip()[-1:] in ("}", "]") and _JSON_START.match(text) is not None


def visit_json(text: str, walk: Walk, visit_nested: VisitNested) -> str:
    """Return the JSON with its candidates replaced, also those inside its strings."""
    relevant = _relevant(text, walk.rules)
    if relevant is not None and not (relevant.keys or relevant.strings):
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

    return replace_scalars(text, visit, relevant)


def _relevant(text: str, rules: Rules) -> _Relevant | None:
    """Return which scalars may be candidates, or None if all may be.

    In most documents few are. Each different string is judged once.
    """
    if len(text) < _SHORT:  # to judge its strings takes longer than to walk to all
        return None if _may_hold_candidates(text, rules) else _NOTHING
    strings = frozenset(_STRINGS.findall(text))
    if rules.json_paths or ('"Secret"' in strings and _KUBERNETES_SECRET.search(text)):
        return None
    written_keys = [string for string in strings if string[-1] == ":"]
    names = {written: _unquoted(written) for written in map(_without_colon, written_keys)}
    keys = {
        written
        for written, name in names.items()
        if rules.field_kind(name) or min_opaque_name_length(name)
    }
    pairs = {w for w, name in names.items() if name.lower() in _VALUE_KEYS | _WRAPPER_KEYS}
    if pairs and (keys or _has_secret_name(text, rules)):
        keys |= pairs
    return _Relevant(frozenset(keys), _nesting(strings, rules))


def _may_hold_candidates(text: str, rules: Rules) -> bool:
    """Return whether a walk over a short document is necessary; for most it is not."""
    return (
        any(rules.field_kind(n) or min_opaque_name_length(n) for n in set(_KEY_NAME.findall(text)))
        or any(rules.field_kind(_last_step(name)) for name in set(_NAME_IN_SHORT.findall(text)))
        or "\\u00" in text  # an ASCII character that is escaped may hide a name
        or bool(rules.json_paths)
        or _KUBERNETES_SECRET.search(text) is not None
        or may_hold_assignments(text, rules)
        or may_hold_numbers(text, rules)
    )


def _without_colon(written: str) -> str:
    """Return a key without the colon; at the end of cut off JSON a string may end with one."""
    closed = written[:-1].rstrip()
    return closed if closed[-1:] == '"' else written


def _has_secret_name(text: str, rules: Rules) -> bool:
    names = set(_NAME_IN_PAIR.findall(text))
    return any(rules.field_kind(_last_step(_unquoted(name))) for name in names)


def _nesting(strings: frozenset[str], rules: Rules) -> frozenset[str]:
    """Return the strings in which `visit_nested` may find a candidate."""
    has_numbers = may_hold_numbers("\n".join(strings), rules)
    return frozenset(
        written
        for written in strings
        if len(written) > _MIN_NESTED
        and (has_numbers or "\\" in written or _MAY_NEST.search(written))
        and _may_nest(_unquoted(written), rules)
    )


def _may_nest(text: str, rules: Rules) -> bool:
    return (
        text[:1] in ("{", "[")
        or ("://" in text and _PARAMETERS.search(text) is not None)
        or may_hold_assignments(text, rules)
        or may_hold_numbers(text, rules)
    )


_PARAMETERS = re.compile("[?;#]")


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
        if _has_secret_name(text, rules):
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
        if key.lower() in _VALUE_KEYS:
            return self._secret_of_pair(scalar)
        if key.lower() in _WRAPPER_KEYS and scalar.path[-2:-1]:
            kind = rules.field_kind(scalar.path[-2])
            return _Secret(scalar.path[-2], kind, "pair") if kind else None
        size = min_opaque_name_length(key)
        if size and scalar.is_string and is_opaque(scalar.text, size):
            return _Secret(key, "secret", "field")
        return None

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
    if scalar.is_string and value and (";" in value or is_credentials_name(secret.name)):
        visited = visit_named_value(secret.name, secret.kind, value, secret.rule, walk)
        return None if visited == value else _encoded(scalar, visited)
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
