"""Who is talking: the stack of scopes, each with a tape of its own.

A test has a tape from its set-up to its teardown; a fixture of a wider scope has one for its own
set-up and teardown. Requests belong to the scope that runs when they are made, whoever built the
client. The stack is one for the process, since a test's threads and event loops have to see it.
"""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Callable, Generator
from typing import Any

import pytest

from .. import __version__
from ..cassette import Label
from ..errors import RepriseError
from ..modes import LIVE, RULES, Rule
from ..report.tally import Tally
from ..scrub.placeholders import Vault, secrets_of_environment
from ..scrub.scrubber import Scrubber
from ..settings import Settings, Severity
from ..shelf import Shelf
from ..tape import Run, Tape
from ..transport import serve
from . import RepriseWarning, is_recorded, shown_path
from .gate import Gate
from .prediction import Prediction
from .resolution import fixture_label, label_of, settings_of


class Scope:
    """One who may talk. Its tape is opened when it makes its first request."""

    def __init__(self, name: str, open_tape: Callable[[], tuple[Settings, Tape]]) -> None:
        self.name = name
        self.failed = False
        self.skipped = False
        self.told = 0
        """How many of the tape's misses have been told already."""
        self._open_tape = open_tape
        self._lock = threading.RLock()
        self._opened: tuple[Settings, Tape] | None = None

    @property
    def is_open(self) -> bool:
        return self._opened is not None

    @property
    def settings(self) -> Settings:
        return self._open()[0]

    @property
    def tape(self) -> Tape:
        return self._open()[1]

    def _open(self) -> tuple[Settings, Tape]:
        with self._lock:
            if self._opened is None:
                self._opened = self._open_tape()
            return self._opened

    def new_misses(self) -> list[RepriseError]:
        """The misses since this was asked last."""
        missed = self.tape.missed[self.told :] if self.is_open else []
        self.told += len(missed)
        return missed


class FixtureScope(Scope):
    """A wider fixture; `passed_before` is how many tests had passed when it was set up."""

    passed_before = 0


SCOPE = pytest.StashKey[Scope]()


