"""Write the outcome of each test to a file, for `reprise migrate --strict-report`.

Its command loads this plugin with `-p`; no other run has it. The file holds JSON, one value in each
line: first how many tests there are, if this process collects them, then one outcome for each.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

_LOG, _ONLY = "--reprise-outcome-log", "--reprise-only-tests"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("reprise")
    for option in (_LOG, _ONLY):
        group.addoption(option, metavar="FILE", help="For `reprise migrate --strict-report`.")


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # the reports of pytest-xdist reach the main process
        config.pluginmanager.register(_OutcomeLog(Path(config.getoption(_LOG))))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the tests that the file names, one in each line of JSON; without a file all."""
    if path := config.getoption(_ONLY):
        wanted = {json.loads(line) for line in Path(path).read_text("utf-8").splitlines()}
        config.hook.pytest_deselected(items=[item for item in items if item.nodeid not in wanted])
        items[:] = [item for item in items if item.nodeid in wanted]


class _OutcomeLog:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._failures: dict[str, str] = {}

    def _write(self, value: object) -> None:
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(value) + "\n")

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self._write(len(session.items))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a failure of each phase; the teardown is the last phase of a test."""
        if report.failed:
            before = self._failures.get(report.nodeid, "")
            self._failures[report.nodeid] = f"{before}{report.longreprtext}\n"
        if report.when == "teardown":
            self._write([report.nodeid, self._failures.pop(report.nodeid, None)])
