"""The slots of a CSV: the cells of a column, by the column's name."""

from __future__ import annotations

import re

from ..rules.names import has_weak_head
from .slots import Look

_DELIMITERS = ",;\t|"


def rewrite(text: str, look: Look) -> str:
    """A table with its slots visited; all other bytes stay."""
    head = re.match(r"\ufeff?([^\r\n]*)", text)
    first = head[1] if head else ""
    delimiter = max(_DELIMITERS, key=first.count)
    names = [name.strip().strip('"') for name in first.split(delimiter)]
    secret = {n: kind for n, name in enumerate(names) if (kind := look.rules.field_kind(name))}
    if not secret or len(names) < 2:
        return text
    cell = re.compile(
        rf'(?P<cell>"(?:[^"]|"")*+"?|[^{re.escape(delimiter)}\r\n"]*)(?P<end>.?)', re.S
    )
    parts = [text[: head.end() if head else 0]]
    column = 0
    for found in cell.finditer(text, len(parts[0])):
        value = found["cell"]
        if column in secret and value.strip('"'):
            value = _cell(value, names[column], secret[column], look)
        parts += value, found["end"]
        column = column + 1 if found["end"] == delimiter else 0
    return "".join(parts)


def _cell(written: str, name: str, kind: str, look: Look) -> str:
    quote = '"' if written[0] == '"' else ""
    plain = written.strip('"').replace('""', '"') if quote else written
    held = look.named(name, kind, plain, "csv", has_weak_head(name))
    return written if held == plain else f"{quote}{held}{quote}"
