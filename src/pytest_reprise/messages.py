"""How files, tests and unknown words are named in messages."""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Iterable
from pathlib import Path


def display_path(path: Path) -> str:
    """A path as one would type it from here."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def pytest_command(nodeid: str) -> str:
    """The command that runs one test."""
    return f"pytest {shlex.quote(nodeid)}"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown word: the nearest that is known, or nothing."""
    close = difflib.get_close_matches(word, sorted(known), n=1)
    return f". Did you mean {close[0]!r}?" if close else ""


def counted(number: int, noun: str) -> str:
    """A number with its noun, as `1 cassette` or `2 cassettes`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
