"""The end of a run that recorded again: the drift report, in a file too, and the exit status."""

from __future__ import annotations

import json
from collections.abc import Generator
from typing import TYPE_CHECKING

import pytest

from ..report.drift import change_lines, failure_line, headline
from ..report.drift_formats import FORMATS, to_json
from .options import drift_limit, report_path
from .pytest_internals import is_worker
from .summary import DRIFT, TALLY

if TYPE_CHECKING:
    from ..report.drift import DriftReport


class DriftEnd:
    """Registered where a report is written, or where the run may fail because of a change."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._problem = ""

    # Around the hook that saves the cassettes, which is registered later, and so within this one.
    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, None, None]:
        """Write the report, and set the exit status."""
        yield
        if is_worker(self._config):
            return
        self._write_report()
        if (self._problem or self.failure()) and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def failure(self) -> str:
        """Return why the run fails because of changes; "" if it does not."""
        report, limit = self._config.stash.get(DRIFT, None), drift_limit(self._config)
        return failure_line(report, limit) if report and limit else ""

    def _write_report(self) -> None:
        path = report_path(self._config)
        text = self._text(path.suffix) if path else ""
        if path and text:
            try:
                path.write_text(text, encoding="utf-8")
            except OSError as error:
                self._problem = f"the report {path} could not be written: {error.strerror}"

    def _text(self, suffix: str) -> str:
        """Return the content of the report; "" if there is nothing to report in this format."""
        stash = self._config.stash
        report, tally = stash.get(DRIFT, None), stash.get(TALLY, None)
        if suffix == ".json":
            if tally is None:
                return ""
            return (
                json.dumps({**tally.to_json(), "drift": report and to_json(report)}, indent=2)
                + "\n"
            )
        limit = drift_limit(self._config) or "breaking"
        return FORMATS[suffix[1:]](report, limit) if report else ""

    @pytest.hookimpl(trylast=True)  # below the changes
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for line in filter(None, (self._problem, self.failure())):
            terminalreporter.write_line(f"reprise: {line}", red=True)


def write_summary(
    terminalreporter: pytest.TerminalReporter, report: DriftReport, shows_all: bool
) -> None:
    """Write the headline, and a line for each change."""
    has_changes = bool(report.changes)
    terminalreporter.write_line(f"reprise: {headline(report)}", yellow=has_changes)
    for line in change_lines(report, shows_all):
        terminalreporter.write_line(line, yellow=True)
