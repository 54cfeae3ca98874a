"""`--reprise-orphans` and `--reprise-prune`: cassettes that no collected test or fixture uses.

Only a complete collection shows which these are: all tests of a directory. What the suite uses is
what it opened in this run, and what its tests and fixtures would open by their names: a test that
was skipped keeps its cassette. Cassettes that vcrpy wrote are left alone, since code of the suite
may use them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ..cassette.file import load
from ..cassette.naming import SUFFIX, cassette_path, fixture_cassette, is_pending
from ..cassette.replace import remove_cassette
from ..cassette.staging import STAGED
from ..errors import CassetteError
from ..messages import counted, display_path, printable
from . import cassette_dirs, fixtures
from .prediction import NAMING_FIXTURES, fixtures_of
from .pytest_internals import is_distributed
from .resolution import is_overridden, param_id
from .selection import is_recorded

_NOT_TESTS = frozenset((".git", ".venv", "venv", "node_modules", "__pycache__", ".tox", ".nox"))


def register(config: pytest.Config) -> None:
    """Look for orphans at the end of the run. Raises UsageError if that is not possible."""
    if is_distributed(config):
        raise pytest.UsageError("orphans are found in one process: add -n 0")
    option = config.option
    if any("::" in a or Path(a).suffix == ".py" for a in config.args) or any(
        getattr(option, name, None) for name in ("ignore", "ignore_glob", "collectonly")
    ):
        raise pytest.UsageError(_INCOMPLETE)
    config.pluginmanager.register(_Orphans(config), "reprise-orphans")


class _Orphans:
    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._items: list[pytest.Function] = []
        self._skipped: set[Path] = set()
        """Modules and directories whose tests are not known."""
        self._found: list[Path] = []
        self._is_pruned = False
        self._problem = ""

    def pytest_deselected(self, items: list[pytest.Item]) -> None:
        if items:
            raise pytest.UsageError(_INCOMPLETE)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._problem = "the collection has errors"
        elif report.skipped:
            self._skipped.add(self._config.rootpath / report.nodeid.partition("::")[0])

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self._items = [item for item in session.items if isinstance(item, pytest.Function)]

    # Around the hook that saves the cassettes, which is registered later, and so within this one.
    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Iterator[None]:
        yield
        opened = self._opened()
        unnamed = (item for item in self._items if is_recorded(item) and _names_its_cassette(item))
        if not self._problem and not all(item.stash.get(_WAS_RUN, False) for item in unnamed):
            self._problem = "a test that names its own cassette did not run"
        if self._problem:
            return
        used = opened | {self._usual(item) for item in self._items}
        self._found = [path for path in self._candidates() if path not in used]
        if self._config.getoption("--reprise-prune") and session.exitstatus == 0:
            self._is_pruned = True
            for path in self._found:
                _remove(path)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> None:
        item.stash[_WAS_RUN] = True

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self._problem:
            terminalreporter.write_line(f"reprise: orphans are not known: {self._problem}")
            return
        what = counted(len(self._found), "cassette")
        removed = ", removed" if self._is_pruned and self._found else ""
        terminalreporter.write_line(f"reprise: {what} without a test or fixture{removed}")
        for path in self._found:
            terminalreporter.write_line(f"reprise:   {printable(display_path(path))}")

    # --- what is used -----------------------------------------------------------------------

    def _opened(self) -> set[Path]:
        hooks = self._config.pluginmanager.get_plugin("reprise-recording")
        return hooks.opened_cassettes() if hooks else set()

    def _usual(self, item: pytest.Function) -> Path:
        directory = cassette_dirs.of_module(self._config, item.path)
        return cassette_path(directory, fixtures.cassette_name(item))

    def _fixture_names(self) -> set[tuple[Path | None, str]]:
        """The cassettes of all wider fixtures: names without what is before the `@`, and for class
        and module scope the directory of the module."""
        found: set[tuple[Path | None, str]] = set()
        for item in self._items:
            directory = cassette_dirs.of_module(self._config, item.path)
            for fixture in fixtures_of(item):
                place = directory if fixture.scope in ("class", "module") else None
                name = fixture_cassette("", fixture.argname, param_id(fixture, item))
                found.add((place, name))
        return found

    def _candidates(self) -> Iterator[Path]:
        """Cassettes of Reprise in the collected directories, and not of a module that was skipped,
        or of a fixture that is used."""
        names = self._fixture_names()
        unknown = {cassette_dirs.of_module(self._config, module) for module in self._skipped}
        for path in sorted(set(self._files())):
            start = path.name.partition("[")[0]
            of_fixture = "@" in start
            name = path.name[start.rindex("@") :].removesuffix(SUFFIX) if of_fixture else ""
            is_known = not names.isdisjoint(((None, name), (path.parent, name)))
            is_unknown = path.parent in unknown or (of_fixture and bool(unknown))
            if not (is_known or is_unknown) and _is_ours(path):
                yield path

    def _files(self) -> Iterator[Path]:
        for argument in self._config.args:
            top = cassette_dirs.absolute(self._config, argument).resolve()
            if cassette_dirs.shared_directory(self._config):
                yield from _below(cassette_dirs.of_directory(self._config, top))
            else:
                for place, directories, _ in os.walk(top):
                    directories[:] = [d for d in directories if d not in _NOT_TESTS]
                    if "cassettes" in directories:
                        directories.remove("cassettes")
                        yield from _below(Path(place, "cassettes"))


_WAS_RUN: pytest.StashKey[bool] = pytest.StashKey()


def _below(directory: Path) -> Iterator[Path]:
    for path in directory.rglob(f"*{SUFFIX}"):
        if not (is_pending(path) or any(STAGED.fullmatch(part) for part in path.parts)):
            yield path


def _names_its_cassette(item: pytest.Function) -> bool:
    return any(is_overridden(item, name) for name in NAMING_FIXTURES)


def _is_ours(path: Path) -> bool:
    try:
        cassette = load(path)
    except CassetteError:
        return False
    return cassette is not None and not cassette.is_legacy


def _remove(path: Path) -> None:
    remove_cassette(path)
    if not any(path.parent.iterdir()):
        path.parent.rmdir()


_INCOMPLETE = """\
Which cassettes are used is known only when all tests of a directory are collected.

Name directories or nothing, without -k, -m, --lf, --deselect and --ignore:
  pytest --reprise-orphans"""
