"""The cassette of a test that was renamed after it was recorded."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from pathlib import Path

from ..cassette.model import CassetteUse
from ..errors import CassetteError
from ..exchange import Request
from .miss import Renamed
from .overrides import Overrides
from .player import Player
from .run import Run
from .sources import Sources

_MOST_READ = 30
"""Cassettes to read for one message."""


def find_renamed(
    request: Request, use: CassetteUse, run: Run, overrides: Overrides
) -> Renamed | None:
    """Return the unused cassette with the most similar name that answers a request, or None."""
    own = overrides._replace(extra=())
    unused = set(run.unused_cassettes(use))
    for path in _most_similar(use.path, unused):
        try:
            sources = Sources(use._replace(path=path, scope=""), run.store, run.get_scrubber, own)
        except (CassetteError, OSError):
            continue
        if Player(sources, run.bases, own).has_answer(request):
            return Renamed(path, is_whole=unused.issuperset(_with_any_parameter(path)))
    return None


def _with_any_parameter(path: Path) -> Iterator[Path]:
    """Yield the cassettes that differ from one in their parameters only."""
    name = path.stem.partition("[")[0]
    return (p for p in path.parent.glob(f"*{path.suffix}") if p.stem.partition("[")[0] == name)


def _most_similar(path: Path, others: Iterable[Path]) -> list[Path]:
    def likeness(other: Path) -> float:
        return difflib.SequenceMatcher(None, path.stem, other.stem).ratio()

    return sorted(others, key=likeness, reverse=True)[:_MOST_READ]
