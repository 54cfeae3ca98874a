"""What a tape plays from: its own cassette, and further ones that a mark names."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..cassette.model import Cassette, CassetteUse
from ..exchange import Interaction
from ..matching.index import Index
from .overrides import Dialect
from .store import Shelf

if TYPE_CHECKING:
    from ..matching.search import Search
    from ..scrub.scrubber import Scrubber


class Sources:
    """Cassettes as the suite's filters show them. Raises CassetteError for a broken one."""

    def __init__(
        self, label: CassetteUse, shelf: Shelf, scrubber: Callable[[], Scrubber], dialect: Dialect
    ) -> None:
        self._shelf = shelf
        self._scrubber = scrubber
        self._dialect = dialect
        self.cassette = self._filtered(shelf.before(label.path, dialect.storage))
        cassette = self.cassette or Cassette()
        self.own = cassette.interactions_of(label.scope)
        further = [path for path in dict.fromkeys(dialect.extra) if path != label.path]
        self._extra = [c for path in further if (c := self._load(path))]
        is_shared = len(self.own) < len(cassette.interactions)
        others = cassette.interactions_of_others(label.scope) if is_shared else ()
        self._all = self.own + others + tuple(self._of_extra())

    def _load(self, path: Path) -> Cassette | None:
        return self._filtered(self._shelf.before(path, self._dialect.storage))

    def _filtered(self, cassette: Cassette | None) -> Cassette | None:
        """vcrpy runs its filters on what is loaded too."""
        keep = self._dialect.filter_interaction
        if cassette is None or keep is None:
            return cassette
        kept = tuple(k for i in cassette.interactions if (k := keep(i)))
        return replace(cassette, interactions=kept)

    def _of_extra(self) -> Iterator[Interaction]:
        return (interaction for cassette in self._extra for interaction in cassette.interactions)

    @property
    def are_there(self) -> bool:
        """Whether there is something to play from."""
        return self.cassette is not None or any(self._of_extra())

    @property
    def are_legacy(self) -> bool:
        """Its own cassette decides, where there is one."""
        found = [self.cassette] if self.cassette else self._extra
        return any(cassette.is_legacy for cassette in found)

    def index(self) -> Index:
        """All of it, still to be played."""
        # By vcrpy's rules the first that fits is taken, whatever its body: there the key decides.
        is_ours = self._dialect.matching is None and not self.are_legacy
        return Index(self._all, self._search, by_bytes=is_ours)

    def _search(self) -> Search:
        from ..matching.request_parts import BY_MEANING, LEGACY
        from ..matching.search import Search

        header = self.cassette.header if self.cassette else None
        return Search(
            self._all,
            self._scrubber(),
            header.recorded_at.timestamp() if header else 0.0,
            self._dialect.matching or (LEGACY if self.are_legacy else BY_MEANING),
            self._dialect.repeats,
        )
