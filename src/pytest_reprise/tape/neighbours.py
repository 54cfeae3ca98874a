"""Which tool wrote the cassettes near a path that has none."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import cache
from itertools import islice
from pathlib import Path

_HEAD = 4096
"""Bytes of a file that show who wrote it."""
_MOST_FILES = 200
"""Files of a directory to look at, also below it."""
_ROOT_FILES = (".git", "pyproject.toml", "setup.py", "setup.cfg", "tox.ini", "pytest.ini")
_CASSETTE = re.compile(rb'^\W*(?:version|interactions|reprise)\b["\']?\s*:')
_HEADER_OF_REPRISE = re.compile(rb'^[ \t]*["\']?reprise["\']?\s*:', re.MULTILINE)


@cache
def are_legacy(directory: Path, suffix: str) -> bool:
    """Whether the cassettes nearest to a directory were all written by vcrpy.

    These are the files with this suffix in and below it, or else in and below the nearest directory
    above that has some, up to the root of the project. False where there are none.
    """
    for place in (directory, *directory.parents):
        found = set(map(_is_own, islice(_files_below(place, suffix), _MOST_FILES))) - {None}
        if found:
            return found == {False}
        if any((place / name).exists() for name in _ROOT_FILES):
            return False
    return False


def _files_below(directory: Path, suffix: str) -> Iterator[Path]:
    for top, directories, names in os.walk(directory):
        directories[:] = sorted(name for name in directories if not name.startswith("."))
        yield from (Path(top, name) for name in sorted(names) if name.endswith(suffix))


def _is_own(path: Path) -> bool | None:
    """Whether Reprise wrote a file, by its first bytes; None if it is no cassette."""
    try:
        if not path.is_file():
            return None
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError:
        return None
    return bool(_HEADER_OF_REPRISE.search(head)) if _CASSETTE.match(head) else None
