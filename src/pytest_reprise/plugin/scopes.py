"""Who is talking: the stack of scopes, each with a tape of its own.

A test has a tape from its set-up to its teardown; a fixture of a wider scope has one for its own
set-up and teardown. Requests belong to the scope that runs when they are made, whoever built the
client. The stack is one for the process, since a test's threads and event loops have to see it.
"""

from __future__ import annotations

import warnings
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from .. import __version__
from ..adapters.clients import Clients
from ..adapters.httpx_transport import recorded_with
from ..cassette.model import CassetteUse
from ..determinism import seed
from ..determinism.base_url import BaseUrls
from ..errors import CassetteError, ConfigurationError, RepriseError, Unscrubbed
from ..report.tally import Tally
from ..tape.modes import LIVE, RULES, Rule
from ..tape.overrides import PLAIN
from ..tape.run import Run
from ..tape.store import Shelf
from ..tape.tape import Tape
from .base_url import base_url
from .gate import Gate
from .hooks import RepriseWarning, is_recorded
from .naming import SUFFIX
from .output import Output, scrub_logs
from .prediction import Prediction
from .resolution import (
    ask_first,
    dialect_of,
    extra_cassettes,
    fixture_label,
    has_settings,
    label_of,
    settings_of,
    settings_of_session,
    vcr_marks,
)
from .scope import SCOPE, Scope, forget
from .scrubbing import scrubber_of
from .settings import Settings, Severity
from .spared import spared


