"""Cassette files on disk. No other module reads or writes one.

A save is atomic: a process that is killed leaves the old or the new cassette, never a part of one.
"""

from __future__ import annotations

import contextlib
import os
import re
import threading
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TypeAlias

from ..errors import CassetteError
from . import body_files
from .body_files import BodyFiles
from .load import Deserialize, parse
from .model import Cassette
from .regular_file import (
    MAX_BODY_FILE_SIZE,
    MAX_CASSETTE_SIZE,
    check_size,
    read_regular_file,
)
from .source_text import RECORD_AGAIN

Serialize: TypeAlias = Callable[[dict[str, object]], str]
"""Returns the text of a file for plain values, as the `serialize` of a vcrpy serializer."""

_SUFFIXES = (".yaml", ".yml")
_CONFLICT_MARKER = r"(?m)^(<{7}|={7}|>{7})( |$)"


def load(path: Path, deserialize: Deserialize | None = None) -> Cassette | None:
    """Return the cassette at `path`, or None if there is no file.

    `deserialize` reads a format other than YAML. Raises CassetteError for a file that is not a
    cassette or that cannot be read; the file stays as it is.
    """
    text = _text(path)
    if text is None:
        return None
    try:
        return parse(text, path, deserialize, partial(read_body, path))
    except CassetteError as error:
        # Looked for only now: a body may contain the same markers in a file that is valid.
        conflict = re.search(_CONFLICT_MARKER, text)
        if conflict is None:
            raise
        line = text.count("\n", 0, conflict.start()) + 1
        repair = f"Take one side whole: git checkout --ours {path}   (or --theirs)"
        raise CassetteError(path, line, "an unresolved merge conflict", repair) from error


def _text(path: Path) -> str | None:
    try:
        raw = read_regular_file(path, MAX_CASSETTE_SIZE)
    except (FileNotFoundError, NotADirectoryError):
        if path.is_symlink():
            problem = f"a link to a file that does not exist: {path.readlink()}"
            raise CassetteError(path, 1, problem, RECORD_AGAIN) from None
        return None
    except OSError as error:
        repair = "Make it a readable file, or move it away and record again."
        raise CassetteError(path, 1, f"cannot be read: {error.strerror}", repair) from error
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise CassetteError(path, line, "not UTF-8", RECORD_AGAIN) from error


def read_body(path: Path, name: str) -> bytes:
    """Return the content of the body file `name` of the cassette at `path`.

    Raises BodyFileError if the file is missing, or is not the recorded one to the last byte.
    """
    body_files.check_name(name)
    try:
        # Beside the file itself, where `path` is a symbolic link to it.
        body = read_regular_file(path.resolve().parent / name, MAX_BODY_FILE_SIZE)
    except FileNotFoundError:
        raise body_files.missing(name) from None
    except OSError as error:
        raise body_files.unreadable(name, error.strerror) from None
    body_files.check(name, body)
    return body


def save(path: Path, cassette: Cassette, serialize: Serialize | None = None) -> None:
    """Write the cassette and its body files, atomically; create missing directories.

    `serialize` writes a format other than YAML, which has no body files. Raises OSError; then the
    files are as they were.
    """
    from .dump import document_of, dump

    files = BodyFiles(path.stem)
    text = serialize(document_of(cassette)) if serialize else dump(cassette, files.put)
    content = text.encode()
    check_size(path, content, MAX_CASSETTE_SIZE)
    for name, body in files.contents.items():
        check_size(path.with_name(name), body, MAX_BODY_FILE_SIZE)
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_cassette(path, content, files.contents)


def replace_cassette(path: Path, content: bytes, bodies: Mapping[str, bytes]) -> None:
    """Replace a cassette and its body files by others. `bodies` are the new ones, by file name.

    The order keeps one version whole at any time: first new body files are written, then the
    cassette is replaced, then unused body files are deleted. Raises OSError; then the cassette is
    as it was, and new body files are deleted again.
    """
    old_names = _body_files_of(path)
    with contextlib.ExitStack() as undo:
        for name, body in bodies.items():
            file = path.with_name(name)
            if not file.exists():
                undo.callback(file.unlink, missing_ok=True)
            if _content(file) != body:
                replace_file(file, body)
        replace_file(path, content)
        undo.pop_all()
    if old_names or bodies:
        # An unused body file does no harm. The next save tries to delete it again.
        with contextlib.suppress(OSError):
            _delete_unused(path, old_names)


def _body_files_of(path: Path) -> set[str]:
    return body_files.names_in(_content(path) or b"")


def _content(file: Path) -> bytes | None:
    try:
        return read_regular_file(file, MAX_BODY_FILE_SIZE)
    except OSError:
        return None


def _delete_unused(path: Path, old_names: set[str]) -> None:
    """Delete body files that no cassette in the directory refers to.

    Considered are those of the old cassette, and those with this cassette's name, which a recording
    that was killed may have left.
    """
    files = list(path.parent.iterdir())
    unused = {
        file.name
        for file in files
        if file.name in old_names or body_files.belongs_to(path.stem, file.name)
    }
    for cassette in (f for f in files if f.suffix in _SUFFIXES and unused):
        text = _content(cassette) or b""
        unused -= {name for name in unused if name.encode() in text}
    for name in unused:
        path.with_name(name).unlink(missing_ok=True)


def replace_file(path: Path, content: bytes) -> None:
    """Write `content` to a temporary file beside `path`, flush it to disk, and rename it to `path`.

    Permissions of an existing file stay. Raises OSError; then the file is as it was.
    """
    # Process and thread in the name: several may write the same cassette at once.
    temporary = path.with_name(f".reprise-{os.getpid()}-{threading.get_ident()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            temporary.chmod(path.stat().st_mode & 0o777)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
