"""Collect what a report of the run shows: results of tests, and how each scope ended."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import pytest

from ..report.run_log import EndedScope, Kind, RunLog
from ..tape.miss import Missed
from .pytest_internals import worker_output
from .summary import RUN_LOG

if TYPE_CHECKING:
    from ..tape.closing import Closing
    from ..tape.tape import Tape
    from .recorded_tests import Ended
    from .scope import Scope

_KEY = "reprise_run_log"


class RunReport:
    """Registered where a report is written, also on the workers of pytest-xdist."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._log = config.stash[RUN_LOG] = RunLog()
        self._test = ""
        """The node id of the test that runs now."""

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        self._test = item.nodeid
        return (yield)

    def note(self, scope: Scope, closing: Closing, ended: Ended, problem: str) -> None:
        """Note how a scope ended; `problem` is why its recording was dropped, without secrets."""
        assert scope.tape
        kind: Kind = "block" if scope.is_block else "fixture" if scope.fixture else "test"
        name = f"fixture {ended.fixture_name}" if scope.fixture else scope.name
        if kind == "test":
            name = self._test
        self._log.add(
            EndedScope(
                self._test,
                name,
                kind,
                closing.path,
                closing.scope,
                closing.action,
                scope.tape.mode.name,
                scope.tape.player.played_positions(),
                closing.sent,
                problem,
                missed_of(scope.tape),
            )
        )

    @pytest.hookimpl(trylast=True)  # after secrets were replaced in the text
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if type(report) is pytest.TestReport:
            text = report.longreprtext if report.failed else ""
            self._log.add_phase(report.nodeid, report.outcome, report.duration, text)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        """A worker of pytest-xdist sends the scopes to the controller."""
        output = worker_output(self._config)
        if output is not None:
            output[_KEY] = self._log.to_json()

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take the scopes of a worker that has ended."""
        self._log.merge(getattr(node, "workeroutput", {}).get(_KEY, []))


def missed_of(tape: Tape) -> tuple[Missed, ...]:
    """Return the requests that were missed, without repetitions of the same."""
    found = (getattr(error, "details", lambda: None)() for error in tape.missed)
    return tuple(dict.fromkeys(one for one in found if isinstance(one, Missed)))
