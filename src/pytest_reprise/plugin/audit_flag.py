"""`--reprise-audit`: at the end of a run its cassettes are audited, and a finding fails it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from ..audit.examine import Report, examine
from ..audit.files import files
from ..audit.render import as_text
from ..errors import ConfigurationError
from ..scrub.config import make_scrubber
from .resolution import absolute


def register(config: pytest.Config) -> None:
    """Have the run audited. Raises UsageError for a configuration that cannot be meant."""
    try:
        make_scrubber(config.rootpath, {})
    except ConfigurationError as error:
        raise pytest.UsageError(str(error)) from None
    config.pluginmanager.register(_Audit(config), "reprise-audit")


class _Audit:
    """Directories come from the tests: on workers of pytest-xdist, from what these send."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._directories: set[Path] = set()
        self._report: Report | None = None

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for directory in {item.path.parent for item in session.items}:
            self._directories.update(_cassettes_above(directory, self._config))

    def pytest_runtest_teardown(self, item: pytest.Item) -> None:
        """A suite may say by a fixture where its cassettes lie."""
        said = getattr(item, "funcargs", {}).get("vcr_cassette_dir")
        if said:
            self._directories.add(absolute(self._config, str(said)))

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        sent = getattr(node, "workeroutput", {}).get("reprise_audit", ())
        self._directories.update(map(Path, sent))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """After the fixtures of the session, whose cassettes are written when they end."""
        output: dict[str, Any] | None = getattr(self._config, "workeroutput", None)
        if output is not None:
            output["reprise_audit"] = [str(directory) for directory in self._directories]
            return
        base = self._config.invocation_params.dir
        scrubber = make_scrubber(self._config.rootpath, os.environ, from_files=True)
        self._report = examine(files(self._there(), base), scrubber, base=base)
        passed = session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
        if passed and self._report.exit_code:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self._report is None:
            return
        terminalreporter.section("reprise audit")
        for line in as_text(self._report, list(map(str, self._there()))):
            terminalreporter.write_line(line, red=bool(self._report.exit_code))

    def _there(self) -> list[Path]:
        """The directories that there are, from where pytest was called."""
        base = self._config.invocation_params.dir
        there = (path for path in self._directories if path.is_dir())
        return sorted(p.relative_to(base) if p.is_relative_to(base) else p for p in there)


def _cassettes_above(directory: Path, config: pytest.Config) -> Iterable[Path]:
    """Where the cassettes of a directory of tests lie, and of the fixtures above it."""
    root = config.rootpath
    if one_place := str(config.getini("reprise_cassette_dir")):
        return [root / one_place]
    above = [place for place in directory.parents if place.is_relative_to(root)]
    return [place / "cassettes" for place in (directory, *above)]
