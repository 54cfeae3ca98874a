"""The journal of a recording: it names the directories with staged cassettes.

Its process holds a lock on it. A journal that stays names cassettes which could not be written.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from .locks import lock_file

FORMAT = 1
"""The version of the journal. One of another version is left alone."""
open_here: set[str] = set()
"""The journals of this process. A process can always take its own locks again."""


class Journal:
    """The journal of this process: one JSON object in each line, locked as long as it is open."""

    def __init__(self, home: Path, command: str) -> None:
        self.home = home
        self._command = command
        self._is_kept = False
        self.directories: list[Path] = []
        """The directories that were made, each after the one that it is in."""
        self.descriptor = self._create(home)
        try:
            self.add({"reprise": FORMAT, "command": command})
        except OSError:
            self.remove()
            raise

    def _create(self, home: Path) -> int:
        while True:
            descriptor, path = tempfile.mkstemp(prefix=".reprise-", suffix=".journal", dir=home)
            open_here.add(path)
            self.path = Path(path)
            # Another process may have deleted the file before it was locked.
            if lock_file(descriptor) and self.path.exists():
                return descriptor
            os.close(descriptor)

    @property
    def name(self) -> str:
        """The name of the directories with this run's cassettes."""
        return self.path.stem

    def add(self, entry: dict[str, object], durable: bool = False) -> None:
        # After a line end, since a full disk may have cut the last line.
        line = _lines([entry])
        if os.write(self.descriptor, line) < len(line):
            raise OSError(28, "No space left on device", str(self.path))
        if durable:
            os.fsync(self.descriptor)

    def remove(self) -> None:
        """Delete all directories that are left, and then the journal."""
        is_clear = False
        try:
            for directory in reversed(self.directories):
                delete_directory(directory, self.name)
            is_clear = True
        except OSError:  # the next run tries it again
            with contextlib.suppress(OSError):
                self.add({"done": True})
        os.close(self.descriptor)  # Windows does not delete an open file
        open_here.discard(str(self.path))
        if is_clear and not self._is_kept:
            with contextlib.suppress(OSError):
                self.path.unlink()

    def keep(self, paths: Iterable[Path]) -> None:
        """Let the next runs know that these cassettes are older than the others of their
        recording. Their directory, or the disk, could not be written to."""
        self._is_kept = True
        size = os.fstat(self.descriptor).st_size
        older = [[relative(path, self.home), state_of(path)] for path in paths]
        entry: dict[str, object] = {"older": older}
        try:
            self.add({"done": True})
            self.add(entry)
        except OSError:  # a full disk: it can still be written over, as far as that suffices
            first: dict[str, object] = {"reprise": FORMAT, "command": self._command}
            lines: list[dict[str, object]] = [first, {"done": True}, entry]
            while len(older) > 1 and len(_lines(lines)) > size:
                older.pop()
            with contextlib.suppress(OSError):
                os.lseek(self.descriptor, 0, os.SEEK_SET)
                os.write(self.descriptor, _lines(lines).ljust(size))


def state_of(path: Path) -> list[int]:
    """Return what differs when a cassette has been written again."""
    try:
        status = path.stat()
    except OSError:
        return []
    return [status.st_mtime_ns, status.st_size]


def _lines(entries: Iterable[dict[str, object]]) -> bytes:
    return b"".join(b"\n%s\n" % json.dumps(entry).encode() for entry in entries)


def relative(path: Path, home: Path) -> str:
    """A path that stays right when the project is moved, or seen from within a container."""
    return str(path.relative_to(home) if path.is_relative_to(home) else path.absolute())


def delete_directory(directory: Path, name: str) -> None:
    """Delete a directory of staged files; of others, only one that is empty."""
    if directory.name == name and directory.is_dir() and not directory.is_symlink():
        for file in directory.iterdir():
            file.unlink()
        directory.rmdir()
    else:
        with contextlib.suppress(OSError):
            directory.rmdir()
