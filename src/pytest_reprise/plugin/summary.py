"""The summary at the end of a run: in the terminal, as JSON, and of all workers together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ..messages import printable
from .pytest_internals import worker_output

if TYPE_CHECKING:
    from ..pages.sections import Section
    from ..report.drift import DriftReport
    from ..report.run_log import RunLog
    from ..report.tally import Tally

TALLY: pytest.StashKey[Tally] = pytest.StashKey()
"""What the run did so far; missing where no test is recorded."""

DRIFT: pytest.StashKey[DriftReport] = pytest.StashKey()
"""What the API changed; missing where nothing was recorded again."""
RUN_LOG: pytest.StashKey[RunLog] = pytest.StashKey()
"""How each test and scope ended; missing where no report is written."""
FURTHER: pytest.StashKey[tuple[Section, ...]] = pytest.StashKey()
"""Further sections of the report."""
_NOTICES: pytest.StashKey[list[str]] = pytest.StashKey()


def add_notice(config: pytest.Config, text: str) -> None:
    """Add a line about the recording to the summary."""
    config.stash.setdefault(_NOTICES, []).append(text)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker of pytest-xdist sends its tally to the controller."""
    output = worker_output(session.config)
    if output is not None and TALLY in session.config.stash:
        output["reprise"] = session.config.stash[TALLY].to_json()
    tally = session.config.stash.get(TALLY, None)
    if output is None and tally and tally.failed_expiry and not session.exitstatus:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """The controller adds the tally of a worker that has ended."""
    sent = getattr(node, "workeroutput", {}).get("reprise")
    if sent:
        from ..report.tally import Tally

        node.config.stash.setdefault(TALLY, Tally()).merge(sent)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    tally = config.stash.get(TALLY, None)
    if tally is not None:
        terminalreporter.ensure_newline()
        _write_details(terminalreporter, config, tally)
    for notice in config.stash.get(_NOTICES, ()):
        terminalreporter.write_line(f"reprise: {printable(notice)}", yellow=True)
    if tally is not None:
        from ..report.terminal import summary_line

        has_failures = bool(tally.dropped or tally.missed)
        terminalreporter.write_line(f"reprise: {summary_line(tally)}", yellow=has_failures)


def _write_details(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config, tally: Tally
) -> None:
    from ..report.terminal import (
        detail_lines,
        dropped_lines,
        expired_lines,
        warning_lines,
    )

    for line in warning_lines(tally):
        terminalreporter.write_line(f"reprise: {line}", yellow=True)
    is_verbose = config.get_verbosity() > 0
    if report := config.stash.get(DRIFT, None):
        from .drift_report import write_summary

        write_summary(terminalreporter, report, is_verbose)
    for line in expired_lines(tally, shows_all=is_verbose):
        terminalreporter.write_line(f"reprise: {line}", yellow=True)
    for line in dropped_lines(tally, shows_all=is_verbose):
        terminalreporter.write_line(f"reprise: {line}", yellow=True)
    if is_verbose:
        for line in detail_lines(tally):
            terminalreporter.write_line(f"reprise: {line}")
