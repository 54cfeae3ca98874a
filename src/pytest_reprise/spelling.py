"""The nearest known word, for messages about an unknown one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown word: the nearest that is known, or nothing."""
    close = difflib.get_close_matches(word, sorted(known), n=1)
    return f". Did you mean {close[0]!r}?" if close else ""
