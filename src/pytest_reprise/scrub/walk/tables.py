"""Visit the candidates of a CSV file: the cells of each column with a secret name."""

from __future__ import annotations

import re

from ...patterns import lazy_regex
from ..rules.names import has_weak_head
from .candidates import Walk

_DELIMITERS = ",;\t|"
_ALIGNED = lazy_regex(
    r"^(?P<head>[^\r\n|]*\|[^\r\n]*)\r?\n[ |:]*-{2,}[-+|: ]*\r?\n"
    r"(?P<rows>(?:[^\r\n|]*\|[^\r\n]*(?:\r?\n|\Z))+)",
    re.MULTILINE,
)
"""A line with names, a line that separates, and lines with cells."""
_INSERT = lazy_regex(
    r"(?i:insert into) [\w.\"`\[\]]{1,80}\s?\((?P<columns>[^()]{1,2000})\)\s{1,8}(?i:values)\s{0,8}"
)
_STRING = r"'(?:[^'\\]|''|\\.)*+'"
_ROW = lazy_regex(rf"[\s,]{{0,20}}\(((?:{_STRING}|[^()'])*+)\)")
"""The values of one row of INSERT."""
_SQL_CELL = lazy_regex(r"\s*+(?:[A-Za-z]{0,2}'(?P<value>(?:[^'\\]|''|\\.)*+)'|[^,']*+)\s*+(?:,|\Z)")


def visit_table(text: str, walk: Walk) -> str:
    """Return the table with its candidates replaced; all other bytes stay.

    The first line holds the names of the columns. Its most frequent delimiter is the delimiter.
    """
    head = re.match(r"\ufeff?(?:sep=.\r?\n)?([^\r\n]*)", text)
    first_line = head[1] if head else ""
    delimiter = max(_DELIMITERS, key=first_line.count)
    names = [name.strip().strip('"') for name in first_line.split(delimiter)]
    kinds = {n: kind for n, name in enumerate(names) if (kind := walk.rules.field_kind(name))}
    if not kinds or len(names) < 2:
        return text
    # Quotes in a quoted cell are doubled (RFC 4180, section 2).
    cell = re.compile(
        rf'(?P<cell>"(?:[^"]|"")*+"?|[^{re.escape(delimiter)}\r\n"]*)(?P<end>.?)', re.S
    )
    parts = [text[: head.end() if head else 0]]
    column = 0
    for found in cell.finditer(text, len(parts[0])):
        value = found["cell"]
        if column in kinds and value.strip('"'):
            value = _visit_cell(value, names[column], kinds[column], walk)
        parts += value, found["end"]
        column = column + 1 if found["end"] == delimiter else 0
    return "".join(parts)


def visit_aligned_tables(text: str, walk: Walk) -> str:
    """Return a text with the tables of psql(1) and of Markdown in it visited."""
    if "--" not in text or "|" not in text:
        return text
    return _ALIGNED.sub(lambda table: _visit_aligned(table, walk), text)


def visit_inserts(text: str, walk: Walk) -> str:
    """Return a text with the values of SQL's INSERT visited, if it names the columns."""
    if "VALUES" not in text and "values" not in text:
        return text
    parts, done = list[str](), 0
    for head in _INSERT.finditer(text):
        names = [name.strip().strip('"`[]') for name in head["columns"].split(",")]
        kinds = {n: kind for n, name in enumerate(names) if (kind := walk.rules.field_kind(name))}
        at = head.end()
        while kinds and (row := _ROW.match(text, at)):
            cells = list(_SQL_CELL.finditer(text, row.start(1), row.end(1)))
            for n, kind in kinds.items() if len(cells) >= len(names) else ():
                if (value := cells[n]["value"]) is None:
                    continue
                made = walk.replace_named(names[n], kind, value, "csv", has_weak_head(names[n]))
                parts += text[done : cells[n].start("value")], made
                done = cells[n].end("value")
            at = row.end()
    return "".join([*parts, text[done:]]) if parts else text


def _visit_aligned(table: re.Match[str], walk: Walk) -> str:
    names = [name.strip(" `*") for name in table["head"].split("|")]
    kinds = {n: kind for n, name in enumerate(names) if (kind := walk.rules.field_kind(name))}
    if not kinds:
        return table[0]
    lines = [line.split("|") for line in table["rows"].split("\n")]
    for cells in lines:
        for n, kind in kinds.items() if len(cells) == len(names) else ():
            if value := cells[n].strip(" `\r"):
                made = walk.replace_named(names[n], kind, value, "csv", has_weak_head(names[n]))
                cells[n] = cells[n].replace(value, made, 1)
    rows = "\n".join("|".join(cells) for cells in lines)
    return table[0][: table.start("rows") - table.start()] + rows


def _visit_cell(written: str, name: str, kind: str, walk: Walk) -> str:
    quote = '"' if written[0] == '"' else ""
    value = written.strip('"').replace('""', '"') if quote else written
    replacement = walk.replace_named(name, kind, value, "csv", has_weak_head(name))
    return written if replacement == value else f"{quote}{replacement}{quote}"