class Scopes:
    """The hooks around tests and wider fixtures; registered where a test is to be recorded."""

    def __init__(self, session: pytest.Session) -> None:
        self.tally = Tally()
        self._item: pytest.Function | None = None
        bases = BaseUrls(self._base_url, bool(session.config.getini("reprise_hide_base_url")))
        self._run = Run(
            Shelf(),
            scrubber_of(session.config.rootpath),
            bases,
            f"pytest-reprise {__version__}, {recorded_with()}",
            Gate(session, self._base_url, self._aside),
        )
        self._prediction = Prediction(session)
        for item in self._prediction.recorded:
            ask_first(item)
        self._stack: list[Scope | None] = []
        self._ended: list[Scope] = []
        self._fixtures: dict[str, Scope] = {}
        self._passed = 0
        in_process = bool(session.config.getini("reprise_in_process"))
        self._output = Output(session.config, self._run, self._talking)
        self._keep_chance(session.config)
        self._clients = Clients(self.current_tape, in_process)
        self._undo = (
            self._clients.stop,
            seed.install(),
            scrub_logs(session.config, self._output.scrub_log),
        )

    def _keep_chance(self, config: pytest.Config) -> None:
        """pytest-randomly would seed anew at each phase of a test; our seed holds for all."""
        if config.pluginmanager.has_plugin("randomly"):
            config.option.randomly_reset_seed = False

    def pytest_unconfigure(self) -> None:
        for undo in self._undo:
            undo()

    def current_tape(self) -> Tape | None:
        """The tape of who is talking now; None where that is nobody who is recorded."""
        scope = self._stack[-1] if self._stack else None
        return scope.tape if scope else None

    def _talking(self) -> tuple[list[Scope | None], Iterable[Scope]]:
        """Who is talking, the last one now, and the wider fixtures that were set up."""
        return self._stack, self._fixtures.values()

    @contextmanager
    def _aside(self) -> Iterator[None]:
        """What is sent here is sent by nobody who is recorded."""
        self._stack.append(None)
        try:
            yield
        finally:
            self._stack.pop()

    def _base_url(self) -> str | None:
        return base_url(self._item) if self._item else None

    def _push(self, scope: Scope | None) -> None:
        if self._stack and (outer := self._stack[-1]):
            outer.leave()
        self._stack.append(scope)
        if scope:
            scope.enter()

    def _pop(self, ended: Scope | None = None) -> None:
        if scope := self._stack.pop():
            scope.leave(for_good=scope is ended)
        if self._stack and (outer := self._stack[-1]):
            outer.enter()

    # --- tests ------------------------------------------------------------------------------

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, None, None]:
        scope = None
        if self._item:  # what a test that is over has read and recorded is not kept
            forget(self._item)
        self._item = None
        if isinstance(item, pytest.Function):
            self._item = item
            if is_recorded(item):
                scope = item.stash[SCOPE] = self._test_scope(item)
            else:
                self._clients.leave()
                item.funcargs.setdefault("vcr", None)
        self._push(scope)
        try:
            yield
            if scope:
                self._begin(scope)
                self._tell_misses(scope)
        finally:
            if scope:
                scope.pause()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, None, None]:
        scope = item.stash.get(SCOPE, None)
        if scope is None:
            return (yield)
        self._follow_fixtures(scope)
        scope.resume()
        try:
            yield
        except pytest.skip.Exception:
            self._tell_misses(scope)
            raise
        except BaseException as error:
            _add_misses_to_report(item, scope, error)
            raise
        finally:
            scope.pause()
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

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_sessionfinish(self) -> Generator[None, None, None]:
        """Where a run was interrupted, its wider fixtures end only now."""
        failed = True
        try:
            yield
            failed = False
        finally:
            error = self._end(None, failed)
            try:
                self._run.scrub_late()
            except Unscrubbed as unscrubbed_late:
                error = unscrubbed_late
            if error:
                raise pytest.UsageError(f"reprise: {error}") from None

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None, None, None]:
        scope = item.stash.get(SCOPE, None)
        if scope:
            scope.resume()
        failed = True
        try:
            yield
            failed = False
        finally:
            error = self._end(scope, failed)
        if error:
            raise error

    def _follow_fixtures(self, scope: Scope) -> None:
        times = [time for fixture in self._used_fixtures() if (time := fixture.reached)]
        if times:
            scope.follow(max(times))

    def _used_fixtures(self) -> list[Scope]:
        """The wider fixtures, set up so far, that the running test uses."""
        names = self._item.fixturenames if self._item else ()
        return [self._fixtures[name] for name in names if name in self._fixtures]

    def _test_scope(self, item: pytest.Function) -> Scope:
        def open_tape() -> tuple[Settings, Tape]:
            marks = vcr_marks(item)
            settings = settings_of(item, marks)
            dialect, suffix = dialect_of(item, settings, extra_cassettes(item, marks))
            label = label_of(item, settings, suffix)
            return settings, Tape(label, RULES[settings.record_mode], self._run, dialect)

        return Scope(item.name, open_tape)

    def _end(self, scope: Scope | None, failed: bool) -> BaseException | None:
        """A test is over, and so may be wider fixtures: write what was recorded.

        Returns what the test shall fail with.
        """
        while self._stack:
            self._pop(ended=scope)
        error = self._end_test(scope, failed) if scope and scope.tape else None
        for fixture in self._ended:
            error = self._end_fixture(fixture, failed) or error
        self._ended = []
        self.tally.secrets = self._run.secrets
        if way := self._run.bases.in_use:
            self.tally.rebased = f"recorded as {way.recorded}, replayed as {way.current}"
        return None if failed else error

    def _end_test(self, scope: Scope, failed: bool) -> BaseException | None:
        assert scope.tape
        passed = not (scope.failed or failed)
        error = _gravest(scope.new_misses(), scope.settings.missed) if passed else None
        if passed and not error and not scope.skipped:
            not_made = scope.tape.not_made()
            error = _gravest([not_made] if not_made else [], scope.settings.unplayed)
        passed = passed and not error
        self._passed += passed
        only_skipped = scope.skipped and not scope.tape.has_sent
        keep = not passed or only_skipped
        leans = passed and scope.tape.may_send and self._leans()
        refusal = self._close(scope, keep, leans, is_test=True)
        return error or refusal

    def _close(self, scope: Scope, keep: bool, leans: bool, is_test: bool) -> BaseException | None:
        """Write the cassette; returns what keeps it from being written, where something does."""
        assert scope.tape
        tape, refusal = scope.tape, None
        self._output.has_sent |= tape.has_sent
        try:
            closing = tape.close(keep, tape.may_send and scope.drew, leans)
        except Unscrubbed as error:
            from ..tape.miss import unscrubbed

            text = self._run.scrubber.scrub_text(unscrubbed(error, tape.label))
            refusal = pytest.fail.Exception(text, pytrace=False)
            closing = tape.close(keep=True)
        self.tally.add(closing, is_test=is_test)
        return refusal

    def _leans(self) -> bool:
        """Whether the test uses a wider fixture that has a recording."""
        return any(
            fixture.tape and (fixture.tape.has_recording or fixture.drew)
            for fixture in self._used_fixtures()
        )

    def _tell_misses(self, scope: Scope) -> None:
        """Fail a test whose code swallowed the error of a miss."""
        missed = scope.new_misses()
        if missed and (error := _gravest(missed, scope.settings.missed)):
            raise error

    # --- fixtures ---------------------------------------------------------------------------

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
    ) -> Generator[None, Any, Any]:
        is_wider = fixturedef.scope != "function"
        with spared(fixturedef):
            self._begin_test()
            scope = self._fixture_scope(fixturedef, request) if is_wider else None
        if not is_wider:
            return (yield)
        fixturedef.addfinalizer(lambda: self._leave_fixture(scope))
        self._push(scope)
        try:
            if scope:
                with spared(fixturedef):
                    self._begin(scope)
            value = yield
        except BaseException as error:
            if scope:
                scope.skipped = isinstance(error, pytest.skip.Exception)
                scope.failed = not scope.skipped
            raise
        finally:
            self._pop()
        # Finalizers run in reverse: this one comes before the fixture's own teardown.
        fixturedef.addfinalizer(lambda: self._push(scope))
        if scope:
            self._tell_misses(scope)
        return value

    def _begin_test(self) -> None:
        """A test begins once its settings are known, before all other fixtures."""
        scope = self._stack[0] if self._stack else None
        if scope and not scope.tape and self._item and has_settings(self._item):
            self._begin(scope)

    def _begin(self, scope: Scope) -> None:
        """What keeps a scope from beginning is told without the frames that found it."""
        self._clients.enter()
        try:
            scope.begin()
            if scope.tape and scope.tape.may_send:
                self._output.watch()
        except (CassetteError, ConfigurationError) as error:
            raise pytest.fail.Exception(str(error), pytrace=False) from None

    def _leave_fixture(self, scope: Scope | None) -> None:
        if self._stack and self._stack[-1] is scope:
            self._pop()
        if scope and scope.tape:
            self._ended.append(scope)

    def _fixture_scope(
        self, fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
    ) -> Scope | None:
        item = request._pyfuncitem
        if self._stack and (outer := self._stack[-1]) and outer.is_beginning:
            return None  # it says where the cassette of the outer one lies
        recorded = is_recorded(item)
        if not (has_settings(item) if recorded else self._prediction.is_used(fixturedef.argname)):
            return None

        def open_tape() -> tuple[Settings, Tape]:
            marks = vcr_marks(item)
            settings = settings_of(item, marks) if recorded else settings_of_session(item.config)
            dialect, suffix = dialect_of(item, settings) if recorded else (PLAIN, SUFFIX)
            label = fixture_label(fixturedef, request, settings.record_mode, suffix)
            rule = self._fixture_rule(label, fixturedef.argname)
            return settings, Tape(label, rule, self._run, dialect)

        scope = self._fixtures[fixturedef.argname] = Scope(fixturedef.argname, open_tape)
        scope.passed_before = self._passed
        return scope

    def _fixture_rule(self, label: CassetteUse, fixture: str) -> Rule:
        """In `once`, a test without a cassette needs the real value of its wider fixtures."""
        is_needed = label.mode == "once" and self._prediction.has_user_without_cassette(fixture)
        cassette = self._run.shelf.before(label.path) if is_needed else None
        return LIVE if cassette and cassette.interactions else RULES[label.mode]

    def _end_fixture(self, scope: Scope, failed: bool) -> BaseException | None:
        """Its recording is worth keeping where its own code and one of its tests passed."""
        assert scope.tape
        passed = not (scope.failed or failed or scope.tape.missed)
        keep = not passed or (self._passed == scope.passed_before and not scope.skipped)
        return self._close(scope, keep, leans=False, is_test=False)


def _gravest(errors: list[RepriseError], severity: Severity) -> BaseException | None:
    """What a scope shall fail with, if it shall; a warning is given here."""
    if not errors or severity == "ignore":
        return None
    text = "\n\n".join(map(str, errors))
    if severity == "warn":
        warnings.warn(RepriseWarning(text), stacklevel=2)
        return None
    return pytest.fail.Exception(text, pytrace=False)


def _add_misses_to_report(item: pytest.Item, scope: Scope, failure: BaseException) -> None:
    """The test failed with an error of its own; a miss that it does not show may have led to it."""
    shown: list[BaseException | None] = [failure]
    while shown[-1] is not None:
        shown.append(shown[-1].__cause__ or shown[-1].__context__)
    for miss in scope.new_misses():
        if miss not in shown:
            item.add_report_section("call", "reprise", str(miss))
