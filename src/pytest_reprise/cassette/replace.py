"""Replace files on disk. A process that is killed leaves the old or the new one, never a part."""

from __future__ import annotations

import contextlib
import filecmp
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from ..regular_file import MAX_BODY_FILE_SIZE, read_regular_file
from . import body_files
from .locks import exclusive

TEMPORARY = ".reprise-save.tmp"
"""The name of a file that is being written, in the directory of the one that it replaces."""
_SUFFIXES = (".yaml", ".yml")


def replace_cassette(
    path: Path, content: bytes, bodies: Mapping[str, bytes], durable: bool = True
) -> None:
    """Replace a cassette and its body files by others. `bodies` are the new ones, by file name.

    Raises OSError; then the cassette is as it was, and new body files are deleted again.
    """

    def write_body(file: Path) -> None:
        if _content(file) != bodies[file.name]:
            replace_file(file, bodies[file.name], durable)

    _replace_all(path, bodies, write_body, lambda: replace_file(path, content, durable))


def move_into_place(staged: Path, path: Path) -> None:
    """Replace the cassette at `path` by the one at `staged`, which has its body files beside it.

    May be called again after a process was killed in it. Raises OSError; then the cassette at
    `path` is as it was.
    """

    def move_body(file: Path) -> None:
        new = staged.with_name(file.name)
        is_moved = file.exists() and not new.exists()
        if not is_moved and not (file.exists() and filecmp.cmp(file, new, shallow=False)):
            new.replace(file)

    def move_cassette() -> None:
        _keep_permissions(staged, path)
        staged.replace(path)

    _replace_all(path, body_files_of(staged), move_body, move_cassette)


def remove_cassette(path: Path) -> None:
    """Delete a cassette, and its body files that no other cassette beside it refers to.

    Raises OSError.
    """
    with exclusive(path.parent):
        names = body_files_of(path)
        path.unlink(missing_ok=True)
        if names:
            _delete_unused(path, names)


def _replace_all(
    path: Path,
    bodies: Iterable[str],
    replace_body: Callable[[Path], None],
    replace_it: Callable[[], None],
) -> None:
    """Replace a cassette, with one version whole at any time.

    First new body files are written, then the cassette is replaced, then unused body files are
    deleted. Without the lock, another process would delete a body file that is not yet in use.
    """
    with exclusive(path.parent), contextlib.ExitStack() as undo:
        old_names = body_files_of(path)
        for file in map(path.with_name, bodies):
            if not file.exists():
                undo.callback(file.unlink, missing_ok=True)
            replace_body(file)
        replace_it()
        undo.pop_all()
        if old_names or bodies:
            # An unused body file does no harm. The next save tries to delete it again.
            with contextlib.suppress(OSError):
                _delete_unused(path, old_names)


def body_files_of(path: Path) -> set[str]:
    """Return the names of the body files that a cassette refers to; none if there is no cassette.

    Raises OSError.
    """
    return body_files.names_in(_content(path))


def _content(file: Path) -> bytes:
    try:
        return read_regular_file(file, MAX_BODY_FILE_SIZE)
    except FileNotFoundError:
        return b""


def _delete_unused(path: Path, old_names: set[str]) -> None:
    """Delete body files that no cassette in the directory refers to.

    Considered are those of the old cassette, and those with this cassette's name, which a recording
    that was killed may have left.
    """
    files = list(path.parent.iterdir())
    _delete_unnamed(files, lambda name: name in old_names or body_files.belongs_to(path.stem, name))


def delete_unused_bodies(directory: Path) -> None:
    """Delete all body files of the cassettes in a directory to which none of them refers."""
    if directory.is_dir():
        with exclusive(directory):
            files = list(directory.iterdir())
            stems = [file.stem for file in files if file.suffix in _SUFFIXES]
            _delete_unnamed(
                files, lambda name: any(body_files.belongs_to(stem, name) for stem in stems)
            )


def _delete_unnamed(files: list[Path], is_considered: Callable[[str], bool]) -> None:
    unused = {file for file in files if is_considered(file.name)}
    for cassette in (file for file in files if file.suffix in _SUFFIXES and unused):
        text = _content(cassette)
        unused -= {file for file in unused if file.name.encode() in text}
    for file in unused:
        file.unlink(missing_ok=True)


def replace_file(path: Path, content: bytes, durable: bool = True) -> None:
    """Write `content` to a temporary file beside `path`, and rename it to `path`.

    Permissions of an existing file stay. Raises OSError; then the file is as it was.
    """
    with exclusive(path.parent):
        # One name for all, since the lock allows one at a time: it replaces what a process that was
        # killed has left.
        temporary = path.with_name(TEMPORARY)
        try:
            with temporary.open("wb") as file:
                file.write(content)
                if durable:
                    file.flush()
                    os.fsync(file.fileno())
            _keep_permissions(temporary, path)
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


def _keep_permissions(new: Path, path: Path) -> None:
    if path.exists():
        new.chmod(path.stat().st_mode & 0o777)
