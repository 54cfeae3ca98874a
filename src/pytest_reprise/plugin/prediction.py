"""What the selected tests will need, known before they run."""

from __future__ import annotations

import functools
from typing import Any, TypeAlias

import pytest

from ..cassette.naming import cassette_path
from . import cassette_dirs, fixtures
from .pytest_internals import definitions_by_name, report_late
from .recorded_tests import RecordedTest
from .resolution import command_id, is_overridden
from .selection import is_recorded

AnyFixture: TypeAlias = pytest.FixtureDef[Any]

NAMING_FIXTURES = ("vcr_cassette_dir", "default_cassette_name")


class Prediction:
    """Which fixtures the recorded tests of a session use, and which of the tests have no cassette.

    Each answer is computed when it is first needed, and kept for the session.
    """

    def __init__(self, session: pytest.Session) -> None:
        self._session = session

    def is_used(self, fixture: AnyFixture) -> bool:
        """Whether a recorded test of this session uses the fixture, in whatever order they run."""
        return fixture in self._fixtures_of_recorded

    def has_user_without_cassette(self, fixture: AnyFixture) -> bool:
        """Whether a recorded test that uses the fixture has no cassette yet.

        Tests whose suite names cassettes by its own fixtures do not count: those fixtures cannot be
        asked before the test runs.
        """
        return fixture in self._fixtures_without_cassette

    @functools.cached_property
    def recorded(self) -> list[pytest.Function]:
        """The recorded tests of the session."""
        return list(filter(is_recorded, self.tests))

    @property
    def tests(self) -> list[pytest.Function]:
        """All test functions of the session."""
        return [item for item in self._session.items if isinstance(item, pytest.Function)]

    def recorded_tests(self) -> list[RecordedTest]:
        """The recorded tests of the session, as values."""
        return [
            RecordedTest(
                command_id(item),
                item.nodeid,
                frozenset(fixtures_of(item)),
                has_cassette=functools.partial(has_cassette, item),
                report=functools.partial(report_late, item),
            )
            for item in self.recorded
        ]

    @functools.cached_property
    def _fixtures_of_recorded(self) -> frozenset[AnyFixture]:
        return frozenset(fixture for item in self.recorded for fixture in fixtures_of(item))

    @functools.cached_property
    def _fixtures_without_cassette(self) -> frozenset[AnyFixture]:
        new = (item for item in self.recorded if not has_cassette(item))
        return frozenset(fixture for item in new for fixture in fixtures_of(item))


def fixtures_of(item: pytest.Function) -> list[AnyFixture]:
    """The fixtures of a test, with those that they override. Others may have the same names."""
    defined = definitions_by_name(item)
    return [fixture for name in item.fixturenames for fixture in defined.get(name, ())]


def has_cassette(item: pytest.Function) -> bool:
    """Whether a recorded test has a cassette; True where that cannot be known."""
    if any(is_overridden(item, name) for name in NAMING_FIXTURES):
        return True
    directory = cassette_dirs.of_module(item.config, item.path)
    return cassette_path(directory, fixtures.cassette_name(item)).exists()
