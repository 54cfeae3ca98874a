"""A value in an OpenAPI document, with its place, and errors that name this place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ..drift.body_values import Json
from ..errors import ConfigurationError

_PLAIN_KEY = re.compile(r"[A-Za-z_$][\w$-]*")


class SpecificationError(ConfigurationError):
    """An OpenAPI document that cannot be used. The message names the file and the JSON path."""


def json_path(steps: tuple[str | int, ...]) -> str:
    """Return a place as a JSON path: `$.items[0].name`, `$.paths['/users']`."""
    return "$" + "".join(map(_step, steps))


def _step(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    if step == "[]":  # any item, see `drift.observed`
        return step
    return f".{step}" if _PLAIN_KEY.fullmatch(step) else f"[{step!r}]"


class Node(NamedTuple):
    """A value of a document, in the file `uri`, at the place `steps`."""

    uri: str
    steps: tuple[str | int, ...]
    value: Json

    def child(self, key: str | int) -> Node:
        """Return the value under a key, or at a position. It has to exist."""
        value: Json = self.value[key]  # type: ignore[index]
        return Node(self.uri, (*self.steps, key), value)

    def get(self, key: str) -> Node | None:
        """Return the value under a key, or None if it does not exist."""
        return self.child(key) if isinstance(self.value, dict) and key in self.value else None

    def children(self) -> Iterator[tuple[str, Node]]:
        """Yield the values of an object by key."""
        for key in self.value if isinstance(self.value, dict) else ():
            yield key, self.child(key)

    def items(self) -> Iterator[tuple[str, Node]]:
        """Yield the values of an object by key, without extensions (`x-…`)."""
        yield from ((key, node) for key, node in self.children() if not key.startswith("x-"))

    def list(self) -> Iterator[Node]:
        """Yield the items of a list."""
        for position in range(len(self.value)) if isinstance(self.value, list) else ():
            yield self.child(position)

    @property
    def place(self) -> str:
        return json_path(self.steps)

    @property
    def pointer(self) -> str:
        """The place as a URI with a JSON pointer (RFC 6901)."""
        return f"{self.uri}#{''.join('/' + _escaped(str(step)) for step in self.steps)}"


def _escaped(step: str) -> str:
    from urllib.parse import quote

    return quote(step.replace("~", "~0").replace("/", "~1"), safe="~")
