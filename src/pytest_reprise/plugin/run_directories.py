"""The directories with the cassettes of a run, also of its workers of pytest-xdist."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .cassette_dirs import absolute, around
from .pytest_internals import worker_output

_NAME = "reprise-run-directories"
_KEY = "reprise_directories"


def run_directories(config: pytest.Config) -> RunDirectories:
    """Return the directories of a run. They are collected from the first call on."""
    found: RunDirectories | None = config.pluginmanager.get_plugin(_NAME)
    if found is None:
        found = RunDirectories(config)
        config.pluginmanager.register(found, _NAME)
    return found


class RunDirectories:
    """Collects the directories from the tests, or from the workers."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._directories: set[Path] = set()

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for directory in {item.path.parent for item in session.items}:
            self._directories.update(around(self._config, directory))

    def pytest_runtest_teardown(self, item: pytest.Item) -> None:
        """A suite may name the directory of its cassettes by a fixture."""
        directory = getattr(item, "funcargs", {}).get("vcr_cassette_dir")
        if directory:
            self._directories.add(absolute(self._config, str(directory)))

    def pytest_sessionfinish(self) -> None:
        output = worker_output(self._config)
        if output is not None:
            output[_KEY] = [str(directory) for directory in self._directories]

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        self._directories.update(map(Path, getattr(node, "workeroutput", {}).get(_KEY, ())))

    def existing(self) -> list[Path]:
        """The directories that exist, relative to where pytest was started."""
        base = self._config.invocation_params.dir
        found = (path for path in self._directories if path.is_dir())
        return sorted(p.relative_to(base) if p.is_relative_to(base) else p for p in found)
