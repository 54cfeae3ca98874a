"""What a tape plays from: its own cassette, and further ones that a mark names."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ..cassette.model import Cassette, CassetteUse, Header
from ..exchange import Interaction
from ..matching.index import Index
from .overrides import Overrides
from .store import CassetteStore

if TYPE_CHECKING:
    from ..matching.request_parts import Matching
    from ..matching.search import Search
    from ..scrub.scrubber import Scrubber


class Sources:
    """The loaded cassettes, after the suite's filters. Raises CassetteError for a broken one."""

    def __init__(
        self,
        use: CassetteUse,
        store: CassetteStore,
        scrubber: Callable[[], Scrubber],
        overrides: Overrides,
    ) -> None:
        self._store = store
        self._scrubber = scrubber
        self._overrides = overrides
        self.cassette = self._load(use.path)
        """The cassette at the use's path, or None where there is no file."""
        cassette = self.cassette or Cassette()
        self.own = cassette.interactions_of(use.scope)
        """The interactions of the cassette that this scope recorded."""
        further = [path for path in dict.fromkeys(overrides.extra) if path != use.path]
        self._extra_by_path = {path: self._load(path) for path in further}
        self._extra = [cassette for cassette in self._extra_by_path.values() if cassette]
        is_shared = len(self.own) < len(cassette.interactions)
        others = cassette.interactions_of_others(use.scope) if is_shared else ()
        self._all = self.own + others + tuple(self._extra_interactions())

    def _load(self, path: Path) -> Cassette | None:
        cassette = self._store.load(path, self._overrides.storage)
        keep = self._overrides.filter_interaction
        if cassette is None or keep is None:
            return cassette
        kept = tuple(k for i in cassette.interactions if (k := keep(i)))
        return cassette._replace(interactions=kept)

    def _extra_interactions(self) -> Iterator[Interaction]:
        return (interaction for cassette in self._extra for interaction in cassette.interactions)

    def _as_migrated(self) -> tuple[Interaction, ...]:
        """Return the interactions with the requests that a migration would write.

        A placeholder matches any value.
        """
        scrub = self._scrubber().scrub_request
        for interaction in self._all:
            scrub(interaction.request)  # a later request may show that a value is a secret
        return tuple(i._replace(request=scrub(i.request)) for i in self._all)

    @property
    def header(self) -> Header | None:
        """The header of the own cassette; None without one, and for a legacy cassette."""
        return self.cassette.header if self.cassette else None

    @property
    def are_available(self) -> bool:
        """Whether there is a cassette to play from."""
        return self.cassette is not None or any(self._extra_interactions())

    @property
    def are_legacy(self) -> bool:
        """Whether vcrpy's rules apply. The own cassette decides, where there is one."""
        found = [self.cassette] if self.cassette else self._extra
        return any(cassette.is_legacy for cassette in found)

    @property
    def matching(self) -> Matching:
        """The rules by which requests match."""
        from ..matching.request_parts import BY_MEANING, LEGACY

        usual = self._overrides.matching or (LEGACY if self.are_legacy else BY_MEANING)
        rules = self._overrides.rules
        return rules.extended(usual) if rules else usual

    @property
    def further(self) -> tuple[tuple[Path, int | None], ...]:
        """The cassettes that a mark names in addition to the own one, and their sizes.

        None is the size of one that does not exist.
        """
        return tuple(
            (path, None if cassette is None else len(cassette.interactions))
            for path, cassette in self._extra_by_path.items()
        )

    def recorded_at(self) -> Iterator[float | None]:
        """Yield when each interaction that can be played was recorded, in seconds since 1970."""
        from .ages import recorded_at

        from_own = len(self._all) - sum(len(cassette.interactions) for cassette in self._extra)
        yield from (recorded_at(i, self.header) for i in self._all[:from_own])
        for cassette in self._extra:
            yield from (recorded_at(i, cassette.header) for i in cassette.interactions)

    def make_index(self) -> Index:
        """Return an index in which nothing has been played."""
        # By vcrpy's rules the first interaction that fits answers, whatever its body, so that
        # looking up by bytes would be wrong there.
        by_bytes = self._overrides.matching is None and not self.are_legacy
        has_rules = self._overrides.rules is not None
        return Index(self._all, self._make_search, by_bytes=by_bytes, only_next=has_rules)

    def _make_search(self) -> Search:
        from ..matching.search import Search

        return Search(
            self._as_migrated() if self._store.is_strict else self._all,
            self._scrubber,
            self.header.recorded_at.timestamp() if self.header else 0.0,
            self.matching,
            self._overrides.repeats,
        )
