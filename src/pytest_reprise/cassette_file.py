"""Cassettes on disk: the only place that opens one. A save is atomic, or nothing happens."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from .cassette import Cassette
from .cassette_load import RECORD_AGAIN, Read, parse
from .errors import CassetteError

Write: TypeAlias = Callable[[dict[str, object]], str]
"""From plain values to the text of a file, as a serializer of vcrpy does."""

_CONFLICT = re.compile(r"^(<{7}|={7}|>{7})( |$)", re.MULTILINE)


def load(path: Path, read: Read | None = None) -> Cassette | None:
    """The cassette at `path`, or None where there is no file; `read` reads what is not YAML.

    Raises CassetteError for whatever else is no cassette; the file is left as it is.
    """
    text = _text(path)
    if text is None:
        return None
    try:
        return parse(text, path, read)
    except CassetteError as error:
        conflict = _CONFLICT.search(text)
        if conflict is None:
            raise
        line = text.count("\n", 0, conflict.start()) + 1
        repair = f"Take one side whole: git checkout --ours {path}   (or --theirs)"
        raise CassetteError(path, line, "an unresolved merge conflict", repair) from error


def _text(path: Path) -> str | None:
    try:
        with path.open("rb", buffering=0) as file:  # a buffer adds half to the time of small files
            raw = file.read()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        repair = "Make it a readable file, or move it away and record again."
        raise CassetteError(path, 1, f"cannot be read: {error.strerror}", repair) from error
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise CassetteError(path, line, "not UTF-8", RECORD_AGAIN) from error


def save(path: Path, cassette: Cassette, write: Write | None = None) -> None:
    """Write the cassette to `path`, whole or not at all; `write` makes a text that is not YAML."""
    from .cassette_dump import document_of, dump

    text = write(document_of(cassette)) if write else dump(cassette)
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, text.encode())


def replace_file(path: Path, content: bytes) -> None:
    """Write to a temporary file beside `path`, flush it to disk, and swap it in.

    Raises OSError; then the file is as it was.
    """
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
