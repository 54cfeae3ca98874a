"""Cassettes on disk: the only place that opens one. A save is atomic, or nothing happens."""

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
from .load import RECORD_AGAIN, Deserialize, parse
from .model import Cassette

Serialize: TypeAlias = Callable[[dict[str, object]], str]
"""From plain values to the text of a file, as a serializer of vcrpy does."""

_SUFFIXES = (".yaml", ".yml")
_CONFLICT = r"(?m)^(<{7}|={7}|>{7})( |$)"


def load(path: Path, deserialize: Deserialize | None = None) -> Cassette | None:
    """The cassette at `path`, or None where there is no file; `deserialize` reads what is not YAML.

    Raises CassetteError for whatever else is no cassette; the file is left as it is.
    """
    text = _text(path)
    if text is None:
        return None
    try:
        return parse(text, path, deserialize, partial(read_body, path))
    except CassetteError as error:
        conflict = re.search(_CONFLICT, text)
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


def read_body(path: Path, name: str) -> bytes:
    """The body in the file of that name beside the cassette at `path`. Raises BodyFileError."""
    body_files.check_name(name)
    try:
        body = (path.resolve().parent / name).read_bytes()
    except FileNotFoundError:
        raise body_files.missing(name) from None
    except OSError as error:
        raise body_files.unreadable(name, error.strerror) from None
    body_files.check(name, body)
    return body


def save(path: Path, cassette: Cassette, serialize: Serialize | None = None) -> None:
    """Write the cassette to `path`, whole or not at all; `serialize` makes a text but not YAML."""
    from .dump import document_of, dump

    files = BodyFiles(path.stem)
    text = serialize(document_of(cassette)) if serialize else dump(cassette, files.put)
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_cassette(path, text.encode(), files.contents)


def replace_cassette(path: Path, content: bytes, bodies: Mapping[str, bytes]) -> None:
    """Put a cassette with its body files in the place of the one that is there, with its own.

    First come new bodies, then the cassette, and at last what nobody needs goes: whenever it is
    killed, one of the two is whole. Raises OSError; then all is as it was.
    """
    old = _named_by(path)
    with contextlib.ExitStack() as undo:
        for name, body in bodies.items():
            file = path.with_name(name)
            if not file.exists():
                undo.callback(file.unlink, missing_ok=True)
            if _content(file) != body:
                replace_file(file, body)
        replace_file(path, content)
        undo.pop_all()
    if old or bodies:
        with contextlib.suppress(OSError):  # what stays does no harm
            _tidy(path, old)


def _named_by(path: Path) -> set[str]:
    return body_files.named_in(_content(path) or b"")


def _content(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except OSError:
        return None


def _tidy(path: Path, old: set[str]) -> None:
    """Delete the bodies that the old cassette named, or a recording that was killed left behind,
    unless a cassette that is there names them."""
    files = list(path.parent.iterdir())
    unused = {f.name for f in files if f.name in old or body_files.is_of(path.stem, f.name)}
    for cassette in (f for f in files if f.suffix in _SUFFIXES and unused):
        text = _content(cassette) or b""
        unused -= {name for name in unused if name.encode() in text}
    for name in unused:
        path.with_name(name).unlink(missing_ok=True)


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
