"""Parts of messages: paths, commands, and suggestions for unknown words."""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Iterable
from pathlib import Path


def display_path(path: Path) -> str:
    """Return a path relative to the current directory, if it is below that; else as it is."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def pytest_command(nodeid: str) -> str:
    """Return the shell command that runs one test."""
    return f"pytest {shlex.quote(nodeid)}"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return the end of a message about an unknown word: a suggestion, or "" if none is close."""
    close = difflib.get_close_matches(word, sorted(known), n=1)
    return f". Did you mean {close[0]!r}?" if close else ""


def counted(number: int, noun: str) -> str:
    """A number with its noun, as `1 cassette` or `2 cassettes`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
