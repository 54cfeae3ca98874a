"""What the end of a session has to know of its tests, and of how each scope ended, as values.

With pytest-xdist they come from the workers: the controller itself collects no tests.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import NamedTuple

from ..cassette.model import CassetteUse
from ..tape.closing import Action


class RecordedTest(NamedTuple):
    """A test of the session that is recorded and replayed, whether it has run or not."""

    id: str
    """As `CassetteUse.nodeid`."""
    nodeid: str
    """pytest's own id."""
    fixtures: frozenset[Hashable]
    """The fixtures that it uses."""
    has_cassette: Callable[[], bool]
    """Whether it had a cassette before; True where that cannot be known."""
    report: Callable[[str], None]
    """Reports an error of the test after it has ended."""


class Ended(NamedTuple):
    """How a test or wider fixture ended, and what became of its cassette."""

    name: str
    """The test or fixture, as messages name it."""
    use: CassetteUse
    action: Action
    is_test: bool
    fixture: Hashable
    """The wider fixture; None for a test or a block. Others may have the same name."""
    fixture_name: str
    is_unwritten: bool
    """It keeps an old cassette, since the new one could not be written."""
    is_compared: bool
    """It was recorded again, in a mode that reports what changed."""
    can_be_refreshed: bool
    """The new cassette can be merged into the old one."""
    replaces: bool
    """The recording replaces that of the old cassette."""
    confirmed_at: str = ""
    """When it was recorded again, in ISO 8601, if the old cassette was too old."""
