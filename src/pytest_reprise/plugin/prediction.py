"""What the selected tests will need, known before they run."""

from __future__ import annotations

import functools

import pytest

from . import fixtures
from .hooks import is_recorded
from .naming import cassette_path
from .resolution import is_said

_NAMING_FIXTURES = ("vcr_cassette_dir", "default_cassette_name")


class Prediction:
    """Answers are worked out when first asked for, and hold for the session."""

    def __init__(self, session: pytest.Session) -> None:
        self._session = session

    def is_used(self, fixture: str) -> bool:
        """Whether a recorded test of this session uses the fixture, in whatever order they run."""
        return fixture in self._fixtures_of_recorded

    def has_user_without_cassette(self, fixture: str) -> bool:
        """Whether a recorded test that uses the fixture has no cassette yet.

        False where the suite names its cassettes by fixtures of its own, which cannot be asked
        before the test runs.
        """
        return fixture in self._fixtures_without_cassette

    @functools.cached_property
    def recorded(self) -> list[pytest.Function]:
        """The recorded tests of the session."""
        items = self._session.items
        return [i for i in items if isinstance(i, pytest.Function) and is_recorded(i)]

    @functools.cached_property
    def _fixtures_of_recorded(self) -> frozenset[str]:
        return frozenset(name for item in self.recorded for name in item.fixturenames)

    @functools.cached_property
    def _fixtures_without_cassette(self) -> frozenset[str]:
        lacking = (item for item in self.recorded if _lacks_cassette(item))
        return frozenset(name for item in lacking for name in item.fixturenames)


def _lacks_cassette(item: pytest.Function) -> bool:
    if any(is_said(item, name) for name in _NAMING_FIXTURES):
        return False
    directory = fixtures.module_cassette_dir(item.config, item.path)
    return not cassette_path(directory, fixtures.name_of(item)).exists()
