"""What a suite's configuration for vcrpy changes for one tape; by default nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..cassette import file
from ..cassette.model import Cassette
from ..exchange import Interaction, Request

if TYPE_CHECKING:
    from ..matching.request_parts import Matching


class Storage(NamedTuple):
    """Where cassettes lie, and in what form. Both raise what `cassette_file` raises."""

    load: Callable[[Path], Cassette | None]
    save: Callable[[Path, Cassette], None]


FILES = Storage(file.load, file.save)


@dataclass(frozen=True, slots=True)
class Dialect:
    """The configuration, as plain functions.

    A filter gives None for what is neither recorded nor replayed. Filters see what is recorded, and
    what is loaded, as vcrpy's do.
    """

    matching: Matching | None = None
    """How requests are told apart; None for our way, or vcrpy's for a cassette that it wrote."""
    repeats: bool = False
    drops_unplayed: bool = False
    storage: Storage = FILES
    extra: tuple[Path, ...] = ()
    """Further cassettes that are played from, and never written."""
    filter_request: Callable[[Request], Request | None] | None = None
    filter_interaction: Callable[[Interaction], Interaction | None] | None = None

    def filtered(self, request: Request) -> Request | None:
        """A request as the suite's filters leave it, where they do."""
        return self.filter_request(request) if self.filter_request else request


PLAIN = Dialect()
