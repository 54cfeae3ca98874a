"""Command-line options and ini settings, with their help texts."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from ..tape.modes import DEFAULT_MODE, MODES
from .pytest_internals import redefine_option

if TYPE_CHECKING:
    from ..drift.severity import Severity as DriftSeverity


def add_options(parser: pytest.Parser, manager: pytest.PytestPluginManager) -> None:
    """Add our options and settings, and offer our record modes in pytest-recording's option."""
    group = parser.getgroup("recording")
    group.addoption(
        "--reprise-report",
        action="append",
        metavar="path",
        help=(
            "Write a report of the run, and of what the API changed, to this file: a page (.html), "
            ".json, .md, or JUnit (.xml). May be repeated."
        ),
    )
    group.addoption(
        "--reprise-drift",
        action="store_true",
        help="Send all requests again, tell what the API changed, and write no cassette.",
    )
    group.addoption(
        "--reprise-refresh",
        action="append",
        metavar="call",
        help="Record again the tests that make this call, as 'GET /users/*', or use this cassette.",
    )
    group.addoption(
        "--reprise-refresh-failed",
        action="store_true",
        help="At the end, record again the tests that missed a request; not in CI.",
    )
    group.addoption(
        "--reprise-fail-on",
        choices=("breaking", "compatible", "cosmetic"),
        help="Fail if the API changed in this way or in a graver one.",
    )
    group.addoption(
        "--reprise-audit",
        action="store_true",
        help="At the end, search the cassettes of the tests for secrets; fail on any.",
    )
    group.addoption(
        "--reprise-openapi",
        metavar="spec",
        help=(
            "At the end, compare the cassettes of the tests with this OpenAPI document (a file, a "
            "URL, or module:app); fail if one does not fit."
        ),
    )
    group.addoption(
        "--reprise-strict",
        action="store_true",
        help="Replay cassettes of vcrpy as if they were migrated: bodies are compared, and so on.",
    )
    group.addoption(
        "--reprise-orphans",
        action="store_true",
        help="At the end, name the cassettes that no collected test or fixture uses.",
    )
    group.addoption(
        "--reprise-prune",
        action="store_true",
        help="Remove these cassettes if the run has passed.",
    )
    group.addoption(
        "--reprise-pending",
        action="store_true",
        help="Put what is recorded beside the cassettes, for `reprise review`.",
    )
    group.addoption(
        "--reprise-prove",
        action="store_true",
        help="Replay what was recorded in a new process, offline; keep what does not replay.",
    )
    for name, text in _SETTINGS.items():
        parser.addini(f"reprise_{name}", text)
    for name, (text, default) in _SETTINGS_WITH_DEFAULT.items():
        parser.addini(f"reprise_{name}", text, default=default)
    for name, text in _LISTS.items():
        parser.addini(f"reprise_{name}", text, type="linelist")
    for name, text in _SWITCHES.items():
        parser.addini(f"reprise_{name}", text, type="bool", default=name in _ON_BY_DEFAULT)
    manager.register(_RecordModeChoices(parser), "reprise-record-modes")


_SETTINGS = {
    "record_mode": "The record mode, where nothing else sets it.",
    "missed": "A request without a recorded answer: fail, warn or ignore.",
    "unplayed": "Recorded calls that the test did not make: fail, warn or ignore.",
    "clock": "The clock of a replay: recorded or real.",
    "pace": "How long a replay waits for answers: full speed, recorded, or a factor such as 0.5.",
    "max_age": "How old what a replay plays may be, as 30d or 12h.",
    "on_expiry": "What happens if it is older: warn, fail or rerecord.",
    "cassette_dir": (
        "One directory for all cassettes, relative to the root directory "
        "(default: a `cassettes` directory beside each test module)."
    ),
    "report": "The file of --reprise-report, relative to the root directory.",
    "fail_on": "What --reprise-fail-on says, where that is not given.",
    "health_path": (
        "A path of the base URL. Before the first request is recorded, wait until it answers."
    ),
}
_SETTINGS_WITH_DEFAULT = {
    "background": (
        "What threads and tasks of wider fixtures belong to while a test runs: fixture or test.",
        "fixture",
    ),
    "record": ("Which tests are recorded: marked (those with the vcr mark) or all.", "marked"),
    "health_timeout": ("How many seconds to wait for the health path.", "30"),
}
_LISTS = {
    "ignore": "Places of requests that are not compared, one in each line, as $.request_id.",
    "match_headers": "Headers that are compared too, one in each line.",
    "normalise": "Functions that change requests before they are compared: module:function.",
}
_SWITCHES = {
    "hide_base_url": "Write a neutral name to cassettes instead of the base URL's host.",
    "prove": "Replay what was recorded, before it takes the place of old cassettes.",
    "replay_doubtful": "Replay tests after a rewrite that were edited, or only made other values.",
    "repeat_last": "Once all recorded answers to a call were given, give the last one again.",
    "skip_sleep": "Let sleep pass at once in replays, while the recorded clock goes on.",
    "in_process": "Also record and replay in-process transports (ASGI, WSGI, mock).",
}
_ON_BY_DEFAULT = ("replay_doubtful",)


_RECORD_MODES = (
    "none: replay, and send nothing (default). once: record what has no cassette. new_episodes: "
    "add what is not recorded. all: record everything again. rewrite: the same, and remove what "
    "was not asked for. On the command line, none is stronger than every mark and fixture."
)
_DISABLED = "Send all requests to the real server; neither record nor replay."


