"""Find and load the cassettes that a command is called with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from ..cassette.file import load
from ..cassette.model import Cassette


def find_cassettes(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield the given files, and the *.yaml files below the given directories, sorted.

    Raises FileNotFoundError if a path does not exist.
    """
    for path in paths:
        if not path.exists():
            raise FileNotFoundError(f"no such file or directory: {path}")
        yield from sorted(path.rglob("*.yaml")) if path.is_dir() else [path]


def load_cassette(path: Path) -> Cassette:
    """Load a cassette. Raises CassetteError, and FileNotFoundError if there is no such file."""
    cassette = load(path)
    if cassette is None:
        raise FileNotFoundError(f"no such cassette: {path}")
    return cassette
