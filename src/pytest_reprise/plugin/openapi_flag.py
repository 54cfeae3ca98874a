"""`--reprise-openapi`: at the end of a run, compare its cassettes with an OpenAPI document."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator

import pytest

from ..audit.files import find_files
from ..cassette.file import load
from ..cassette.model import Cassette
from ..cassette.naming import is_pending
from ..errors import CassetteError, ConfigurationError, RequestNotRecorded
from ..messages import printable, printable_lines, url_without_secrets
from ..report.conformance import render_text
from .pytest_internals import is_worker
from .run_directories import run_directories
from .summary import FURTHER, RUN_LOG


def register(config: pytest.Config) -> None:
    """Compare at the end of the run. Raises UsageError for a document that cannot be used."""
    if is_worker(config):
        run_directories(config)
        return
    try:
        config.pluginmanager.register(_OpenApi(config), "reprise-openapi")
    except ConfigurationError as error:
        raise pytest.UsageError(printable_lines(str(error))) from None
    except RequestNotRecorded:  # with --record-mode=none the guard refuses to fetch a URL
        given = printable(url_without_secrets(config.getoption("--reprise-openapi")))
        raise pytest.UsageError(
            f"{given}: not fetched, since nothing is sent in this run. "
            "Name a file with the document"
        ) from None


class _OpenApi:
    """Compares all cassettes in the directories of the run."""

    def __init__(self, config: pytest.Config) -> None:
        from ..openapi.check import Specification

        self._config = config
        self._base = config.invocation_params.dir
        self._specification = Specification(config.getoption("--reprise-openapi"), self._base)
        self._directories = run_directories(config)
        self._text = ""
        self._is_wrong = False

    # Around the hook that saves the cassettes, which is registered later, and so within this one.
    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, None, None]:
        """Compare after the fixtures of the session have ended, and their cassettes are written."""
        yield
        try:
            self._compare()
        except ConfigurationError as error:
            self._text, self._is_wrong = printable_lines(str(error)), True
        passed = session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
        if passed and self._is_wrong:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _compare(self) -> None:
        from ..openapi.check import Checker
        from ..openapi.coverage import CoverageMeter
        from ..openapi.lines import with_lines

        checker, meter = Checker(self._specification), CoverageMeter(self._specification)
        has_report = RUN_LOG in self._config.stash
        for name, cassette in self._cassettes():
            checker.add(name, cassette)
            if has_report:
                meter.add(name, cassette)
        found = with_lines(checker.result(), self._base)
        self._text, self._is_wrong = render_text(found), bool(found.disagreements)
        if has_report:
            from ..pages.openapi_sections import openapi_sections

            self._config.stash[FURTHER] = openapi_sections(found, meter.result())

    def _cassettes(self) -> Iterator[tuple[str, Cassette]]:
        """Yield the cassettes that can be read. The tests of others fail, and name the reason."""
        for path in find_files(self._directories.existing(), self._base):
            if is_pending(path):
                continue
            try:
                is_json = path.suffix.lower() == ".json"
                cassette = load(self._base / path, json.loads if is_json else None)
            except CassetteError:
                continue
            if cassette:
                yield str(path), cassette

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self._text:
            terminalreporter.section("reprise openapi")
            for line in self._text.splitlines():
                terminalreporter.write_line(line, red=self._is_wrong)
