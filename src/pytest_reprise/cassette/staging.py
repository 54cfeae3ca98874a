"""The cassettes of one run become visible together, at its end.

Until then they are in hidden directories beside their places, on the same disk, so that a missing
permission or a full disk is known when a cassette is staged. A journal in the home directory names
these directories. Once it says that the run has ended, the cassettes are moved to their places.

A process that is killed leaves the journal. The next run finds it, and knows by its lock that the
process has ended: it moves the cassettes of a run that had ended, and deletes those of another.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from ..patterns import lazy_regex
from . import body_files
from .journal import FORMAT, Journal, delete_directory, open_here, relative, state_of
from .locks import exclusive, lock_file
from .naming import pending_path
from .replace import TEMPORARY, body_files_of, delete_unused_bodies, move_into_place

STAGED = lazy_regex(r"\.reprise-[a-z0-9_]+")
"""The name of a directory with staged cassettes."""
_JOURNAL = lazy_regex(r"(\.reprise-[a-z0-9_]+)\.journal")
_LONGEST = 64 * 1024 * 1024
"""Bytes of a journal to read."""
_FLUSHES_AT_ONCE = 8
"""Threads. The system writes together what they flush: 500 files in 0.1 s, one by one in 2.5 s."""
_MOST_HOMES = 3
"""Directories above a cassette in which to look for a journal, where it cannot be at home."""


class Interrupted(NamedTuple):
    """What became of a recording that was interrupted."""

    command: str
    """The options to record again with."""
    cassettes: int
    """How many cassettes it had staged and not yet moved to their places."""
    was_complete: bool
    """Whether the run had ended; then they were moved now. Others were deleted."""
    failed: tuple[str, ...] = ()
    """Why some could not be moved or deleted."""
    older: tuple[Path, ...] = ()
    """The cassettes that are older than the others of this recording, which had ended."""


class Staging:
    """The staged cassettes of this process.

    `home` is where the next run looks for the journal; `command` is for its message. With
    `are_pending`, each is moved beside the cassette and not into its place. Methods raise OSError.
    """

    def __init__(self, home: Path, command: str, are_pending: bool = False) -> None:
        self._home = home
        self._are_pending = are_pending
        self._command = command
        self._process = os.getpid()
        self._journal: Journal | None = None
        self._places: dict[Path, Path] = {}
        self._staged: dict[Path, Path] = {}

    @property
    def is_usable(self) -> bool:
        """Whether this process will reach the end of the run. A forked child does not."""
        return os.getpid() == self._process

    @property
    def name(self) -> str:
        """The name of the directories with staged cassettes; "" where nothing is staged."""
        return self._journal.name if self._journal else ""

    def place_for(self, path: Path) -> Path:
        """Return the path at which the file is to be staged that replaces `path`."""
        if path not in self._places:
            self._places[path] = self._directory_beside(path) / path.name
        return self._places[path]

    def _directory_beside(self, path: Path) -> Path:
        journal = self._open_journal(path)
        directory = path.parent / journal.name
        if not directory.is_dir():
            missing = [d for d in (directory, *directory.parents) if not d.exists()]
            journal.add({"directories": [relative(d, journal.home) for d in reversed(missing)]})
            directory.mkdir(parents=True)
            journal.directories += reversed(missing)
        return directory

    def add(self, path: Path) -> None:
        """Note that the file which replaces `path` has been written, or written again."""
        self._staged[path] = self.place_for(path)

    def staged(self, path: Path) -> Path | None:
        """Return where the new version of `path` is staged, if it is."""
        return self._staged.get(path)

    def drop(self, path: Path) -> None:
        """Leave `path` as it is."""
        with contextlib.suppress(OSError):
            self._staged.pop(path).unlink()

    def commit(
        self,
        prepare: Callable[[], None] = lambda: None,
        drop_with: Callable[[Collection[Path]], None] = lambda _: None,
    ) -> dict[Path, OSError]:
        """Move all cassettes to their places; return those that failed, each with its error.

        `prepare` may still change what is staged. From then on no other run with the same home
        moves its cassettes. `drop_with` is called with the cassettes that could not be written, and
        may drop others, before any is moved.
        A process that is killed before the journal is complete has changed nothing. If it is killed
        later, the next run moves the others.
        """
        journal = self._journal
        if journal is None:
            return {}
        try:
            with exclusive(journal.home):
                prepare()
                failed = self._flush(journal)
                drop_with(failed)
                if self._are_pending:
                    self._rename()
                with contextlib.suppress(OSError):  # a full disk: the moves need no space
                    journal.add({"commit": len(self._staged)}, durable=True)
                unmoved = self._move()
                older = [path for path in unmoved if path.is_file()]
                if older and unmoved.keys() != self._staged.keys():
                    journal.keep(older)
                failed |= unmoved
        except OSError as error:  # another run has been moving its cassettes for a minute
            failed = dict.fromkeys(self._staged, error)
        # Not after a KeyboardInterrupt: then the next run completes what was begun here.
        self._staged.clear()
        self._places.clear()
        self._journal = None
        journal.remove()
        return failed

    def _flush(self, journal: Journal) -> dict[Path, OSError]:
        """Flush staged files to disk, and drop those that could not be written."""
        every = list(self._staged.items())
        slices = [every[n::_FLUSHES_AT_ONCE] for n in range(_FLUSHES_AT_ONCE)]
        failed: dict[Path, OSError] = {}
        with ThreadPoolExecutor(_FLUSHES_AT_ONCE) as pool:
            for errors in pool.map(_flush_cassettes, slices):
                failed |= errors
        for path in failed:
            self.drop(path)
        directories = {staged.parent for staged in self._staged.values()}
        _flush_directories({*directories, journal.home})
        return failed

    def _rename(self) -> None:
        """Give staged files the names of pending ones, by which the next run would move them."""
        for path, staged in self._staged.items():
            self._staged[path] = staged.rename(pending_path(staged))

    def _move(self) -> dict[Path, OSError]:
        failed: dict[Path, OSError] = {}
        moves: dict[Path, dict[Path, Path]] = {}
        for path, staged in self._staged.items():
            moves.setdefault(path.parent, {})[path] = staged
        for directory, files in moves.items():
            try:
                with exclusive(directory):  # once for all files: this takes half of the time
                    failed |= _moved(files)
                    with contextlib.suppress(OSError):
                        (directory / TEMPORARY).unlink(missing_ok=True)
            except OSError as error:  # another process has been writing there for a minute
                failed |= dict.fromkeys(files, error)
        _flush_directories(moves)
        return failed

    def _open_journal(self, path: Path) -> Journal:
        if self._journal is None:
            try:
                self._journal = Journal(self._home, self._command)
            except OSError:  # the cassettes may be on another disk, which can be written to
                for home in path.parents[:_MOST_HOMES]:
                    recover(home)
                home = next(directory for directory in path.parents if directory.exists())
                self._journal = Journal(home, self._command)
        return self._journal


def _moved(files: Mapping[Path, Path]) -> dict[Path, OSError]:
    """Move staged files to their places; return those that failed, each with its error."""
    failed: dict[Path, OSError] = {}
    for path, staged in files.items():
        try:
            move_into_place(staged, path.with_name(staged.name))
        except OSError as error:
            failed[path] = error
    return failed


# --- after a kill -----------------------------------------------------------------------------


def recover(home: Path) -> list[Interrupted]:
    """Complete or delete what runs have left that were killed. Those that still run are left alone.

    Raises no OSError.
    """
    try:
        journals = sorted(file for file in home.iterdir() if _JOURNAL.fullmatch(file.name))
    except OSError:
        return []
    return [found for journal in journals if (found := _recover(journal))]


def _recover(journal: Path) -> Interrupted | None:
    if str(journal) in open_here or not _is_plain(journal):
        return None
    try:
        with journal.open("r+b") as file:
            if not lock_file(file.fileno()) or not journal.exists():
                return None  # its process is alive, or another process has just done this
            entries = _entries(file.read(_LONGEST))
            if entries and entries[0].get("reprise") != FORMAT:
                return None
            with exclusive(journal.parent):
                found = _clear(journal, entries)
        if not (
            found.failed or found.older
        ):  # else it stays, so that a run which may write there does the rest
            journal.unlink(missing_ok=True)
    except OSError as error:
        return Interrupted("", 0, False, (f"{journal.name}: {error.strerror}",))
    return found if found.cassettes or found.failed or found.older else None


def forget_older(home: Path) -> None:
    """Delete the journals that only name older cassettes: all were recorded again."""
    with contextlib.suppress(OSError):
        for journal in home.iterdir():
            if _JOURNAL.fullmatch(journal.name) and _is_plain(journal):
                found = _recover(journal)
                if found and found.older and not found.failed:
                    journal.unlink(missing_ok=True)


def _older(entry: dict[str, object], journal: Path) -> Iterator[Path]:
    """Yield the cassettes that an entry calls older, and that were not written since then."""
    named = entry.get("older")
    for one in named if isinstance(named, list) else ():
        with contextlib.suppress(TypeError, ValueError):
            name, state = one
            path = journal.parent / name
            if state and state_of(path) == state:
                yield path


def _entries(content: bytes) -> list[dict[str, object]]:
    """The lines of a journal that were written whole."""
    entries = []
    for line in content.splitlines():
        with contextlib.suppress(ValueError, RecursionError):
            entry = json.loads(line)
            if isinstance(entry, dict):
                entries.append(entry)
    return entries


def _clear(journal: Path, entries: list[dict[str, object]]) -> Interrupted:
    directories = [d for entry in entries for d in _directories(entry, journal)]
    staging = [d for d in directories if d.name == journal.stem and not d.is_symlink()]
    is_done = any("done" in entry for entry in entries)
    cassettes = [] if is_done else [file for d in staging for file in _cassettes_in(d)]
    was_complete = any("commit" in entry for entry in entries)
    failed: list[str] = []
    if was_complete:
        places = {staged.parent.parent / staged.name: staged for staged in cassettes}
        failed += [f"{path}: {error.strerror}" for path, error in _moved(places).items()]
        for place in {directory.parent for directory in staging}:
            with contextlib.suppress(OSError):  # an unused body file does no harm
                delete_unused_bodies(place)
                _flush(place)
    if not failed:
        try:
            for directory in reversed(directories):
                delete_directory(directory, journal.stem)
        except OSError as error:
            failed.append(f"{error.filename}: {error.strerror}")
    command = str(entries[0].get("command", "")) if entries else ""
    older = tuple(path for entry in entries for path in _older(entry, journal))
    return Interrupted(command, len(cassettes), was_complete, tuple(failed), older)


def _directories(entry: dict[str, object], journal: Path) -> Iterator[Path]:
    """The directories that an entry names: each holds staged cassettes, or will hold such a one."""
    named = entry.get("directories")
    for name in named if isinstance(named, list) else ():
        with contextlib.suppress(TypeError, ValueError):  # no name, or not one of a file
            os.fsencode(name)
            if "\0" not in name:
                yield journal.parent / name


def _cassettes_in(directory: Path) -> list[Path]:
    try:
        files = sorted(directory.iterdir())
    except OSError:
        return []
    is_cassette = (f.name != TEMPORARY and f.suffix != body_files.SUFFIX for f in files)
    return [f for f, is_one in zip(files, is_cassette, strict=True) if is_one and _is_plain(f)]


def _is_plain(file: Path) -> bool:
    """Whether this is a regular file: a link or a pipe is not ours."""
    try:
        return stat.S_ISREG(file.lstat().st_mode)
    except OSError:
        return False


# --- disk -------------------------------------------------------------------------------------


def _flush(file: Path) -> None:
    descriptor = os.open(file, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _flush_cassettes(staged: Iterable[tuple[Path, Path]]) -> dict[Path, OSError]:
    """Flush staged files with their body files; return those that failed, each with its error."""
    failed: dict[Path, OSError] = {}
    for path, place in staged:
        try:
            for file in (place, *map(place.with_name, body_files_of(place))):
                _flush(file)
        except OSError as error:
            failed[path] = error
    return failed


def _flush_directories(directories: Iterable[Path]) -> None:
    """Make renames last. Not every system can open a directory."""
    for directory in directories:
        with contextlib.suppress(OSError):
            _flush(directory)
