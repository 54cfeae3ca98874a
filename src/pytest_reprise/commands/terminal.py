"""Colours and paging for people at a terminal. Other readers get plain text, without a pager."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Literal, TypeAlias

Colour: TypeAlias = Literal["bold", "dim", "red", "green", "yellow", "cyan"]

_CODES: Mapping[Colour, int] = {
    "bold": 1,
    "dim": 2,
    "red": 31,
    "green": 32,
    "yellow": 33,
    "cyan": 36,
}
"""Parameters of the escape sequence "select graphic rendition" (ECMA-48, section 8.3.117)."""


class Paint:
    """Adds colours to text that is safe to print, or leaves it as it is.

    `wanted` is "yes", "no" or "auto". "auto" means colours on a terminal; as for pytest, the
    variable NO_COLOR switches them off and FORCE_COLOR on.
    """

    def __init__(self, wanted: str = "auto") -> None:
        self._is_on = wanted == "yes" or (wanted == "auto" and _wants_colours())

    def __call__(self, text: str, colour: Colour) -> str:
        return f"\x1b[{_CODES[colour]}m{text}\x1b[0m" if self._is_on else text


def _wants_colours() -> bool:
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def _pager_command() -> list[str]:
    try:
        return shlex.split(os.environ.get("PAGER", "less"))
    except ValueError:  # a quotation that is not closed: no pager, as for one that is missing
        return []


@contextlib.contextmanager
def pager(is_wanted: bool) -> Iterator[None]:
    """Show what the block prints in a pager, if the standard output is a terminal.

    The pager is PAGER or less. With less, what fits on one screen is printed as it is.
    """
    command = _pager_command()
    if not is_wanted or not sys.stdout.isatty() or not command or not shutil.which(command[0]):
        yield
        return
    environment = {"LESS": "FRX", **os.environ}
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, env=environment, text=True, encoding="utf-8"
    )
    assert process.stdin
    try:
        with contextlib.redirect_stdout(process.stdin):
            yield
    except BrokenPipeError:
        pass  # the reader has seen enough
    finally:
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
        process.wait()
