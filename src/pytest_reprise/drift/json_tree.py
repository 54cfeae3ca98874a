"""A JSON text as a tree that remembers how it was written.

Merging puts parts of two texts together. All other bytes stay: blanks, escapes, the order of keys,
the digits of numbers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["object", "list", "scalar"]

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"|[{}\[\],:]|[^\s{}\[\],:"]++', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Node:
    """A value. `text` is how a scalar is written, and "" for others.

    `items` are the members of an object or list, with their keys as they are written, and "" in a
    list. `gaps` are the texts before, between and after them; of an empty one, there is one gap.
    """

    kind: Kind
    text: str = ""
    items: tuple[tuple[str, Node], ...] = ()
    gaps: tuple[str, ...] = ()

    @property
    def values(self) -> list[Node]:
        """The members of a list."""
        return [node for _, node in self.items]

    def with_values(self, values: Sequence[Node], other: Node | None = None) -> Node:
        """Return a list with other members; how they are separated may come from another list."""
        if len(values) == len(self.items):
            return Node("list", "", tuple(("", value) for value in values), self.gaps)
        if not values:
            return Node("list", "", (), ("[]",))
        written = [node for node in (self, other) if node and node.items]
        gaps = max((node.gaps for node in written), key=len, default=("[", "]"))
        between = gaps[1] if len(gaps) > 2 else ", "
        parts = (gaps[0], *[between] * (len(values) - 1), gaps[-1])
        return Node("list", "", tuple(("", value) for value in values), parts)

    def written(self) -> str:
        """Return the text of the value."""
        parts: list[str] = []
        self._write(parts)
        return "".join(parts)

    def _write(self, parts: list[str]) -> None:
        if self.kind == "scalar":
            parts.append(self.text)
            return
        parts.append(self.gaps[0])
        for (key, node), gap in zip(self.items, self.gaps[1:], strict=True):
            parts.append(key)
            node._write(parts)
            parts.append(gap)


def json_tree(text: str) -> tuple[str, Node, str] | None:
    """Return the tree of a JSON text, with what is before and after it.

    None for a text that is not JSON, and for a repeated key: two values have the same place then.
    """
    try:
        json.loads(text, object_pairs_hook=_refuse_repeated)
        tokens = [found.span() for found in _TOKEN.finditer(text)]
        node, last = _node(text, tokens, 0)
    except (ValueError, RecursionError):
        return None
    return text[: tokens[0][0]], node, text[tokens[last][1] :]


def _refuse_repeated(pairs: Iterable[tuple[str, object]]) -> None:
    names = [name for name, _ in pairs]
    if len({*names}) < len(names):
        raise ValueError("a repeated key")


def _node(text: str, tokens: Sequence[tuple[int, int]], at: int) -> tuple[Node, int]:
    """Return the value that begins with the token `at`, and its last token."""
    start, end = tokens[at]
    opening = text[start]
    if opening not in "{[":
        return Node("scalar", text[start:end]), at
    items: list[tuple[str, Node]] = []
    gaps: list[str] = []
    done, at = start, at + 1
    while text[tokens[at][0]] not in "}]":
        if text[tokens[at][0]] == ",":
            at += 1
        gaps.append(text[done : tokens[at][0]])
        key = ""
        if opening == "{":
            key = text[tokens[at][0] : tokens[at + 2][0]]
            at += 2
        node, at = _node(text, tokens, at)
        items.append((key, node))
        done, at = tokens[at][1], at + 1
    gaps.append(text[done : tokens[at][1]])
    return Node("object" if opening == "{" else "list", "", tuple(items), tuple(gaps)), at
