"""Parts of messages: paths, commands, and suggestions for unknown words."""

from __future__ import annotations

import difflib
import json
import re
import shlex
from collections.abc import Iterable
from pathlib import Path

# Compiled when they are used: most runs print nothing that was recorded.
_UNSAFE = r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
_CI_COMMAND = r"(?i:#(?=#(?:\[|vso\[|teamcity\[)))"
"""The start of a command of Azure Pipelines, older GitHub runners or TeamCity, anywhere in a line.
GitHub Actions read `::` at the start of a line."""


def display_path(path: Path) -> str:
    """Return a path relative to the current directory, if it is below that; else as it is."""
    try:
        return printable(str(path.relative_to(Path.cwd())))
    except ValueError:
        return printable(str(path))


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


def ordinal(number: int) -> str:
    """A number as in "the 1st" or "the 12th"."""
    last = {1: "st", 2: "nd", 3: "rd"} if number % 100 not in (11, 12, 13) else {}
    return f"{number}{last.get(number % 10, 'th')}"


def url_without_secrets(url: str) -> str:
    """Return a URL without user, password, query and fragment; any other text as it is."""
    scheme, mark, rest = url.partition("://")
    host, slash, path = re.split(r"[?#]", rest, maxsplit=1)[0].partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}" if mark else url


def printable(text: str) -> str:
    """Return text from a cassette or a file name in a form that is safe to print in one line.

    Control characters, which could move the cursor or change what was printed, become escapes as
    `\\x1b`; so do line ends, the marks that reverse the direction of text, and what UTF-8 cannot
    hold. Signs that CI systems read as a command, such as `::` at the start, are taken apart.
    """
    shown = re.sub(_UNSAFE, _escaped, text)
    shown = re.sub(_CI_COMMAND, r"\\x23", shown)
    return shown.replace("::", ":\\x3a", 1) if shown.lstrip().startswith("::") else shown


def _escaped(character: re.Match[str]) -> str:
    return character[0].encode("unicode_escape").decode("ascii")


def printable_json(value: object) -> str:
    """Return a value as indented JSON that is safe to print: a JSON parser reads the same value."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    text = re.sub(_CI_COMMAND, r"\\u0023", text)
    lines = (re.sub(_UNSAFE, lambda found: f"\\u{ord(found[0]):04x}", x) for x in text.split("\n"))
    return "\n".join(lines)


def printable_lines(text: str) -> str:
    """Return a message of several lines with each line `printable`."""
    return "\n".join(map(printable, text.split("\n")))
