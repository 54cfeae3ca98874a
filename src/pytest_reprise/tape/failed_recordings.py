"""Recordings of scopes that failed: they are compared at the end of the run, and never saved."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..cassette.model import Cassette, Header
from ..exchange import Interaction
from .overrides import FILE_STORAGE
from .scratch import Scratch


class FailedRecordings:
    """Keeps them in temporary files. Methods raise OSError."""

    def __init__(self, scratch: Scratch) -> None:
        self._scratch = scratch

    def add(self, path: Path, header: Header, interactions: tuple[Interaction, ...]) -> None:
        """Keep what a scope with this cassette recorded."""
        known = self.place_of(path)
        before = FILE_STORAGE.load(known) if known else None
        made = (before or Cassette()).with_recording(header, interactions)
        FILE_STORAGE.save(self._scratch.place_for(path), made, False)
        self._scratch.add(path)

    def place_of(self, path: Path) -> Path | None:
        """Return the file with the recording for a cassette, if there is one."""
        return self._scratch.staged(path)

    def all(self) -> Iterator[tuple[Path, Cassette]]:
        """Yield the recordings, each with the path of its cassette."""
        for path, place in self._scratch.all_staged():
            if cassette := FILE_STORAGE.load(place):
                yield path, cassette

    def forget(self) -> None:
        """Delete them."""
        self._scratch.commit()
