"""Which merged cassettes may not be written, since other cassettes would not fit them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from ..cassette.model import Cassette
from .refreshing import Refreshing

if TYPE_CHECKING:
    from .closing import ToRefresh

ALL_NEW = (
    "old and new values could not be paired, as after a fixture was edited: all cassettes take the "
    "values of this recording"
)
DOES_NOT_FIT = """\
The fixture of {} was edited. Its new cassette would not fit the tests that were not recorded \
now, so no cassette of this run was saved.

Record the whole suite again:
  pytest --record-mode=rewrite"""


def that_do_not_fit(
    refreshing: Refreshing,
    merged: Iterable[tuple[Path, Cassette | None]],
    written: Collection[Path],
    to_refresh: ToRefresh,
) -> set[Path]:
    """Return merged cassettes that would not fit the others of the run, or those that stay."""
    versions = dict(merged)
    refused = refreshing.that_do_not_fit(versions.items())
    refused |= refreshing.of_two_recordings(to_refresh.fixtures)
    refused |= refreshing.doubtful & {*to_refresh.fixtures}
    for path in to_refresh.fixtures:
        if to_refresh.is_complete:
            refused |= {path} if refreshing.makes_others(path) else set()
        elif _is_used(refreshing.lost(path, versions.get(path)), path, written):
            refused.add(path)
    return refused


def _is_used(values: Collection[str], path: Path, written: Collection[Path]) -> bool:
    """Whether a cassette that was not recorded now has one of these values of a fixture.

    These are in the directory of the fixture's cassette, or in those below its conftest.py.
    """
    top = path.parent.parent if path.parent.name == "cassettes" else path.parent
    sought = [value.encode() for value in values]
    others = (p for p in top.rglob(f"*{path.suffix}") if sought and p not in written)
    return any(value in text for p in others for text in [p.read_bytes()] for value in sought)
