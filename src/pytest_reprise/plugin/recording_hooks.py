"""The hooks around recorded tests and wider fixtures.

A test has a tape from its set-up to its teardown. A wider fixture has one for its own set-up and
teardown.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from .. import __version__
from ..adapters.clients import Clients
from ..adapters.httpx_transport import recorded_with
from ..determinism import random_functions
from ..determinism.base_url import BaseUrls
from ..errors import CassetteError, ConfigurationError
from ..report.tally import Tally
from ..tape.project_scrubber import scrubber_of
from ..tape.run import Run
from ..tape.tape import Tape
from . import long_sleeps
from .base_url import base_url
from .gate import Gate
from .output import Output, scrub_logs
from .prediction import Prediction, fixtures_of
from .pytest_internals import (
    crash_message,
    exceptions_of,
    fails_for_all_tests,
    is_worker,
    not_set_up_on_error,
    requesting_item,
)
from .recording_end import RecordingEnd
from .resolution import gives_settings, has_settings, order_setting_fixtures
from .scope import SCOPE, Scope
from .scope_end import (
    ScopeEnd,
    ScopeError,
    add_misses_to_report,
    first_line,
    problem_of,
    raise_combined,
    raise_misses,
)
from .scope_stack import ScopeStack
from .selection import SECOND_PASS, is_recorded
from .store_of_session import make_store, sharing, task_of_worker
from .tapes import TapeOpener
from .unused_cassettes import UnusedCassettes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from .blocks import Blocks, BlockScope
    from .expiry import Expiry
    from .worker_recording import WorkerRecording


class RecordingHooks:
    """Registered where at least one test is recorded. Raises ConfigurationError."""

    def __init__(self, session: pytest.Session) -> None:
        self._config = config = session.config
        self.tally = Tally()
        self._item: pytest.Function | None = None
        """The test that runs now, recorded or not."""
        self.scopes = ScopeStack(config.getini("reprise_background"))
        self._ended_fixtures: list[Scope] = []
        bases = BaseUrls(self._base_url, bool(config.getini("reprise_hide_base_url")))
        task = task_of_worker(config)
        may_write = task is not None or not is_worker(config)
        self._run = run = Run(
            make_store(config, task),
            sharing(scrubber_of(config.rootpath), task),
            bases,
            f"pytest-reprise {__version__}, {recorded_with()}",
            gate := Gate(session, self._base_url, self.scopes.not_recorded, may_write),
            UnusedCassettes(session),
            gate.refuse_in_worker,
        )
        self._prediction = Prediction(session)
        for item in self._prediction.recorded:
            order_setting_fixtures(item)
        self._tapes = TapeOpener(self._run, self._prediction, may_write, task is not None)
        self._recording_end: RecordingEnd | WorkerRecording = (
            task.make_end(config, run, self._prediction, self.scopes)
            if task
            else RecordingEnd(config, run, self.tally, self._prediction.recorded_tests)
        )
        report = config.pluginmanager.get_plugin("reprise-report")
        log = report.note if report else None
        self._end = ScopeEnd(self._run, self.tally, self._recording_end, self._make_expiry, log)
        self._unreported: list[ScopeError] = []
        """Errors of scopes that ended after their test, or with one that had failed already."""
        self._is_saved = False
        self._blocks: Blocks | None = None
        self._output = Output(config, self._run, self.scopes)
        if config.pluginmanager.has_plugin("randomly"):
            # It would set a new seed for each phase of a test, in the place of ours.
            config.option.randomly_reset_seed = False
        self._undo = ExitStack()  # runs all steps in reverse order, also when one of them fails
        self._undo.callback(scrub_logs(config, self._output.scrub_log))
        self.scopes.inheritance.install()
        self._undo.callback(self.scopes.inheritance.uninstall)
        self._undo.callback(random_functions.install())
        self._undo.callback(long_sleeps.install())
        if "hypothesis.core" in sys.modules:
            from .hypothesis_examples import fix_examples

            self._undo.enter_context(fix_examples(self.scopes.current_tape))
        self._clients = Clients(self.scopes.current_tape, config.getini("reprise_in_process"))
        self._undo.callback(self._clients.stop)

    def _make_expiry(self) -> Expiry:
        from .expiry import Expiry

        return Expiry(self._config, self.tally, self._prediction)

    def pytest_unconfigure(self) -> None:
        self._undo.close()

    def current_tape(self) -> Tape | None:
        """The tape of the scope that the running code belongs to; None where it is not recorded."""
        return self.scopes.current_tape()

    def opened_cassettes(self) -> set[Path]:
        """The places of the cassettes that tests and fixtures of this run have."""
        return self._tapes.opened

    def _base_url(self) -> str | None:
        return base_url(self._item) if self._item else None

    @property
    def blocks(self) -> Blocks:
        """The blocks of code that use a cassette of their own. Made at the first use."""
        if self._blocks is None:
            from .blocks import Blocks

            self._blocks = Blocks(self.scopes, self._end, self._block_scope)
            self._config.pluginmanager.register(self._blocks, "reprise-blocks")
        return self._blocks

    def _block_scope(self, path: Path, options: Mapping[str, object]) -> BlockScope:
        self._enter_clients()
        assert self._item, "a plugin has replaced pytest's own kind of test"
        return self._tapes.block_scope(path, options, self._item, self.scopes)

    # --- tests ------------------------------------------------------------------------------

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, None, None]:
        __tracebackhide__ = True
        scope = self._start_test(item)
        self.scopes.push(scope)
        try:
            yield
            if scope:
                self._open(scope)
                raise_misses(scope)
        finally:
            if scope:
                scope.pause()

    def _start_test(self, item: pytest.Item) -> Scope | None:
        """Return the scope of a recorded test, not yet open; None for another test."""
        if self._item and SCOPE in self._item.stash:
            # The last test has ended: free what it has read and recorded.
            del self._item.stash[SCOPE]
        self._item = item if isinstance(item, pytest.Function) else None
        if self._item is None:
            return None
        if is_recorded(self._item):
            scope = self._item.stash[SCOPE] = self._tapes.test_scope(self._item)
            return scope
        self._clients.leave()
        self._item.funcargs.setdefault("vcr", None)
        return None

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, None, None]:
        __tracebackhide__ = True
        scope = item.stash.get(SCOPE, None)
        if scope is None:
            return (yield)
        if reached := [f.clock_reached for f in self._used_fixtures() if f.clock_reached]:
            scope.advance_clock(max(reached))
        scope.resume()
        try:
            yield
        except pytest.skip.Exception:
            raise_misses(scope)
            raise
        except BaseException as error:
            add_misses_to_report(item, scope, error)
            raise
        finally:
            scope.pause()
        raise_misses(scope)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        for excinfo in exceptions_of(item, call):
            from .tracebacks import end_at_suite

            end_at_suite(excinfo)
        report = yield
        scope = None if report.passed else item.stash.get(SCOPE, None)
        if scope is None:
            return report
        scope.skipped |= report.skipped
        if report.failed:
            scope.failed = True
            scope.problem = scope.problem or first_line(crash_message(report))
            return self._output.without_environment(report)
        return report

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None, None, None]:
        __tracebackhide__ = True
        scope = item.stash.get(SCOPE, None)
        if scope:
            scope.resume()
        failed = True
        try:
            yield
            failed = False
        except BaseException as error:
            if scope:
                scope.problem = scope.problem or problem_of(error)
            raise
        finally:
            errors = self._end_scopes(scope, failed)
            if failed:  # the test has an error already
                self._unreported += errors
        if errors:
            raise_combined([error for _, error in errors])

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        try:
            result = yield
            if second_pass := self._config.stash.get(SECOND_PASS, None):
                second_pass.run(session)
        finally:
            self._end.complete_tally()
        # Not at the end of the session: a cassette that cannot be written counts as a failure.
        self._save(stopped_early=False)
        return result

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_sessionfinish(self) -> Generator[None, None, None]:
        """After an interruption, wider fixtures are torn down only now."""
        failed = True
        try:
            yield
            failed = False
        finally:
            self._unreported += self._end_scopes(self._interrupted_test(), failed)
            self._end.complete_tally()
            self._save(stopped_early=True)

    def _save(self, stopped_early: bool) -> None:
        """Save what was recorded, at the first call."""
        if not self._is_saved:
            self._is_saved = True
            for use, error in self._unreported:
                self._recording_end.report(use, error)
            self._recording_end.save(stopped_early)

    def _interrupted_test(self) -> Scope | None:
        scope = self._item.stash.get(SCOPE, None) if self._item else None
        if scope is None or scope.has_ended:
            return None
        scope.failed = True
        scope.problem = scope.problem or "the run was interrupted"
        return scope

    def _end_scopes(self, scope: Scope | None, failed: bool) -> list[ScopeError]:
        """End a test whose teardown `failed` or not, and wider fixtures torn down with it."""
        self.scopes.clear(ended=scope)
        blocks = self._blocks.take_ended() if self._blocks else None
        errors = blocks.problems() if blocks and not failed else []
        if scope:
            scope.has_ended = True
        if scope and scope.tape and (error := self._end.check_test(scope, failed)):
            errors.append((scope.tape.use, error))
        has_failed = failed or bool(errors)
        if blocks:
            errors += blocks.close(has_failed)
        if scope and scope.tape:
            scope.tape.has_new_blocks = blocks is not None and blocks.were_written
            used = [*self._used_fixtures(), *(blocks.scopes if blocks else ())]
            error = self._end.close_test(scope, has_failed, used)
            errors += [(scope.tape.use, error)] if error else []
        for fixture in self._ended_fixtures:
            fixture.has_ended = True
            error = self._end.end_fixture(fixture, failed)
            if fixture.tape and error:
                errors.append((fixture.tape.use, error))
        self._ended_fixtures = []
        return errors

    def _used_fixtures(self) -> list[Scope]:
        """The wider fixtures, set up so far, that the running test uses."""
        found = self.scopes.fixtures
        if not (found and self._item):
            return []
        return [found[fixture] for fixture in fixtures_of(self._item) if fixture in found]

    # --- fixtures ---------------------------------------------------------------------------

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
    ) -> Generator[None, Any, Any]:
        __tracebackhide__ = True
        is_wider = fixturedef.scope != "function"
        with not_set_up_on_error(fixturedef):
            self._open_test()
            scope = self._fixture_scope(fixturedef, request) if is_wider else None
        if not is_wider:
            return (yield)
        fixturedef.addfinalizer(lambda: self._end_fixture(scope))
        self.scopes.push(scope)
        try:
            if scope:
                with not_set_up_on_error(fixturedef):
                    self._open(scope)
                    scope.resume()
            value = yield
        except BaseException as error:
            if scope:
                scope.skipped = isinstance(error, pytest.skip.Exception)
                scope.failed = not scope.skipped
                scope.problem = problem_of(error)
            raise
        finally:
            self.scopes.pop()
        # Finalizers run in reverse order: this one runs before the fixture's own teardown.
        fixturedef.addfinalizer(lambda: self.scopes.push(scope))
        if scope:
            scope.sent_in_setup = scope.tape.sent if scope.tape else 0
            with fails_for_all_tests(fixturedef):
                raise_misses(scope)
        return value

    def _open_test(self) -> None:
        """Open the scope of the test once its settings are known, before its other fixtures."""
        scope = self.scopes.test
        if scope and not scope.tape and self._item and has_settings(self._item):
            self._open(scope)
            scope.resume()

    def _open(self, scope: Scope) -> None:
        """Open a scope. Errors are raised without a traceback, which would only show our code."""
        self._enter_clients()
        try:
            scope.open()
        except (CassetteError, ConfigurationError) as error:
            raise pytest.fail.Exception(str(error), pytrace=False) from None
        if scope.tape and scope.tape.may_send:
            self._output.watch()
            # Fixtures of the scope may set variables, such as a token for the suite.
            self._run.get_scrubber().learn_environment(os.environ)

    def _enter_clients(self) -> None:
        self._clients.enter()
        self.scopes.inheritance.patch_imported()

    def _fixture_scope(
        self, fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
    ) -> Scope | None:
        """Return the scope of a wider fixture; None where it is not recorded."""
        item = requesting_item(request)
        if (outer := self.scopes.active) and outer.is_opening:
            return None  # a fixture that gives the settings of the outer scope
        if is_recorded(item):
            if gives_settings(fixturedef.argname) or not has_settings(item):
                return None
        elif not self._prediction.is_used(fixturedef):
            return None
        scope = self._tapes.fixture_scope(fixturedef, request, item)
        scope.passed_before = self._end.passed
        self.scopes.add_fixture(fixturedef, scope)
        return scope

    def _end_fixture(self, scope: Scope | None) -> None:
        self.scopes.remove(scope)
        if scope and scope.tape:
            self._ended_fixtures.append(scope)
