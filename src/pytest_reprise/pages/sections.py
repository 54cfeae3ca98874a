"""The parts of a page as values. A template shows each kind; a table needs no template of its own.

Any part of the project can add a section to a page: it makes a `Table`, or several.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

Tone: TypeAlias = Literal["", "good", "bad", "warn", "quiet"]


class Cell(NamedTuple):
    """A cell of a table. Without a link, `href` is ""; a link leads to a place of the same page."""

    text: str
    tone: Tone = ""
    is_code: bool = False
    is_number: bool = False
    href: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a heading for each column. The first cell of a row names it."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    """A sentence above the table."""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page with a heading. `anchor` is unique on the page."""

    anchor: str
    title: str
    count: int | None = None
    """A number beside the heading; None for no number."""
    tone: Tone = ""
    tables: tuple[Table, ...] = ()
    template: str = ""
    """The template that shows `content`, for sections that are no tables."""
    content: object = None
    empty: str = ""
    """The sentence of a section that has nothing to show."""


def code(text: str, tone: Tone = "", href: str = "") -> Cell:
    """Return a cell with text in a fixed-width font."""
    return Cell(text, tone, is_code=True, href=href)


def number(text: str | int | float, tone: Tone = "") -> Cell:
    """Return a cell with a number, aligned to the right."""
    return Cell(str(text), tone, is_number=True)


def rows(cells: Iterable[Iterable[Cell]]) -> tuple[tuple[Cell, ...], ...]:
    """Return rows of cells as tuples."""
    return tuple(tuple(row) for row in cells)
