"""`--reprise-audit`: at the end of a run, search its cassettes for secrets; a finding fails it."""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from ..audit.examine import Report, examine
from ..audit.files import find_files
from ..audit.render import render_text
from ..errors import ConfigurationError
from ..scrub.config import make_scrubber
from .cassette_dirs import absolute, around
from .pytest_internals import worker_output


def register(config: pytest.Config) -> None:
    """Audit the run at its end. Raises UsageError for an invalid configuration."""
    try:
        make_scrubber(config.rootpath, {})
    except ConfigurationError as error:
        raise pytest.UsageError(str(error)) from None
    config.pluginmanager.register(_Audit(config), "reprise-audit")


class _Audit:
    """Collects the directories of cassettes from the tests, or from workers of pytest-xdist."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._directories: set[Path] = set()
        self._report: Report | None = None

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for directory in {item.path.parent for item in session.items}:
            self._directories.update(around(self._config, directory))

    def pytest_runtest_teardown(self, item: pytest.Item) -> None:
        """A suite may name the directory of its cassettes by a fixture."""
        directory = getattr(item, "funcargs", {}).get("vcr_cassette_dir")
        if directory:
            self._directories.add(absolute(self._config, str(directory)))

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        sent = getattr(node, "workeroutput", {}).get("reprise_audit", ())
        self._directories.update(map(Path, sent))

    # Around the hook that saves the cassettes, which is registered later, and so within this one.
    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, None, None]:
        """Audit after the fixtures of the session have ended, and their cassettes are written."""
        yield
        output = worker_output(self._config)
        if output is not None:
            output["reprise_audit"] = [str(directory) for directory in self._directories]
            return
        base = self._config.invocation_params.dir
        scrubber = make_scrubber(self._config.rootpath, os.environ, from_files=True)
        self._report = examine(find_files(self._existing(), base), scrubber, base=base)
        passed = session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
        if passed and self._report.exit_code:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self._report is None:
            return
        terminalreporter.section("reprise audit")
        for line in render_text(self._report, list(map(str, self._existing()))):
            terminalreporter.write_line(line, red=bool(self._report.exit_code))

    def _existing(self) -> list[Path]:
        """The directories that exist, relative to where pytest was started."""
        base = self._config.invocation_params.dir
        found = (path for path in self._directories if path.is_dir())
        return sorted(p.relative_to(base) if p.is_relative_to(base) else p for p in found)
