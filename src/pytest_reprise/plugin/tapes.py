"""How the tape of a test or of a wider fixture is opened: settings, cassette, record mode."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ..cassette.model import CassetteUse
from ..cassette.naming import SUFFIX
from ..errors import ConfigurationError
from ..tape.modes import LIVE_FIXTURE, MODES, RecordMode
from ..tape.overrides import FILE_STORAGE, NO_OVERRIDES, Overrides
from ..tape.run import Run
from ..tape.tape import Tape
from .fault_marks import faults_of_marks
from .prediction import Prediction
from .resolution import (
    command_id,
    configuring,
    extra_cassettes,
    marks_of,
    overrides_of,
    scope_in_shared_cassette,
    settings_of,
    settings_of_block,
    settings_of_session,
    use_of_fixture,
    use_of_test,
)
from .scope import Scope
from .selection import is_recorded

if TYPE_CHECKING:
    from .blocks import BlockScope
    from .scope_stack import ScopeStack
from ..tape.settings import Settings


class TapeOpener:
    """Makes scopes that know how to open their tapes."""

    def __init__(
        self, run: Run, prediction: Prediction, may_write: bool, only_files: bool = False
    ) -> None:
        self._run = run
        self._only_files = only_files
        """Whether another process will save the cassettes, without code of the suite."""
        self._prediction = prediction
        self._may_write = may_write
        """False in a worker of pytest-xdist that records nothing, not even a seed."""
        self.opened: set[Path] = set()
        """The places of all cassettes that were opened, or made."""

    def test_scope(self, item: pytest.Function) -> Scope:
        """The scope of a recorded test."""
        nodeid = command_id(item)

        def open_tape() -> tuple[Settings, Tape]:
            marks = marks_of(item)
            settings = settings_of(item, marks)
            overrides, suffix = overrides_of(item, settings, extra_cassettes(item, marks))
            use = use_of_test(item, nodeid, marks, settings, suffix)
            mode = self._writing(MODES[settings.record_mode])
            tape = self._opened(use, mode, overrides.with_settings(settings))
            self.opened.update((use.path, *overrides.extra))
            tape.faults = faults_of_marks(marks.get("fault", ()))
            return settings, tape

        return Scope(nodeid, open_tape)

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
                settings = settings_of(item, marks_of(item))
                overrides, suffix = overrides_of(item, settings)
            use = use_of_fixture(fixturedef, request, settings.record_mode, suffix)
            mode = self._fixture_mode(use, MODES[settings.record_mode], fixturedef)
            mode = self._writing(mode)
            self.opened.add(use.path)
            return settings, self._opened(use, mode, overrides.with_settings(settings))

        name = f"fixture {fixturedef.argname}, set up for {command_id(item)}"
        return Scope(name, open_tape, fixturedef)

    def block_scope(
        self, path: Path, options: Mapping[str, object], item: pytest.Function, scopes: ScopeStack
    ) -> BlockScope:
        """The scope of a block of code in a test, which may not be recorded, or in a fixture."""
        from ..blocks.paths import overrides_of as overrides_of_block
        from ..blocks.paths import path_of
        from .blocks import BlockScope

        is_in_test = scopes.is_test_active
        nodeid = command_id(item)

        def open_tape() -> tuple[Settings, Tape]:
            settings = settings_of_block(item, options, is_in_test)
            place = path_of(path, settings, item.config.rootpath)
            configure = configuring(item.config)
            overrides = overrides_of_block(settings, place.parent, configure)
            name = scope_in_shared_cassette(item) if is_in_test else ""
            use = CassetteUse(name, place, settings.record_mode, nodeid, is_of_block=True)
            self.opened.update((place,))
            mode = self._writing(MODES[settings.record_mode])
            return settings, self._opened_block(use, mode, overrides.with_settings(settings))

        name = f"use_cassette({path.name!r}) in {nodeid}"
        return BlockScope(name, open_tape, scopes.test if is_in_test else None, is_in_test)

    def _opened(self, use: CassetteUse, mode: RecordMode, overrides: Overrides) -> Tape:
        tape = Tape(use, mode, self._run, overrides)
        if self._only_files and tape.may_send and overrides.storage is not FILE_STORAGE:
            raise ConfigurationError(_OTHER_STORAGE.format(mode.name))
        return tape

    def _opened_block(self, use: CassetteUse, mode: RecordMode, overrides: Overrides) -> Tape:
        tape = self._opened(use, mode, overrides)
        if self._only_files and tape.may_send:
            raise ConfigurationError(_BLOCK.format(mode.name))
        return tape

    def _writing(self, mode: RecordMode) -> RecordMode:
        return mode if self._may_write else mode._replace(writes=False)

    def _fixture_mode(
        self, use: CassetteUse, mode: RecordMode, fixture: pytest.FixtureDef[Any]
    ) -> RecordMode:
        """The mode of a wider fixture: LIVE_FIXTURE if a new test needs its real values."""
        if mode.records_only_new_scopes and self._prediction.has_user_without_cassette(fixture):
            cassette = self._run.store.load(use.path)
            if cassette and cassette.interactions:
                return LIVE_FIXTURE
        return mode


_OTHER_STORAGE = """\
A worker of pytest-xdist cannot record this test: the suite stores cassettes by code of its own \
(a serializer, a persister, or hooks of vcrpy).

Record it in one process:
  pytest -n 0 --record-mode={}"""

_BLOCK = """\
A worker of pytest-xdist cannot record use_cassette: blocks of several workers may use one cassette.

Record it in one process:
  pytest -n 0 --record-mode={}"""
