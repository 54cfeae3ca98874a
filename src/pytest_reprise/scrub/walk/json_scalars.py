"""The scalars of JSON: strings, numbers, booleans and null, with their keys and places.

The text is read token by token and not loaded, so broken JSON gives the scalars that can still be
recognised.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple

from ...patterns import lazy_regex

# A string without a closing quote ends with the text. Possessive quantifiers, because without them
# hostile input would take quadratic time.
STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?+'
_TOKEN = lazy_regex(rf'({STRING})(\s*+:)?+|([{{\[])|([}}\]])|[^\s{{}}\[\],:"]++', re.DOTALL)
"""A string (group 1), which is a key if a colon follows (group 2); an opening bracket (3);
a closing bracket (4); or a number or word (no group)."""
_KEY, _OPEN, _CLOSE = 2, 3, 4
_STRING_OR_KEY = lazy_regex(rf"({STRING})(\s*+:)?+", re.DOTALL)
STRINGS = lazy_regex(rf"{STRING}(?:\s*+:)?+", re.DOTALL)
"""All strings, with the colon behind a key."""


def strings_in(text: str) -> frozenset[str]:
    """Return the different strings, with the colon behind a key.

    A list of all strings of a long text would take five times its size.
    """
    if len(text) < _LONG:
        return frozenset(STRINGS.findall(text))
    return frozenset(map(itemgetter(0), STRINGS.finditer(text)))


_LONG = 1_000_000
"""Characters."""


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
        return unquoted(self.written)

    @property
    def name(self) -> str:
        """The path as text, such as `users[].password`."""
        return ".".join(self.path).replace(".[]", "[]")


class Relevant(NamedTuple):
    """The scalars of a document that may be candidates, by their JSON text."""

    keys: frozenset[str]
    """The keys whose values may be."""
    strings: frozenset[str]
    """The strings that may be, or may contain one, whatever their key is."""


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


def scalars(text: str, relevant: Relevant | None = None) -> Iterator[Scalar]:
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
            yield Scalar(unquoted(key), path, token[0], start, end, level.container)


def _step(written: str) -> str:
    return written if written == "[]" else unquoted(written)


def unquoted(written: str) -> str:
    if "\\" not in written:
        return written.strip('"')
    try:
        return str(json.loads(written))
    except ValueError:
        return written.strip('"')


def replace_scalars(
    text: str, visit: Callable[[Scalar], str | None], relevant: Relevant | None = None
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


def replace_strings(text: str, strings: frozenset[str], visit: Callable[[str], str | None]) -> str:
    """Return the text with these strings replaced by what `visit` returns for one, if anything.

    Keys are left out. To skip all other strings takes a fifth of the time of `scalars`.
    """
    parts: list[str] = []
    done = 0
    for token in _STRING_OR_KEY.finditer(text):
        if token.lastindex == 1 and token[1] in strings:
            replacement = visit(token[1])
            if replacement is not None:
                parts += text[done : token.start()], replacement
                done = token.end()
    return "".join([*parts, text[done:]]) if parts else text


_JSON_START = lazy_regex(
    r"""\ufeff?+\s*+(?:\{\s*+(?:\}|"[^"\\]*+(?:\\.[^"\\]*+)*+"\s*+:)"""
    r"""|\[\s*+(?:[\[{\]"]|-?\d[\d.eE+-]*+\s*+[,\]]|(?:true|false|null)\s*+[,\]]))""",
    re.DOTALL,
)


def is_json_like(text: str) -> bool:
    """Whether a text begins and ends as JSON does: not `[section]`, `{'a': 1}`, `{…} accepted`.

    To load it would take memory, and broken JSON is searched as text too, so this is enough.
    """
    return text.rstrip()[-1:] in ("}", "]") and _JSON_START.match(text) is not None
