"""Find the scalars of a JSON text where they stand, so that all other bytes stay as they are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)


class Scalar(NamedTuple):
    """A scalar as written (`"text"`, `12`, `null`), where it stands, and the key that it is under.

    An element of a list is under the key of the list.
    """

    key: str
    written: str
    start: int
    end: int


def scalars(text: str) -> Iterator[Scalar]:
    """The scalars of `text` in order; broken JSON gives what can be told from it."""
    keys = [""]
    for token in _TOKEN.finditer(text):
        written = token[0]
        if written in "{[":
            keys.append(keys[-1])
        elif written in "}]":
            keys = keys[:-1] or [""]
        elif written in ",:":
            continue
        elif written[0] == '"' and _COLON.match(text, token.end()):
            keys[-1] = written[1:-1]
        else:
            yield Scalar(keys[-1], written, token.start(), token.end())


_COLON = re.compile(r"\s*:")


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
