"""What a suite's configuration for vcrpy changes in one tape. By default nothing."""

from __future__ import annotations

from collections.abc import Callable
from errno import EINVAL
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..cassette import file
from ..cassette.model import Cassette
from ..cassette.naming import pending_path
from ..exchange import Interaction, Request

if TYPE_CHECKING:
    from ..matching.request_parts import Matching
    from .match_rules import MatchRules
    from .settings import Settings


class Storage(NamedTuple):
    """How cassettes are loaded and saved. Both functions raise what `cassette.file` raises."""

    load: Callable[[Path], Cassette | None]
    save: Callable[[Path, Cassette, bool], None]
    """The last argument: whether the file has to survive a power cut when this returns."""
    is_staged: bool
    """Whether a cassette is a file, which can be saved elsewhere first. Code of a suite may store
    it in any way."""

    def pending(self, path: Path) -> Path:
        """Return the path of a pending recording. Raises OSError where the suite itself stores
        it."""
        if not self.is_staged:
            raise OSError(EINVAL, "--reprise-pending: the suite itself stores it", str(path))
        return pending_path(path)


def _save(path: Path, cassette: Cassette, durable: bool) -> None:
    file.save(path, cassette, durable=durable)


FILE_STORAGE = Storage(file.load, _save, is_staged=True)


class Overrides(NamedTuple):
    """vcrpy's options as plain functions and values.

    A filter returns None for what is neither recorded nor replayed. As in vcrpy, filters are
    applied to what is recorded and to what is loaded.
    """

    matching: Matching | None = None
    """How requests are compared. None: by our rules, or by vcrpy's for a legacy cassette."""
    repeats: bool = False
    """An interaction may be played more than once (`allow_playback_repeats`)."""
    rules: MatchRules | None = None
    """What the settings change in matching. None: nothing."""
    drops_unplayed: bool = False
    """Interactions that were not played are removed from the cassette (`drop_unused_requests`)."""
    storage: Storage = FILE_STORAGE
    extra: tuple[Path, ...] = ()
    """Further cassettes that are played from and never written."""
    filter_request: Callable[[Request], Request | None] | None = None
    filter_interaction: Callable[[Interaction], Interaction | None] | None = None

    def with_settings(self, settings: Settings) -> Overrides:
        """Return these overrides with what the settings of a scope change in matching."""
        if settings.repeat_last and not self.repeats:
            return self._replace(repeats=True).with_settings(settings)
        if not (settings.ignore or settings.match_headers or settings.normalise):
            return self
        from .match_settings import make_rules

        rules = make_rules(settings.ignore, settings.match_headers, settings.normalise)
        return self._replace(rules=rules)

    def filtered(self, request: Request) -> Request | None:
        """Return the request as the suite's filters leave it."""
        return self.filter_request(request) if self.filter_request else request


NO_OVERRIDES = Overrides()
