"""The end of a run with a report: its file, and the exit status for changes of the API."""

from __future__ import annotations

from collections.abc import Generator
from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from ..report.drift import change_lines, failure_line, headline
from .options import drift_limit, report_files
from .pytest_internals import is_worker
from .summary import DRIFT, FURTHER, RUN_LOG, TALLY

if TYPE_CHECKING:
    from ..pages.run_report import RunReport
    from ..report.drift import DriftReport


class DriftEnd:
    """Registered where a report is written, or where the run may fail because of a change."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._files = report_files(config)
        self._problem = ""

    # Around the hook that saves the cassettes, which is registered later, and so within this one.
    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, None, None]:
        """Write the report, and set the exit status."""
        yield
        if is_worker(self._config):
            return
        if RUN_LOG in self._config.stash:
            self._write_reports()
        if (self._problem or self.failure()) and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def failure(self) -> str:
        """Return why the run fails because of changes; "" if it does not."""
        report, limit = self._config.stash.get(DRIFT, None), drift_limit(self._config)
        return failure_line(report, limit) if report and limit else ""

    def _write_reports(self) -> None:
        from ..pages.formats import REPORTS

        report, limit = self._report(), drift_limit(self._config) or "breaking"
        for path, suffix, is_shared in self._files:
            try:
                with path.open("a" if is_shared else "w", encoding="utf-8") as stream:
                    stream.write(REPORTS[suffix](report, limit))
            except OSError as error:
                self._problem = f"the report {path} could not be written: {error.strerror}"

    def _report(self) -> RunReport:
        from ..cassette.file import load
        from ..pages.run_report import run_report
        from ..report.tally import Tally

        stash = self._config.stash
        tally, drift = stash.get(TALLY, None) or Tally(), stash.get(DRIFT, None)
        has_page = any(file.suffix == ".html" for file in self._files)
        now = datetime.now().astimezone()
        further = stash.get(FURTHER, ())
        return run_report(stash[RUN_LOG], tally, drift, load, now, has_page, further)

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
