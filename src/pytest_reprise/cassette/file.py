"""Load and save cassette files."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeAlias

from ..errors import CassetteError
from ..regular_file import (
    MAX_BODY_FILE_SIZE,
    MAX_CASSETTE_SIZE,
    check_size,
    read_regular_file,
)
from . import body_files
from .body_files import BodyFiles
from .load import Deserialize, parse
from .model import Cassette
from .source_text import RECORD_AGAIN

Serialize: TypeAlias = Callable[[dict[str, object]], str]
"""Returns the text of a file for plain values, as the `serialize` of a vcrpy serializer."""

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


def save(
    path: Path, cassette: Cassette, serialize: Serialize | None = None, durable: bool = True
) -> None:
    """Write the cassette and its body files, atomically; create missing directories.

    `serialize` writes a format other than YAML, which has no body files. `durable` says whether the
    files have to survive a power cut when this returns. Raises OSError; then the files are as they
    were.
    """
    from .dump import document_of, dump
    from .replace import replace_cassette

    files = BodyFiles(path.stem)
    text = serialize(document_of(cassette)) if serialize else dump(cassette, files.put)
    content = text.encode()
    check_size(path, content, MAX_CASSETTE_SIZE)
    for name, body in files.contents.items():
        check_size(path.with_name(name), body, MAX_BODY_FILE_SIZE)
    if not path.parent.is_dir():
        path.parent.mkdir(parents=True, exist_ok=True)
    replace_cassette(path, content, files.contents, durable)
