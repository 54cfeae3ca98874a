"""Text ↔ plain values, in YAML or JSON, written again in the style in which it was written."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import NamedTuple, Protocol, TypeAlias

from .document_edit import Tree
from .json_blocks import Block
from .yaml import safe
from .yaml.safe import InvalidYamlError

_WIDEST = 2**31 - 1
_ROOM = 1_000_000
"""Values, and characters in them, that aliases may add to a document."""
_ALIAS = re.compile(r"[\s\[{,]\*\S")
_END = re.compile(r"^\.\.\.\s*\Z", re.MULTILINE)


def read(text: str) -> Tree:
    """The one document in a text. Raises InvalidYamlError."""
    text = text.removeprefix("\ufeff")
    if not text.strip():
        raise InvalidYamlError("it is empty", 1)
    tree = _read_json(text)
    if tree is None:
        tree = safe.load(text)
        if _ALIAS.search(text) and _is_larger(tree, _ROOM + 4 * len(text)):
            raise InvalidYamlError("its aliases make it too large", 1)
    return tree


def _read_json(text: str) -> Tree:
    """The JSON in a text, or None."""
    if text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        return json.loads(text)
    except RecursionError:
        raise InvalidYamlError("nested too deeply", 1) from None
    except ValueError:
        return None


def _is_larger(tree: Tree, room: int) -> bool:
    """Whether a document has more in it than that; one that holds itself has."""
    left = [tree]
    while left and room >= 0:
        node = left.pop()
        room -= 1 + (len(node) if isinstance(node, (str, bytes)) else 0)
        if isinstance(node, dict):
            left += [*node.keys(), *node.values()]
        elif isinstance(node, (list, tuple)):
            left += node
    return room < 0


def item_lines(text: str, key: str = "interactions") -> list[int]:
    """The line in which each item of a list at the top begins; [] where that cannot be told."""
    try:
        return safe.lines_of_items(text.removeprefix("\ufeff"), key)
    except InvalidYamlError:
        return []


# --- styles -----------------------------------------------------------------------------------


class _Yaml(NamedTuple):
    ascii_only: bool
    width: int
    has_blocks: bool

    def write(self, tree: Tree, like: str) -> str:
        blocks = _with_blocks(tree) if self.has_blocks else tree
        start, end = like.startswith("---"), _END.search(like) is not None
        return safe.dump(blocks, ascii_only=self.ascii_only, width=self.width, start=start, end=end)


class _Json(NamedTuple):
    indent: int | str | None
    ascii_only: bool
    separators: tuple[str, str] | None = None

    def write(self, tree: Tree, like: str) -> str:
        text = json.dumps(
            tree, indent=self.indent, ensure_ascii=self.ascii_only, separators=self.separators
        )
        return text + like[len(like.rstrip()) :]


class _Style(Protocol):
    @property
    def ascii_only(self) -> bool: ...

    def write(self, tree: Tree, like: str) -> str: ...


_Styles: TypeAlias = tuple[_Style, ...]
_YAML: _Styles = (
    _Yaml(True, 80, False),  # vcrpy's own
    _Yaml(False, _WIDEST, True),  # ours
    _Yaml(False, 120, True),
    _Yaml(False, 80, True),
    _Yaml(False, 80, False),
    _Yaml(False, _WIDEST, False),
    _Yaml(True, _WIDEST, False),
)
_JSON: _Styles = tuple(
    _Json(indent, ascii_only, separators)
    for indent, separators in ((4, None), (2, None), (None, None), (None, (",", ":")), ("\t", None))
    for ascii_only in (True, False)
)


def write_like(text: str, old: Tree, new: Tree) -> str:
    """The text of `new` in the style in which `text`, the text of `old`, is written.

    Raises TypeError or ValueError for what the format cannot hold.
    """
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    like = text.removeprefix("\ufeff").replace("\r\n", "\n")
    styles = _YAML if _read_json(like) is None else _JSON
    written = _closest(styles, old, like).write(new, like)
    return mark + (written.replace("\n", "\r\n") if "\r\n" in text else written)


def _closest(styles: _Styles, tree: Tree, text: str) -> _Style:
    """The style that keeps most lines of the text as they are."""
    lines = set(text.splitlines())
    fitting = sorted(styles, key=lambda style: style.ascii_only != text.isascii())
    best, fewest = fitting[0], len(text) + 1
    for style in fitting:
        lost = sum(line not in lines for line in _lines(style, tree, text))
        if lost < fewest:
            best, fewest = style, lost
        if not fewest:
            break
    return best


def _lines(style: _Style, tree: Tree, text: str) -> Iterator[str]:
    yield from style.write(tree, text).splitlines()


def _with_blocks(tree: Tree) -> Tree:
    """Text of several lines as literal blocks."""
    if isinstance(tree, dict):
        return {key: _with_blocks(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [_with_blocks(value) for value in tree]
    return Block(tree) if isinstance(tree, str) and "\n" in tree else tree