class _RecordModeChoices:
    """Makes our table of record modes the choices of `--record-mode`, and explains them.

    pytest-recording adds that option with choices of its own. pytest calls this hook for plugins
    that are registered already, and for those to come.
    """

    def __init__(self, parser: pytest.Parser) -> None:
        self._parser = parser

    def pytest_plugin_registered(self, plugin_name: str) -> None:
        if plugin_name == "recording":
            redefine_option(self._parser, "--record-mode", _RECORD_MODES, tuple(MODES))
            redefine_option(self._parser, "--disable-recording", _DISABLED)


def check_ini(config: pytest.Config) -> None:
    """Raise UsageError for an ini value that is not valid."""
    for name, choices in (("record", ("marked", "all")), ("background", ("fixture", "test"))):
        if (found := config.getini(f"reprise_{name}")) not in choices:
            raise pytest.UsageError(
                f"invalid value {found!r} for reprise_{name}: choose from {', '.join(choices)}"
            )
    for name in ("health_timeout", *_SWITCHES):
        try:
            float(config.getini(f"reprise_{name}"))
        except (ValueError, pytest.UsageError) as error:
            raise pytest.UsageError(f"reprise_{name} in the ini file: {error}") from None
    _check_strict(config)
    from ..errors import ConfigurationError

    cli, ini = cli_settings(config), ini_settings(config)
    try:
        file = file_settings(config)
        if any((*cli.values(), *ini.values(), *file)):
            from ..tape.settings import resolve

            resolve(cli, {}, {}, ini, file)
    except ConfigurationError as error:
        raise pytest.UsageError(f"{_ini_place(config, str(error))}{error}") from None


def _ini_place(config: pytest.Config, problem: str) -> str:
    """Return file and line of the setting that a problem is about, or ""."""
    names = (n for n in ini_settings(config) if re.search(rf" {n}(?:=.*)? in ini", problem))
    named = next((f"reprise_{name}" for name in names), None)
    if named is None or config.inipath is None:
        return ""
    lines = config.inipath.read_text(encoding="utf-8").splitlines()
    numbers = (n for n, line in enumerate(lines, 1) if line.lstrip("\"' ").startswith(named))
    number = next(numbers, None)
    return f"{config.inipath}:{number}: " if number else ""


def _check_strict(config: pytest.Config) -> None:
    """Make a strict run one that only replays: what it loads is not what is on disk."""
    if config.getoption("--reprise-strict"):
        if config.getoption("--record-mode") not in (None, "none"):
            raise pytest.UsageError("--reprise-strict only replays: leave out --record-mode")
        config.option.record_mode = "none"


class ReportFile(NamedTuple):
    """The file of the report."""

    path: Path
    suffix: str
    """The suffix of its format."""
    is_shared: bool = False
    """Whether other programs write to it too, so that the report is added at its end."""


def report_files(config: pytest.Config) -> list[ReportFile]:
    """The files of the report: those of the command line, else that of the ini file.

    An empty name on the command line means none, whatever else there is.
    """
    if given := config.getoption("--reprise-report"):
        if "" in given:
            return []
        return [_report_file(Path(config.invocation_params.dir, name), name) for name in given]
    named = config.getini("reprise_report")
    return [_report_file(Path(config.rootpath, named), named)] if named else []


def _report_file(path: Path, name: str) -> ReportFile:
    # The file that GitHub shows on the page of a job. Its name has no suffix.
    if name == os.environ.get("GITHUB_STEP_SUMMARY"):
        return ReportFile(path, ".md", is_shared=True)
    return ReportFile(path, path.suffix)


def drift_limit(config: pytest.Config) -> DriftSeverity | None:
    """From which severity on a change of the API fails the run; None for never."""
    limit: DriftSeverity | None = config.getoption("--reprise-fail-on")
    return limit or config.getini("reprise_fail_on") or None


def cli_settings(config: pytest.Config) -> dict[str, object]:
    """The settings from the command line; None where it has none."""
    return {"record_mode": config.getoption("--record-mode")}


def ini_settings(config: pytest.Config) -> dict[str, object]:
    """The settings from the ini file; None where it has none."""
    names = (
        "record_mode missed unplayed clock skip_sleep repeat_last pace max_age on_expiry".split()
    )
    names += _LISTS
    return {name: config.getini(f"reprise_{name}") or None for name in names}


_FILES = ("reprise.toml", "pyproject.toml")
_IN_FILES = (b"max_age", b"on_expiry")


@functools.lru_cache(maxsize=1)
def file_settings(config: pytest.Config) -> Mapping[str, object]:
    """The settings from reprise.toml or pyproject.toml. Raises ConfigurationError.

    Few projects have any. The search for their names saves the import of a TOML parser.
    """
    for name in _FILES:
        try:
            content = Path(config.rootpath, name).read_bytes()
        except OSError:
            continue
        if any(key in content for key in _IN_FILES):
            from ..scrub.config import read_expiry

            return read_expiry(config.rootpath)
    return {}


def session_mode(config: pytest.Config) -> str:
    """The name of the record mode from the command line, else from the ini file."""
    mode = cli_settings(config)["record_mode"] or ini_settings(config)["record_mode"]
    return str(mode or DEFAULT_MODE)
