"""The seed of Faker's own `faker` fixture, which would start each test from the same one."""

from __future__ import annotations

import pytest

FAKERS_DEFAULT = 0


class Alone:
    """Registered where Faker's fixture takes no seed from another plugin."""

    @pytest.fixture
    def faker_seed(self, request: pytest.FixtureRequest) -> object:
        """The seed of a recorded test, else Faker's own."""
        return _recorded_seed(request, FAKERS_DEFAULT)


class BesideRandomly:
    """Registered beside pytest-randomly, which has a seed for each test."""

    @pytest.fixture
    def faker_seed(self, request: pytest.FixtureRequest, faker_seed: object) -> object:
        """The seed of a recorded test, else the one that the suite or pytest-randomly has."""
        return _recorded_seed(request, faker_seed)


def _recorded_seed(request: pytest.FixtureRequest, otherwise: object) -> object:
    scopes = request.config.pluginmanager.get_plugin("reprise-scopes")
    tape = scopes.current_tape() if scopes else None
    return otherwise if tape is None or tape.seed is None else tape.seed
