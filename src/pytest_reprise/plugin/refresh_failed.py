"""`--reprise-refresh-failed`: tests that missed a request are recorded again in the same run."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from ..errors import RequestNotRecorded
from .prediction import fixtures_of
from .pytest_internals import exceptions_of, is_distributed
from .scope import SCOPE
from .scope_stack import ScopeStack
from .second_pass import SecondPass, refusal
from .summary import add_notice
from .tracebacks import with_causes

_OPTION = "--reprise-refresh-failed"
_MISSED = "missed"
"""The outcome of a test that missed a request, in place of `failed`."""


def register(config: pytest.Config) -> None:
    """Watch for misses. Raises UsageError for options that make no sense together."""
    for other in ("--disable-recording", "--reprise-strict", "--reprise-drift"):
        if config.getoption(other):
            raise pytest.UsageError(f"{_OPTION} records again: leave out {other}")
    if config.getoption("--record-mode") == "none":
        raise pytest.UsageError(f"{_OPTION} records again: leave out --record-mode=none")
    if is_distributed(config):
        raise pytest.UsageError(f"{_OPTION} records in one process: add -n 0")
    if refused := refusal(config):
        add_notice(config, f"{_OPTION} has no effect: {refused}")
    else:
        config.pluginmanager.register(_Registration(), "reprise-refresh-failed")


class _Registration:
    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Register after the hooks of the recording, which have to see the failure."""
        manager = session.config.pluginmanager
        if hooks := manager.get_plugin("reprise-recording"):
            manager.register(_Misses(SecondPass.of(session.config), hooks.scopes))


class _Misses:
    """Adds tests that failed and missed a request to the second pass, in place of the failure."""

    def __init__(self, second_pass: SecondPass, scopes: ScopeStack) -> None:
        self._second_pass = second_pass
        self._scopes = scopes
        self._noted: set[pytest.Item] = set()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, Any, Any]:
        report = yield
        if report.failed and not self._second_pass.has_begun and self._has_missed(item, call):
            self._second_pass.add([item])
            # Counted once, also where its teardown fails, too.
            report.outcome = "" if item in self._noted else _MISSED
            self._noted.add(item)
        return report

    def _has_missed(self, item: pytest.Item, call: pytest.CallInfo[None]) -> bool:
        """Whether a test, a block in it, or a wider fixture that it uses missed a request."""
        fixtures = fixtures_of(item) if isinstance(item, pytest.Function) else []
        scopes = (item.stash.get(SCOPE, None), *map(self._scopes.fixtures.get, fixtures))
        errors = [error for s in scopes if s and s.tape for error in s.tape.missed]
        raised = [error for info in exceptions_of(item, call) for error in with_causes(info.value)]
        return any(isinstance(error, RequestNotRecorded) for error in (*errors, *raised))

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        outcome = str(report.outcome)
        if outcome == _MISSED:
            return _MISSED, "M", "MISSED"
        return ("", "", "") if not outcome else None
