"""Recordings that never become cassettes: of tests that failed, and of a run that writes nothing.

They are compared with the cassettes at the end of the run, and deleted. Until then they are in a
temporary directory, since a long recording does not fit into memory.
"""

from __future__ import annotations

import contextlib
import shutil
import weakref
from collections.abc import Callable, Collection
from pathlib import Path
from tempfile import mkdtemp


class Scratch:
    """Takes the place of `Staging` where nothing may be written. Methods raise OSError."""

    is_usable = True

    def __init__(self) -> None:
        self._directory: Path | None = None
        self._places: dict[Path, Path] = {}
        self._staged: dict[Path, Path] = {}

    def place_for(self, path: Path) -> Path:
        """Return the path of the file that is compared with `path`."""
        if path not in self._places:
            directory = self._make_directory() / str(len(self._places))
            directory.mkdir()
            self._places[path] = directory / path.name
        return self._places[path]

    def add(self, path: Path) -> None:
        """Note that the file has been written."""
        self._staged[path] = self.place_for(path)

    def staged(self, path: Path) -> Path | None:
        """Return where the recording is that is compared with `path`, if there is one."""
        return self._staged.get(path)

    @property
    def name(self) -> str:
        """The name of directories of staged cassettes; this has none of them."""
        return ""

    def all_staged(self) -> list[tuple[Path, Path]]:
        """Return each path with the file that is compared with it."""
        return sorted(self._staged.items())

    def drop(self, path: Path) -> None:
        """Forget the recording."""
        with contextlib.suppress(OSError):
            self._staged.pop(path).unlink()

    def commit(
        self,
        _prepare: Callable[[], None] = lambda: None,
        _drop_with: Callable[[Collection[Path]], None] = lambda _: None,
        /,
    ) -> dict[Path, OSError]:
        """Delete everything; nothing can fail."""
        self._staged.clear()
        self._places.clear()
        if self._directory:
            shutil.rmtree(self._directory, ignore_errors=True)
        self._directory = None
        return {}

    def _make_directory(self) -> Path:
        """Return the temporary directory, which is deleted also after a run that fails."""
        if self._directory is None:
            self._directory = Path(mkdtemp(prefix="reprise-"))
            weakref.finalize(self, shutil.rmtree, self._directory, ignore_errors=True)
        return self._directory


class WorkerScratch(Scratch):
    """The cassettes that one of several processes records, in its own directory.

    Each version of a cassette has a place of its own: a fixture may be set up several times. The
    process that puts all recordings together deletes the directory.
    """

    def __init__(self, directory: Path) -> None:
        super().__init__()
        self._directory = directory
        self._count = 0

    def place_for(self, path: Path) -> Path:
        if path not in self._places:
            self._count += 1
            directory = self._make_directory() / str(self._count)
            directory.mkdir(parents=True)
            self._places[path] = directory / path.name
        return self._places[path]

    def add(self, path: Path) -> None:
        self._staged[path] = self._places.pop(path)

    def _make_directory(self) -> Path:
        assert self._directory
        return self._directory
