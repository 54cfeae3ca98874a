"""The cassettes of one run: what was on disk when it began, and what it recorded.

What a run records is written, and never read back in the same run.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from ..cassette.model import Cassette, Header
from ..exchange import Interaction
from .overrides import FILE_STORAGE, Storage

_MOST_IN_MEMORY = 16
"""Loaded cassettes to remember. With a thousand of them, Python's garbage collector looks at each
object again and again, which takes a tenth of the time of a replay."""


class CassetteStore:
    """Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._loaded: dict[Path, Cassette | None] = {}
        """The last cassettes that were loaded. Others can be loaded again."""
        self._before_write: dict[Path, Cassette | None] = {}
        """What was on disk in the place of each cassette that this run has written."""
        self._storages: dict[Path, Storage] = {}
        self._written: dict[Path, Cassette] = {}
        self._known_secrets: dict[Path, int] = {}
        """How many secrets were known when each cassette was written."""

    def load(self, path: Path, storage: Storage = FILE_STORAGE) -> Cassette | None:
        """Return the cassette as it was before this run, or None where there was none.

        The storage of the first call for a path is used for all later ones. Raises CassetteError.
        """
        with self._lock:
            for known in (self._before_write, self._loaded):
                if path in known:
                    return known[path]
            found = self._loaded[path] = self._storages.setdefault(path, storage).load(path)
            if len(self._loaded) > _MOST_IN_MEMORY:
                del self._loaded[next(iter(self._loaded))]
            return found

    def write(
        self,
        path: Path,
        header: Header,
        interactions: tuple[Interaction, ...],
        even_if_equal: bool,
        known_secrets: int = 0,
    ) -> bool:
        """Replace what `header.scope` had recorded in a cassette by `interactions`.

        What other scopes recorded stays. Returns False and leaves the file alone where its content
        would be the same, unless `even_if_equal`. `known_secrets` is how many are known by now.
        Raises OSError.
        """
        with self._lock:
            now = self._written.get(path) or self.load(path)
            new = (now or Cassette()).with_recording(header, interactions)
            if now and not even_if_equal and _is_equivalent(now, new):
                return False
            self._before_write[path] = self.load(path)
            self._storages[path].save(path, new)
            self._written[path], self._known_secrets[path] = new, known_secrets
            return True

    @property
    def has_written(self) -> bool:
        return bool(self._written)

    def rewrite_outdated(self, known_secrets: int, scrub: Callable[[Cassette], Cassette]) -> None:
        """Write cassettes again that were written when fewer secrets were known, where `scrub`
        changes them. Raises OSError."""
        with self._lock:
            outdated = [p for p, known in self._known_secrets.items() if known < known_secrets]
            for path in outdated:
                scrubbed = scrub(self._written[path])
                if scrubbed != self._written[path]:
                    self._storages[path].save(path, scrubbed)
                self._written[path], self._known_secrets[path] = scrubbed, known_secrets


def _is_equivalent(now: Cassette, new: Cassette) -> bool:
    if now.header is None or new.header is None or now.header.values != new.header.values:
        return False
    from ..drift.changes import are_equivalent

    return are_equivalent(now.interactions, new.interactions)