class Scopes:
    """The hooks around tests and wider fixtures; registered where a test is to be recorded."""

    def __init__(self, session: pytest.Session) -> None:
        vault = Vault(secrets_of_environment(os.environ))
        self.tally = Tally()
        self._gate = Gate(session)
        self._run = Run(Shelf(), Scrubber(vault), _recorded_with(), self._gate)
        self._prediction = Prediction(session)
        self._stack: list[Scope | None] = []
        self._ended: list[FixtureScope] = []
        self._passed = 0
        in_process = bool(session.config.getini("reprise_in_process"))
        self._stop_serving = serve(self._current_tape, in_process)

    def pytest_unconfigure(self) -> None:
        self._stop_serving()

    def _current_tape(self) -> Tape | None:
        scope = self._stack[-1] if self._stack else None
        return scope.tape if scope else None

    # --- tests ------------------------------------------------------------------------------

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, None, None]:
        scope = self._test_scope(item) if is_recorded(item) else None
        if scope:
            item.stash[SCOPE] = scope
        self._gate.item = item if isinstance(item, pytest.Function) else None
        self._stack = [scope]
        yield
        if scope:
            self._tell_misses(scope)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, None, None]:
        scope = item.stash.get(SCOPE, None)
        try:
            yield
        except pytest.skip.Exception:
            if scope:
                self._tell_misses(scope)
            raise
        except BaseException:
            if scope:
                _add_misses_to_report(item, scope)
            raise
        if scope:
            self._tell_misses(scope)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        scope = item.stash.get(SCOPE, None)
        if scope:
            scope.failed |= report.failed
            scope.skipped |= report.skipped
        return report

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None, None, None]:
        scope = item.stash.get(SCOPE, None)
        if scope and not scope.skipped:
            _ = scope.tape  # its settings come from fixtures, which are gone after the teardown
        try:
            yield
        except BaseException:
            self._end(scope, failed=True)
            raise
        self._end(scope, failed=False)

    def _test_scope(self, item: pytest.Item) -> Scope | None:
        if not isinstance(item, pytest.Function):
            return None

        def open_tape() -> tuple[Settings, Tape]:
            settings = settings_of(item)
            label = label_of(item, settings.record_mode)
            return settings, Tape(label, RULES[settings.record_mode], self._run)

        return Scope(item.name, open_tape)

    def _end(self, scope: Scope | None, failed: bool) -> None:
        """A test is over, and so may be wider fixtures: write what was recorded."""
        self._stack = []
        error = None
        if scope and scope.is_open:
            error = self._end_test(scope, failed)
        for fixture in self._ended:
            self._end_fixture(fixture, failed)
        self._ended = []
        self.tally.secrets = len(self._run.scrubber.vault)
        if error and not failed:
            raise error

    def _end_test(self, scope: Scope, failed: bool) -> BaseException | None:
        """Close the tape of a test; returns what it shall fail with."""
        passed = not (scope.failed or failed)
        error = None
        if passed:
            error = _gravest(scope.new_misses(), scope.settings.missed)
        if passed and not error and not scope.skipped:
            not_made = scope.tape.not_made()
            error = _gravest([not_made] if not_made else [], scope.settings.unplayed)
        passed = passed and not error
        self._passed += passed
        only_skipped = scope.skipped and not scope.tape.has_sent
        self._close(scope, keep=not passed or only_skipped, is_test=True)
        return error

    def _close(self, scope: Scope, keep: bool, is_test: bool) -> None:
        closing = scope.tape.close(keep)
        self.tally.add(closing, shown_path(closing.path), is_test)

    def _tell_misses(self, scope: Scope) -> None:
        """Fail a test whose code swallowed the error of a miss."""
        missed = scope.new_misses()
        if missed and (error := _gravest(missed, scope.settings.missed)):
            raise error

    # --- wider fixtures ---------------------------------------------------------------------

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
    ) -> Generator[None, Any, Any]:
        if fixturedef.scope == "function":
            return (yield)
        scope = self._fixture_scope(fixturedef, request)
        fixturedef.addfinalizer(lambda: self._leave_fixture(scope))
        self._stack.append(scope)
        try:
            value = yield
        except BaseException as error:
            if scope:
                scope.failed = not isinstance(error, pytest.skip.Exception)
            raise
        finally:
            self._stack.pop()
        # Finalizers run in reverse: this one comes before the fixture's own teardown.
        fixturedef.addfinalizer(lambda: self._stack.append(scope))
        if scope:
            self._tell_misses(scope)
        return value

    def _leave_fixture(self, scope: FixtureScope | None) -> None:
        if self._stack and self._stack[-1] is scope:
            self._stack.pop()
        if scope and scope.is_open:
            self._ended.append(scope)

    def _fixture_scope(
        self, fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
    ) -> FixtureScope | None:
        item = request._pyfuncitem
        if not (is_recorded(item) or self._prediction.is_used_by_recorded(fixturedef.argname)):
            return None

        def open_tape() -> tuple[Settings, Tape]:
            settings = settings_of(item)
            label = fixture_label(fixturedef, request, settings.record_mode)
            rule = self._fixture_rule(label, fixturedef.argname)
            return settings, Tape(label, rule, self._run)

        scope = FixtureScope(fixturedef.argname, open_tape)
        scope.passed_before = self._passed
        return scope

    def _fixture_rule(self, label: Label, fixture: str) -> Rule:
        """In `once`, a test without a cassette needs the real value of its wider fixtures."""
        is_needed = label.mode == "once" and self._prediction.has_user_without_cassette(fixture)
        return LIVE if is_needed and label.path.exists() else RULES[label.mode]

    def _end_fixture(self, scope: FixtureScope, failed: bool) -> None:
        """Its recording is worth keeping where its own code and one of its tests passed."""
        passed = not (scope.failed or failed or scope.tape.missed)
        keep = not passed or self._passed == scope.passed_before
        self._close(scope, keep, is_test=False)


def _gravest(errors: list[RepriseError], severity: Severity) -> BaseException | None:
    """What a scope shall fail with, if it shall; a warning is given here."""
    if not errors or severity == "ignore":
        return None
    text = "\n\n".join(map(str, errors))
    if severity == "warn":
        warnings.warn(RepriseWarning(text), stacklevel=2)
        return None
    return pytest.fail.Exception(text, pytrace=False)


def _add_misses_to_report(item: pytest.Item, scope: Scope) -> None:
    """The test failed with an error of its own; a miss may be what led to it."""
    for error in scope.new_misses():
        item.add_report_section("call", "reprise", str(error))


def _recorded_with() -> str:
    import httpx

    return f"pytest-reprise {__version__}, httpx {httpx.__version__}"
