"""Find the scalars of a JSON text where they stand, so that all other bytes stay as they are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

# A string that is cut off ends with the text. Possessive, so that no input takes quadratic time.
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"?|[{}\[\],:]|[^\s{}\[\],:"]++', re.DOTALL)
_COLON = re.compile(r"\s*+:")


class Scalar(NamedTuple):
    """A scalar as written (`"text"`, `12`, `null`), where it stands, and what it is under.

    `key` is the nearest one, for an element of a list that of the list; `path` are the last few.
    """

    key: str
    path: str
    written: str
    start: int
    end: int


_DEEP = 8
"""Keys in a path: enough to tell places apart, and no more work in a deep document."""


def scalars(text: str) -> Iterator[Scalar]:
    """The scalars of `text` in order; broken JSON gives what can be told from it."""
    own, nearest = [""], [""]  # by level: the key at hand, and the one above it
    for token in _TOKEN.finditer(text):
        written = token[0]
        if written in "{[":
            nearest.append(own[-1] or nearest[-1])
            own.append("")
        elif written in "}]":
            _leave(own)
            _leave(nearest)
        elif written in ",:":
            continue
        elif written[0] == '"' and _COLON.match(text, token.end()):
            own[-1] = written.strip('"')
        else:
            path = ".".join(filter(None, own[-_DEEP:]))
            yield Scalar(own[-1] or nearest[-1], path, written, token.start(), token.end())


def _leave(levels: list[str]) -> None:
    """One level up; a bracket too many leaves the outermost."""
    if len(levels) > 1:
        levels.pop()


def rewrite(text: str, visit: Callable[[Scalar], str | None]) -> str:
    """`text` with each scalar for which `visit` gives another writing replaced by that."""
    parts: list[str] = []
    done = 0
    for scalar in scalars(text):
        replacement = visit(scalar)
        if replacement is not None:
            parts += text[done : scalar.start], replacement
            done = scalar.end
    return "".join([*parts, text[done:]]) if parts else text
