"""Check the options about changes of the API: --reprise-drift, --reprise-report, and so on."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import pytest

from ..drift.severity import SEVERITIES
from ..messages import did_you_mean
from .options import drift_limit, report_files, session_mode
from .pytest_internals import is_distributed


def check_drift(config: pytest.Config) -> None:
    """Make a run with --reprise-drift one that records all again. Raises UsageError for options
    that make no sense together."""
    if config.getoption("--reprise-drift"):
        _check_combination(config)
        config.option.record_mode = "rewrite"
    limit = drift_limit(config)
    if limit and limit not in SEVERITIES:
        raise pytest.UsageError(
            f"invalid value {limit!r} for reprise_fail_on: choose from {', '.join(SEVERITIES)}"
        )
    if config.getoption("--reprise-fail-on") and session_mode(config) != "rewrite":
        raise pytest.UsageError(_NOTHING_COMPARED.format("--reprise-fail-on"))
    for file in report_files(config):
        _check_report(file.path, file.suffix)


_SUFFIXES = (".html", ".json", ".md", ".xml")
_NEEDS_JINJA = """\
the report {} needs Jinja2, which is not installed:

  pip install 'pytest-reprise[report]'"""


def _check_report(path: Path, suffix: str) -> None:
    if suffix not in _SUFFIXES:
        hint = did_you_mean(suffix, _SUFFIXES)
        raise pytest.UsageError(
            f"unknown format of the report {path}: it has to end in {', '.join(_SUFFIXES)}{hint}"
        )
    if suffix == ".html" and importlib.util.find_spec("jinja2") is None:
        raise pytest.UsageError(_NEEDS_JINJA.format(path))
    if not path.parent.is_dir():
        raise pytest.UsageError(f"the report {path} cannot be written: no such directory")
    target = path if path.exists() else path.parent
    if path.is_dir() or not os.access(target, os.W_OK):
        raise pytest.UsageError(f"the report {path} cannot be written: {target} is not writable")


_NOTHING_COMPARED = """\
{} needs a run that records again, to compare with the cassettes:

  pytest --reprise-drift             compares, and writes no cassette
  pytest --record-mode=rewrite       compares, and writes what changed"""


def _check_combination(config: pytest.Config) -> None:
    if mode := config.getoption("--record-mode"):
        raise pytest.UsageError(
            f"--reprise-drift records all tests again and writes no cassette: leave out "
            f"--record-mode={mode}"
        )
    for option in ("--disable-recording", "--reprise-strict", "--reprise-prove"):
        if config.getoption(option):
            raise pytest.UsageError(
                f"--reprise-drift records again and writes nothing: leave out {option}"
            )
    if is_distributed(config):
        raise pytest.UsageError(
            "--reprise-drift compares what one process records: add -n 0 to the command"
        )
