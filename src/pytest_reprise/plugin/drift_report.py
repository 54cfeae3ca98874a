"""The end of a run with a report: its file, and the exit status for changes of the API."""

from __future__ import annotations

from collections.abc import Generator
from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from ..report.drift import change_lines, failure_line, headline
from .options import ReportFile, drift_limit, report_file
from .pytest_internals import is_worker
from .summary import DRIFT, RUN_LOG, TALLY

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
        file = report_file(self._config)
        if file is None:
            return
        text = self._text(file)
        try:
            with file.path.open("a" if file.is_shared else "w", encoding="utf-8") as stream:
                stream.write(text)
        except OSError as error:
            self._problem = f"the report {file.path} could not be written: {error.strerror}"

    def _text(self, file: ReportFile) -> str:
        """Return the content of the report."""
        from ..cassette.file import load
        from ..pages.formats import REPORTS
        from ..pages.run_report import run_report
        from ..report.tally import Tally

        stash = self._config.stash
        tally, drift = stash.get(TALLY, None) or Tally(), stash.get(DRIFT, None)
        now = datetime.now().astimezone()
        report = run_report(stash[RUN_LOG], tally, drift, load, now, file.suffix == ".html")
        return REPORTS[file.suffix](report, drift_limit(self._config) or "breaking")

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
