"""Find and load the cassettes that a command is called with."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from ..audit.files import find_files
from ..cassette import document_text
from ..cassette.file import load
from ..cassette.model import Cassette
from ..cassette.yaml.safe import InvalidYamlError
from ..errors import CassetteError
from ..messages import counted, printable, printable_lines
from ..regular_file import MAX_CASSETTE_SIZE, read_regular_file

_KEY_OF_CASSETTES = re.compile(rb"""(?:^|[{,])\s*["']?(?:interactions|reprise)["']?\s*:""", re.M)
_MOST_NAMED = 5


class Found(NamedTuple):
    """A cassette file: its content, or the error for it. Both are None for any other file."""

    path: Path
    cassette: Cassette | None = None
    error: CassetteError | None = None


def find_cassettes(paths: Iterable[Path]) -> Iterator[Found]:
    """Yield the given files, and the YAML and JSON files below the given directories, sorted.

    A given file is a cassette, or a broken one. Other files in a directory may be anything else.
    Raises FileNotFoundError if a path does not exist.
    """
    given = list(paths)
    for path in find_files(given):
        found = read_cassette(path)
        is_named = path in given
        yield Found(path) if found.error and not is_named and is_another_file(path) else found


def read_cassette(path: Path) -> Found:
    """Load a cassette. Raises FileNotFoundError if there is no such file."""
    try:
        cassette = load(path, json.loads if path.suffix.lower() == ".json" else None)
    except CassetteError as error:
        return Found(path, error=error)
    if cassette is None:
        raise FileNotFoundError(f"no such cassette: {path}")
    return Found(path, cassette)


def is_another_file(path: Path) -> bool:
    """Whether a file that cannot be loaded is no cassette, such as a recording of a websocket."""
    try:
        content = read_regular_file(path, MAX_CASSETTE_SIZE)
    except OSError:
        return False
    if not content.strip():
        return path.suffix.lower() == ".json"
    try:
        document = document_text.read(content.decode())
    except (InvalidYamlError, UnicodeDecodeError):
        return _KEY_OF_CASSETTES.search(content) is None
    return not (isinstance(document, dict) and {"interactions", "reprise"} & document.keys())


def others_left_alone(paths: list[Path]) -> str:
    """Return a line about files that are no cassettes, or "" for none."""
    if not paths:
        return ""
    names = [*map(str, paths[:_MOST_NAMED]), *["…"] * (len(paths) > _MOST_NAMED)]
    return printable(f"not a cassette: {counted(len(paths), 'other file')} ({', '.join(names)})")


def print_error(error: CassetteError) -> None:
    """Print why a cassette cannot be read to the standard error."""
    print(f"reprise: {printable_lines(str(error))}", file=sys.stderr)
