"""Find the files to audit, and read each as a cassette or as text."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from ..cassette import document_edit, document_text
from ..cassette.body_files import FetchBody, no_body_files
from ..cassette.document_edit import NotACassetteError, Tree
from ..cassette.file import read_body
from ..cassette.staging import STAGED
from ..cassette.yaml.safe import InvalidYamlError
from ..exchange import Interaction
from ..regular_file import MAX_CASSETTE_SIZE, read_regular_file
from ..scrub.content.charsets import decode

_SUFFIXES = (".yaml", ".yml", ".json")
_SKIPPED_DIRECTORIES = frozenset(
    ".git .hg .svn .venv .tox .nox node_modules __pycache__ .mypy_cache .pytest_cache "
    ".ruff_cache .hypothesis".split()
)
_INTERACTIONS = re.compile(r"\b(?:http_)?interactions[\"']?[ \t]*:")
"""The key of the list of interactions, in vcrpy's format and in that of other tools."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file and its content. `interactions` is None for a file that is not a cassette.

    `problem` says why a file that may be a cassette cannot be read as one; it is read as text then.
    `body_problems` are lines about bodies in other files that could not be read.
    """

    name: str
    raw: bytes
    text: str
    charset: str = "utf-8"
    document: Tree = None
    interactions: tuple[Interaction, ...] | None = None
    problem: str = ""
    body_problems: tuple[str, ...] = ()

    @property
    def is_recording(self) -> bool:
        """Whether it is a cassette, may be a damaged one, or is a recording of another tool.

        A directory of tests holds YAML and JSON of many other kinds, which nobody wants to have
        searched and changed.
        """
        if self.interactions is not None:
            return True
        if self.problem:
            return _INTERACTIONS.search(self.text) is not None
        return isinstance(self.document, dict) and "http_interactions" in self.document

    def encode(self, text: str) -> bytes:
        """Return another text in the charset of the file."""
        return text.encode(self.charset, "surrogatepass")


def find_files(paths: Iterable[Path], base: Path = Path()) -> list[Path]:
    """Return the given files, and the YAML and JSON files below the given directories, sorted.

    Relative paths count from `base`. A path that does not exist may be a pattern such as
    `tests/**/*.yaml`: shells hand on a quoted one, and on Windows all. Raises FileNotFoundError if
    nothing is found for a path.
    """
    found = set[Path]()
    for path in paths:
        is_there = os.path.lexists(base / path)
        matching = [path] if is_there else [_relative(one, base) for one in _glob(base / path)]
        if not matching:
            raise FileNotFoundError(f"no such file or directory: {path}")
        for one in matching:
            found |= set(_files_below(one, base)) if (base / one).is_dir() else {one}
    return sorted(found)


def _glob(pattern: Path) -> Iterator[Path]:
    """Yield what matches a pattern, which may be absolute."""
    start = Path(pattern.anchor)
    with contextlib.suppress(ValueError):  # no pattern, such as `a**b` before Python 3.13
        yield from start.glob(str(pattern.relative_to(start)))


def _relative(path: Path, base: Path) -> Path:
    return path.relative_to(base) if path.is_relative_to(base) else path


def _files_below(directory: Path, base: Path) -> Iterator[Path]:
    # os.walk does not follow links to directories, so a loop of links does no harm.
    for top, directories, names in os.walk(base / directory):
        directories[:] = [name for name in directories if not _is_skipped(name)]
        place = directory / Path(top).relative_to(base / directory)
        yield from (place / name for name in names if name.lower().endswith(_SUFFIXES))


def _is_skipped(directory: str) -> bool:
    return directory in _SKIPPED_DIRECTORIES or STAGED.fullmatch(directory) is not None


def read_source(path: Path, base: Path = Path()) -> Source:
    """Read a file; a relative path counts from `base`. Raises OSError."""
    file = base / path
    return _with_interactions(read_document(path, base), partial(read_body, file))


def read_document(path: Path, base: Path = Path()) -> Source:
    """Read a file, but not the interactions in it. Raises OSError."""
    return parse_document(path.as_posix(), read_regular_file(base / path, MAX_CASSETTE_SIZE))


def parse_source(name: str, raw: bytes, fetch: FetchBody = no_body_files) -> Source:
    """Return the bytes of a file as a source. `fetch` reads the bodies that are in other files."""
    return _with_interactions(parse_document(name, raw), fetch)


def parse_document(name: str, raw: bytes) -> Source:
    """Return the bytes of a file as a source without interactions."""
    decoded = decode(raw)
    text, charset = decoded.text, decoded.charset
    if charset == "latin-1":  # what is used for bytes in no other charset
        return Source(name, raw, text, charset, problem="it is not UTF-8")
    try:
        return Source(name, raw, text, charset, document_text.read(text))
    except InvalidYamlError as error:
        problem = f"line {error.line}: {error.problem}"
    except RecursionError:
        problem = _TOO_DEEP
    return Source(name, raw, text, charset, problem=problem)


_TOO_DEEP = "it is nested too deeply"


def _with_interactions(source: Source, fetch: FetchBody) -> Source:
    if source.problem or not document_edit.is_cassette(source.document):
        return source
    try:
        document, body_problems = document_edit.with_bodies(source.document, fetch)
        found = document_edit.interactions(document)
    except NotACassetteError as error:
        return replace(source, document=None, problem=str(error))
    except RecursionError:
        return replace(source, document=None, problem=_TOO_DEEP)
    return replace(
        source, document=document, interactions=found, body_problems=tuple(body_problems)
    )
