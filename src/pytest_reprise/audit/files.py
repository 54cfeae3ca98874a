"""The files that are audited: which they are, and what each is."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ..cassette import document_edit, document_text
from ..cassette.body_files import FetchBody, no_body_files
from ..cassette.document_edit import NotACassetteError, Tree
from ..cassette.file import read_body
from ..cassette.yaml.safe import InvalidYamlError
from ..exchange import Interaction
from ..scrub.content.charsets import decode

_SUFFIXES = (".yaml", ".yml", ".json")
_SKIPPED = frozenset(
    ".git .hg .svn .venv .tox .nox node_modules __pycache__ .mypy_cache .pytest_cache "
    ".ruff_cache .hypothesis".split()
)


@dataclass(frozen=True, slots=True)
class Source:
    """One file. Where it is no cassette, `interactions` is None, and its text is all there is.

    `problem` says why a file that might be one cannot be read as one, `unseen` which bodies of a
    cassette could not be read.
    """

    name: str
    raw: bytes
    text: str
    charset: str = "utf-8"
    document: Tree = None
    interactions: tuple[Interaction, ...] | None = None
    problem: str = ""
    unseen: tuple[str, ...] = ()

    def with_text(self, text: str) -> bytes:
        """Another text in the file's character set."""
        return text.encode(self.charset, "surrogatepass")


def files(paths: Iterable[Path], base: Path = Path()) -> list[Path]:
    """The files at and below some paths, which count from `base`, in order.

    Raises FileNotFoundError for no such path.
    """
    found = set[Path]()
    for path in paths:
        if not os.path.lexists(base / path):
            raise FileNotFoundError(f"no such file or directory: {path}")
        found |= set(_below(path, base)) if (base / path).is_dir() else {path}
    return sorted(found)


def _below(directory: Path, base: Path) -> Iterator[Path]:
    """Links to directories are not followed, and so no loop is."""
    for top, directories, names in os.walk(base / directory):
        directories[:] = [name for name in directories if name not in _SKIPPED]
        place = directory / Path(top).relative_to(base / directory)
        yield from (place / name for name in names if name.lower().endswith(_SUFFIXES))


def read(path: Path, base: Path = Path()) -> Source:
    """The file at a path, which counts from `base`. Raises OSError."""
    file = base / path
    if file.exists() and not file.is_file():
        raise OSError(errno.EINVAL, "it is no regular file")
    return source_of(path.as_posix(), file.read_bytes(), partial(read_body, file))


def source_of(name: str, raw: bytes, fetch: FetchBody = no_body_files) -> Source:
    """What the bytes of a file are; `fetch` gives the bodies that it has in files of their own."""
    decoded = decode(raw)
    text, charset = decoded.text, decoded.charset
    if charset == "latin-1":
        return Source(name, raw, text, charset, problem="it is not UTF-8")
    try:
        document = document_text.read(text)
        if not document_edit.is_cassette(document):
            return Source(name, raw, text, charset, document)
        document, unseen = document_edit.with_bodies(document, fetch)
        found = document_edit.interactions(document)
    except InvalidYamlError as error:
        problem = f"line {error.line}: {error.problem}"
        return Source(name, raw, text, charset, problem=problem)
    except (NotACassetteError, RecursionError) as error:
        problem = str(error) if isinstance(error, NotACassetteError) else "it is nested too deeply"
        return Source(name, raw, text, charset, problem=problem)
    return Source(name, raw, text, charset, document, found, unseen=unseen)
