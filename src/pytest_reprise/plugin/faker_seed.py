"""The seed of Faker's `faker` fixture. Without it, each test would start from Faker's own seed."""

from __future__ import annotations

import pytest

FAKERS_DEFAULT = 0


class Alone:
    """Registered where no other plugin gives a seed to Faker's fixture."""

    @pytest.fixture
    def faker_seed(self, request: pytest.FixtureRequest) -> object:
        """The seed of a recorded test, else Faker's own."""
        return _recorded_seed(request, FAKERS_DEFAULT)


class BesideRandomly:
    """Registered where pytest-randomly gives each test a seed."""

    @pytest.fixture
    def faker_seed(self, request: pytest.FixtureRequest, faker_seed: object) -> object:
        """The seed of a recorded test, else that of the suite or of pytest-randomly."""
        return _recorded_seed(request, faker_seed)


def _recorded_seed(request: pytest.FixtureRequest, default: object) -> object:
    hooks = request.config.pluginmanager.get_plugin("reprise-recording")
    tape = hooks.current_tape() if hooks else None
    return default if tape is None or tape.seed is None else tape.seed
