"""Visit the candidates of a CSV file: the cells of each column with a secret name."""

from __future__ import annotations

import re

from ..rules.names import has_weak_head
from .candidates import Walk

_DELIMITERS = ",;\t|"


def visit_table(text: str, walk: Walk) -> str:
    """Return the table with its candidates replaced; all other bytes stay.

    The first line holds the names of the columns. Its most frequent delimiter is the delimiter.
    """
    head = re.match(r"\ufeff?([^\r\n]*)", text)
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


def _visit_cell(written: str, name: str, kind: str, walk: Walk) -> str:
    quote = '"' if written[0] == '"' else ""
    value = written.strip('"').replace('""', '"') if quote else written
    replacement = walk.replace_named(name, kind, value, "csv", has_weak_head(name))
    return written if replacement == value else f"{quote}{replacement}{quote}"
