"""The cassettes of one run: what the disk held when the run began, and what the run recorded.

A cassette is parsed once while it is in use. What the run records is written, and never read back
in it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from ..cassette.model import Cassette, Header
from ..exchange import Interaction
from .overrides import FILES, Storage

_MOST = 16
"""Cassettes in memory: of a thousand, Python's collector of garbage would look at each again and
again, a tenth of the time of a replay."""


class Shelf:
    """Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._before: dict[Path, Cassette | None] = {}
        """Those that were asked for last; they can be read again."""
        self._replaced: dict[Path, Cassette | None] = {}
        """What the disk held in the place of those that this run has written."""
        self._storages: dict[Path, Storage] = {}
        self._written: dict[Path, Cassette] = {}
        self._marks: dict[Path, int] = {}

    def before(self, path: Path, storage: Storage = FILES) -> Cassette | None:
        """The cassette as the run found it, or None where there was none.

        The first who asks says where it is stored. Raises CassetteError.
        """
        with self._lock:
            for known in (self._replaced, self._before):
                if path in known:
                    return known[path]
            found = self._before[path] = self._storages.setdefault(path, storage).load(path)
            if len(self._before) > _MOST:
                del self._before[next(iter(self._before))]
            return found

    def write(
        self,
        path: Path,
        header: Header,
        interactions: tuple[Interaction, ...],
        even_if_alike: bool,
        mark: int = 0,
    ) -> bool:
        """Put `interactions` in the place of what `header.scope` had recorded in this cassette.

        What other scopes recorded stays. Returns False, and leaves the file untouched, where it
        says the same already, unless `even_if_alike`. `mark` says how much was known by now.
        """
        with self._lock:
            now = self._written.get(path) or self.before(path)
            new = (now or Cassette()).with_recording(header, interactions)
            if now and not even_if_alike and _say_the_same(now, new):
                return False
            self._replaced[path] = self.before(path)
            self._storages[path].save(path, new)
            self._written[path], self._marks[path] = new, mark
            return True

    @property
    def has_written(self) -> bool:
        return bool(self._written)

    def mend(self, mark: int, change: Callable[[Cassette], Cassette]) -> None:
        """Write again what was written when less was known than now, where `change` changes it."""
        with self._lock:
            early = [path for path, known in self._marks.items() if known < mark]
            for path in early:
                mended = change(self._written[path])
                if mended != self._written[path]:
                    self._storages[path].save(path, mended)
                self._written[path], self._marks[path] = mended, mark


def _say_the_same(now: Cassette, new: Cassette) -> bool:
    if now.header is None or new.header is None or now.header.values != new.header.values:
        return False
    from ..drift.changes import are_equivalent

    return are_equivalent(now.interactions, new.interactions)
