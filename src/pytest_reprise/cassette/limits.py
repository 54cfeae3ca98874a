"""How large and how deep the values in a file may be. All readers check this before they build any.

A few hundred bytes of YAML can mean billions of values: each alias and each merge key repeats what
its anchor holds. The checks here look at the text, so their cost is linear in its size. Values that
aliases and merge keys repeat are counted each time. `yaml.size` counts the values of YAML.
"""

from __future__ import annotations

import re

MAX_DEPTH = 100
"""Levels of nesting. At about 10 000, libyaml's loader overflows the C stack, which ends the
process."""
MAX_VALUES = 1_000_000
"""Values in a file: keys, texts, numbers, mappings and lists. An interaction has about 60. To build
them all takes up to 10 s and 400 MB."""
MAX_EXPANSION = 1_000_000
"""Values and characters in them that aliases may add, beside ten times the size of the file."""
MAX_FACTOR = 10
_SIGNS = ":-,[{?"
_VALUES_PER_SIGN = 3
"""Each of the signs begins at most a mapping, a key and a value."""
_MIN_LINE = len("  a: b\n")
"""Characters of the shortest line with values in a cassette as Reprise writes it."""
_JSON_TOKENS = r'"(?:[^"\\]++|\\(?:.|\Z))*+(?:"|\Z)|[\[\]{},:]'


class LimitError(Exception):
    """A text with too many values or too deep nesting. `line` counts from 1."""

    def __init__(self, problem: str, line: int) -> None:
        super().__init__(problem)
        self.problem = problem
        self.line = line


TOO_DEEP = f"nested too deeply: it has more than {MAX_DEPTH} levels"
TOO_MANY = f"it has more than {MAX_VALUES} values"
EXPANDS = "its aliases make it too large"


def may_have_too_many_lines(text: str) -> bool:
    """Whether a cassette as Reprise writes it may have more than MAX_VALUES: 3 in each line.

    To count the lines takes 5 % of the time of loading, so it is done for large texts only.
    """
    if len(text) // _MIN_LINE * _VALUES_PER_SIGN < MAX_VALUES:
        return False
    return text.count("\n") * _VALUES_PER_SIGN >= MAX_VALUES


def may_have_too_many_values(text: str) -> bool:
    """Whether a YAML text without aliases may have more than MAX_VALUES. This is fast."""
    if len(text) * _VALUES_PER_SIGN < MAX_VALUES:
        return False
    return sum(map(text.count, _SIGNS)) * _VALUES_PER_SIGN >= MAX_VALUES


def check_json(text: str) -> None:
    """Raise LimitError if a text that may be JSON is above a limit."""
    if text.count("[") + text.count("{") <= MAX_DEPTH and not may_have_too_many_values(text):
        return
    depth, values = 0, 1
    for token in re.finditer(_JSON_TOKENS, text, re.DOTALL):
        sign = text[token.start()]
        depth += (sign in "[{") - (sign in "]}")
        values += sign in "[{,:"
        if depth > MAX_DEPTH or values > MAX_VALUES:
            line = text.count("\n", 0, token.start()) + 1
            raise LimitError(TOO_DEEP if depth > MAX_DEPTH else TOO_MANY, line)


def check_values(document: object, size: int) -> None:
    """Raise LimitError if values from a text of `size` characters are above a limit.

    Raises UnicodeEncodeError for a text that UTF-8 cannot hold, which JSON may contain.
    """
    values, weight = MAX_VALUES, MAX_FACTOR * size + MAX_EXPANSION
    left = [(document, 0)]
    while left:
        value, depth = left.pop()
        values -= 1
        weight -= 1 + (len(value) if isinstance(value, (str, bytes)) else 0)
        if isinstance(value, str) and not value.isascii():
            value.encode()
        if values < 0 or weight < 0:
            raise LimitError(TOO_MANY if values < 0 else EXPANDS, 1)
        if isinstance(value, (dict, list, tuple)):
            if depth == MAX_DEPTH:
                raise LimitError(TOO_DEEP, 1)
            left += ((child, depth + 1) for child in value)
            if isinstance(value, dict):
                left += ((child, depth + 1) for child in value.values())
