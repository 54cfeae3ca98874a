"""The lines of values in a cassette, also inside of bodies that are readable JSON."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Literal

import yaml

from .safe import CassetteLoader, child_node


class CassetteLines:
    """The lines of one cassette, which was loaded before and so is known to be sound."""

    def __init__(self, text: str) -> None:
        try:
            self._top: yaml.Node | None = yaml.compose(text, Loader=CassetteLoader)
        except yaml.YAMLError:
            self._top = None

    def line(
        self,
        number: int,
        side: Literal["request", "response"],
        in_body: bool = False,
        steps: tuple[Hashable, ...] = (),
    ) -> int:
        """Return the line, from 1, of an interaction (from 1), its request or its response.

        With `in_body` it is the line of its body, or of the value at `steps` in it: the deepest one
        that exists, if the body is JSON over several lines.
        """
        message = _deepest(self._top, ("interactions", number - 1, side))
        if not in_body:
            return _line(message)
        body = _body(message)
        if not isinstance(body, yaml.ScalarNode) or body.style != "|" or not steps:
            return _line(body)
        try:
            top = yaml.compose(body.value, Loader=CassetteLoader)
        except yaml.YAMLError:
            return _line(body)
        return _line(body) + _line(_deepest(top, steps))


def _body(message: yaml.Node | None) -> yaml.Node | None:
    """Return the body of a message: in requests it is no mapping."""
    body = child_node(message, "body")
    inner = child_node(body, "string")
    return inner or body or message


def _deepest(node: yaml.Node | None, steps: tuple[Hashable, ...]) -> yaml.Node | None:
    for step in steps:
        below = child_node(node, step)
        if below is None:
            break
        node = below
    return node


def _line(node: yaml.Node | None) -> int:
    return node.start_mark.line + 1 if node else 1
