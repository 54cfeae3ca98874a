"""How the tape of a test or of a wider fixture is opened: settings, cassette, record mode."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ..cassette.model import CassetteUse
from ..cassette.naming import SUFFIX
from ..tape.modes import LIVE_FIXTURE, MODES, RecordMode
from ..tape.overrides import NO_OVERRIDES
from ..tape.run import Run
from ..tape.tape import Tape
from .fault_marks import faults_of_marks
from .prediction import Prediction
from .resolution import (
    command_id,
    extra_cassettes,
    overrides_of,
    settings_of,
    settings_of_session,
    use_of_fixture,
    use_of_test,
    vcr_marks,
)
from .scope import Scope
from .selection import is_recorded
from .settings import Settings


class TapeOpener:
    """Makes scopes that know how to open their tapes."""

    def __init__(self, run: Run, prediction: Prediction, may_write: bool) -> None:
        self._run = run
        self._prediction = prediction
        self._may_write = may_write
        """False in a worker of pytest-xdist, where nothing is recorded, not even a seed."""
        self.opened: set[Path] = set()
        """The places of all cassettes that were opened, or made."""

    def test_scope(self, item: pytest.Function) -> Scope:
        """The scope of a recorded test."""

        def open_tape() -> tuple[Settings, Tape]:
            marks = vcr_marks(item)
            settings = settings_of(item, marks)
            overrides, suffix = overrides_of(item, settings, extra_cassettes(item, marks))
            use = use_of_test(item, settings, suffix)
            mode = self._writing(MODES[settings.record_mode])
            tape = Tape(use, mode, self._run, overrides)
            self.opened.update((use.path, *overrides.extra))
            tape.faults = faults_of_marks(item)
            return settings, tape

        return Scope(command_id(item), open_tape)

    def fixture_scope(
        self,
        fixturedef: pytest.FixtureDef[Any],
        request: pytest.FixtureRequest,
        item: pytest.Function,
    ) -> Scope:
        """The scope of a wider fixture that is set up for a test, which may not be recorded."""

        def open_tape() -> tuple[Settings, Tape]:
            settings, overrides, suffix = settings_of_session(item.config), NO_OVERRIDES, SUFFIX
            if is_recorded(item):
                settings = settings_of(item, vcr_marks(item))
                overrides, suffix = overrides_of(item, settings)
            use = use_of_fixture(fixturedef, request, settings.record_mode, suffix)
            mode = self._fixture_mode(use, MODES[settings.record_mode], fixturedef)
            mode = self._writing(mode)
            self.opened.add(use.path)
            return settings, Tape(use, mode, self._run, overrides)

        name = f"fixture {fixturedef.argname}, set up for {command_id(item)}"
        return Scope(name, open_tape, fixturedef)

    def _writing(self, mode: RecordMode) -> RecordMode:
        return mode if self._may_write else replace(mode, writes=False)

    def _fixture_mode(
        self, use: CassetteUse, mode: RecordMode, fixture: pytest.FixtureDef[Any]
    ) -> RecordMode:
        """The mode of a wider fixture: LIVE_FIXTURE if a new test needs its real values."""
        if mode.records_only_new_scopes and self._prediction.has_user_without_cassette(fixture):
            cassette = self._run.store.load(use.path)
            if cassette and cassette.interactions:
                return LIVE_FIXTURE
        return mode
