"""`--reprise-audit`: at the end of a run, search its cassettes for secrets; a finding fails it."""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest

from ..audit.examine import Report, examine
from ..audit.files import find_files
from ..audit.render import render_text
from ..errors import ConfigurationError
from ..scrub.config import make_scrubber
from .pytest_internals import is_worker
from .run_directories import run_directories


def register(config: pytest.Config) -> None:
    """Audit the run at its end. Raises UsageError for an invalid configuration."""
    try:
        make_scrubber(config.rootpath, {})
    except ConfigurationError as error:
        raise pytest.UsageError(str(error)) from None
    config.pluginmanager.register(_Audit(config), "reprise-audit")


class _Audit:
    """Audits the directories of cassettes of a run."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._directories = run_directories(config)
        self._report: Report | None = None

    # Around the hook that saves the cassettes, which is registered later, and so within this one.
    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, None, None]:
        """Audit after the fixtures of the session have ended, and their cassettes are written."""
        yield
        if is_worker(self._config):
            return
        base = self._config.invocation_params.dir
        scrubber = make_scrubber(self._config.rootpath, os.environ, from_files=True)
        self._report = examine(find_files(self._directories.existing(), base), scrubber, base=base)
        passed = session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
        if passed and self._report.exit_code:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self._report is None:
            return
        terminalreporter.section("reprise audit")
        for line in render_text(self._report, list(map(str, self._directories.existing()))):
            terminalreporter.write_line(line, red=bool(self._report.exit_code))
