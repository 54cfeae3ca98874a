"""Tell a person at a terminal how far a command is, if it takes long."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import TypeVar

T = TypeVar("T")

_SILENT = 1.0
"""Seconds: what is done by then needs no progress."""
_EVERY = 0.2
"""Seconds between two lines."""
_CLEAR = "\r\x1b[K"
"""Escape sequence (ECMA-48): go to the start of the line and erase it."""


class Progress:
    """One line on the standard error that is replaced again and again.

    A context manager, which removes the line at the end. It writes to terminals only.
    """

    def __init__(self, doing: str, is_quiet: bool = False) -> None:
        self._doing = doing
        self._is_shown = sys.stderr.isatty() and not is_quiet
        self._next = time.monotonic() + _SILENT
        self._has_line = False

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if self._has_line:
            self._write(_CLEAR)

    @property
    def is_due(self) -> bool:
        """Whether there is a terminal, which was not written to just before."""
        return self._is_shown and time.monotonic() >= self._next

    def show(self, done: int, total: int | None) -> None:
        """Show how much is done. `total` may be unknown."""
        of_all = f" of {total}" if total is not None else ""
        self._write(f"{_CLEAR}{self._doing}: {done}{of_all}")
        self._has_line = True
        self._next = time.monotonic() + _EVERY

    def each(self, values: Sequence[T]) -> Iterator[T]:
        """Yield the values; how many were yielded before is what is done."""
        for done, value in enumerate(values):
            if self.is_due:
                self.show(done, len(values))
            yield value

    def _write(self, text: str) -> None:
        print(text, end="", file=sys.stderr, flush=True)
