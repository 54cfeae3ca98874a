"""The text of a YAML or JSON document: read it, and write changed values in its style.

The audit changes files of other tools. A file keeps its indentation, quotes, line width and line
ends, so that only the lines that changed differ in a diff.
"""

from __future__ import annotations

import json
import re
from typing import NamedTuple, Protocol, TypeAlias

from ..patterns import lazy_regex
from .document_edit import Tree
from .json_blocks import Block
from .limits import LimitError, check_json
from .yaml import safe
from .yaml.safe import InvalidYamlError

_NO_LIMIT = 2**31 - 1
_END = lazy_regex(r"^\.\.\.\s*\Z", re.MULTILINE)


def read(text: str) -> Tree:
    """Return the plain values of the one document in a text. Raises InvalidYamlError."""
    text = text.removeprefix("\ufeff")
    if not text.strip():
        raise InvalidYamlError("it is empty", 1)
    tree = _read_json(text)
    return safe.load(text) if tree is None else tree


def _read_json(text: str) -> Tree:
    """Return the values of a text that is JSON, else None."""
    if text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        check_json(text)
        return json.loads(text)
    except LimitError as error:
        raise InvalidYamlError(error.problem, error.line) from None
    except ValueError:
        return None


def item_lines(text: str, key: str = "interactions") -> list[int]:
    """Return the line, from 1, of each item in the list under `key`; [] for invalid YAML."""
    try:
        return safe.lines_of_items(text.removeprefix("\ufeff"), key)
    except InvalidYamlError:
        return []


# --- styles -----------------------------------------------------------------------------------


class _Yaml(NamedTuple):
    """A style of YAML. With `has_blocks`, texts of several lines are literal blocks."""

    ascii_only: bool
    width: int
    has_blocks: bool

    def write(self, tree: Tree, like: str) -> str:
        blocks = _with_blocks(tree) if self.has_blocks else tree
        start, end = like.startswith("---"), _END.search(like) is not None
        return safe.dump(blocks, ascii_only=self.ascii_only, width=self.width, start=start, end=end)


class _Json(NamedTuple):
    """A style of JSON, by the arguments of `json.dumps`."""

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
    _Yaml(False, _NO_LIMIT, True),  # ours
    _Yaml(False, 120, True),
    _Yaml(False, 80, True),
    _Yaml(False, 80, False),
    _Yaml(False, _NO_LIMIT, False),
    _Yaml(True, _NO_LIMIT, False),
)
_JSON: _Styles = tuple(
    _Json(indent, ascii_only, separators)
    for indent, separators in ((4, None), (2, None), (None, None), (None, (",", ":")), ("\t", None))
    for ascii_only in (True, False)
)


def write_like(text: str, old: Tree, new: Tree) -> str:
    """Return the text of the values `new`, in the style in which `text` holds the values `old`.

    Raises TypeError or ValueError for values that the format cannot hold.
    """
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    like = text.removeprefix("\ufeff").replace("\r\n", "\n")
    styles = _YAML if _read_json(like) is None else _JSON
    written = _closest(styles, old, like).write(new, like)
    return mark + (written.replace("\n", "\r\n") if "\r\n" in text else written)


def _closest(styles: _Styles, tree: Tree, text: str) -> _Style:
    """Return the style that writes `tree` with the fewest lines that `text` does not have."""
    lines = set(text.splitlines())
    fitting = sorted(styles, key=lambda style: style.ascii_only != text.isascii())
    best, fewest = fitting[0], len(text) + 1
    for style in fitting:
        others = sum(line not in lines for line in style.write(tree, text).splitlines())
        if others < fewest:
            best, fewest = style, others
        if not fewest:
            break
    return best


def _with_blocks(tree: Tree) -> Tree:
    """Return the values with every text of several lines as a Block."""
    if isinstance(tree, dict):
        return {key: _with_blocks(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [_with_blocks(value) for value in tree]
    return Block(tree) if isinstance(tree, str) and "\n" in tree else tree
