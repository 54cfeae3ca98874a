"""`--reprise-refresh`: record again the tests that make a call, or that use a cassette."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import Path

import pytest

from ..cassette.file import load
from ..cassette.naming import SUFFIX, cassette_path
from ..errors import CassetteError
from ..exchange import Request
from ..messages import counted, printable
from ..tape.call_pattern import CallPattern
from . import cassette_dirs, fixtures
from .prediction import NAMING_FIXTURES, fixtures_of
from .resolution import is_overridden, usual_fixture_cassette
from .selection import is_recorded
from .summary import add_notice

_MOST_SUGGESTED = 3


def register(config: pytest.Config) -> None:
    """Select tests when they are collected. Raises UsageError for options that make no sense."""
    if mode := config.getoption("--record-mode"):
        raise pytest.UsageError(
            f"--reprise-refresh records the selected tests again: leave out --record-mode={mode}"
        )
    for option in ("--disable-recording", "--reprise-strict"):
        if config.getoption(option):
            raise pytest.UsageError(f"--reprise-refresh records again: leave out {option}")
    plugin = RefreshSelection(config)  # checks the values
    if not config.getoption("--reprise-drift"):
        config.option.record_mode = "rewrite"
    config.pluginmanager.register(plugin, "reprise-refresh")


class RefreshSelection:
    """Deselects all tests with no interaction, own or of their wider fixtures, that was named."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._given: list[str] = config.getoption("--reprise-refresh")
        self._patterns: list[CallPattern] = []
        self._paths: list[Path] = []
        for text in self._given:
            self._add(text)
        self._is_match: dict[Path, bool] = {}
        self._calls: set[str] = set()
        """The calls of all cassettes that were searched."""

    def _add(self, text: str) -> None:
        path = cassette_dirs.absolute(self._config, text)
        is_call = text.startswith("/") and path.suffix != SUFFIX
        if path.exists() and not is_call:
            self._paths.append(path.resolve())
        elif pattern := CallPattern.parse(text if " " in text.strip() else f"* {text}"):
            self._patterns.append(pattern)
        else:
            raise pytest.UsageError(_INVALID.format(text))

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        recorded = [i for i in items if isinstance(i, pytest.Function) and is_recorded(i)]
        selected = {item for item in recorded if any(map(self._matches, _cassettes(item)))}
        if recorded and not selected:
            raise pytest.UsageError(self._nothing(len(recorded)))
        left_out = [item for item in items if item not in selected]
        items[:] = [item for item in items if item in selected]
        config.hook.pytest_deselected(items=left_out)
        unknown = [i for i in recorded if i not in selected and _names_its_cassette(i)]
        if unknown:
            add_notice(config, _UNKNOWN.format(counted(len(unknown), "test")))

    def _matches(self, path: Path) -> bool:
        if path not in self._is_match:
            is_named = any(path.resolve().is_relative_to(named) for named in self._paths)
            self._is_match[path] = is_named or self._has_call(path)
        return self._is_match[path]

    def _has_call(self, path: Path) -> bool:
        if not self._patterns:
            return False
        try:
            cassette = load(path)
        except CassetteError as error:
            raise pytest.UsageError(str(error)) from None
        requests = [i.request for i in cassette.interactions] if cassette else []
        self._calls.update(map(_call, requests))
        return any(pattern.matches(r) for pattern in self._patterns for r in requests)

    def _nothing(self, collected: int) -> str:
        lines = [
            f"--reprise-refresh={' '.join(map(repr, self._given))} selects no test: none of the "
            f"{counted(collected, 'recorded test')} has such a call in its cassettes."
        ]
        close = difflib.get_close_matches(self._given[0], self._calls, _MOST_SUGGESTED, 0.3)
        if close:
            lines += ["", "Recorded calls with similar names:", *(f"  {c}" for c in close)]
        return "\n".join(map(printable, lines))


def _call(request: Request) -> str:
    path = request.url.partition("?")[0].partition("://")[2].partition("/")[2]
    return f"{request.method} /{path}"


def _cassettes(item: pytest.Function) -> Iterator[Path]:
    """The cassettes of a test and of its wider fixtures, by their usual names."""
    if not is_overridden(item, "vcr_cassette_dir"):
        directory = cassette_dirs.of_module(item.config, item.path)
        yield cassette_path(directory, fixtures.cassette_name(item))
    wider = (f for f in fixtures_of(item) if f.scope != "function")
    yield from (usual_fixture_cassette(fixture, item) for fixture in wider)


def _names_its_cassette(item: pytest.Function) -> bool:
    return any(is_overridden(item, name) for name in NAMING_FIXTURES)


_INVALID = """\
invalid value {!r} for --reprise-refresh: expected a call or a cassette

  pytest --reprise-refresh='GET /users/*'                            a method and a path
  pytest --reprise-refresh='/users/*'                                any method
  pytest --reprise-refresh=cassettes/test_users/test_create.yaml     a file or directory"""

_UNKNOWN = (
    "{} not selected by --reprise-refresh: a fixture of the suite names the cassette, which is not "
    "known before the test runs. Select them with -k"
)
