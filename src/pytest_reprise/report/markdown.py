"""Text of others in Markdown: nothing in it is read as Markdown or HTML."""

from __future__ import annotations

from ..messages import printable


def code(text: str) -> str:
    """Return text as code."""
    shown = printable(text)
    fence = "`" * (1 + max((len(run) for run in _runs(shown)), default=0))
    edge = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{edge}{shown}{edge}{fence}"


def _runs(text: str) -> list[str]:
    """Return the runs of backquotes in a text."""
    return "".join(c if c == "`" else " " for c in text).split()
