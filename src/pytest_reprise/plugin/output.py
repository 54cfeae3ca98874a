"""Scrub what a recording run shows: logs, tracebacks, captured output, warnings.

What a test itself sees (caplog, capsys) stays as it is. What goes to the terminal or to a file does
not hold the secrets that were recorded.
"""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from ..exchange import TextMap
from ..tape.run import Run
from ..tape.tape import Tape
from .pytest_internals import log_handlers
from .scope import SCOPE
from .scope_stack import ScopeStack

if TYPE_CHECKING:
    from ..scrub.scrubber import Scrubber

T = TypeVar("T")


class _ScrubbingFormatter(logging.Formatter):
    def __init__(self, inner: logging.Formatter, scrub: TextMap) -> None:
        super().__init__()
        self._inner = inner
        self._scrub = scrub

    def format(self, record: logging.LogRecord) -> str:
        return self._scrub(self._inner.format(record))


def scrub_logs(config: pytest.Config, scrub: TextMap) -> Callable[[], None]:
    """Scrub what `--log-file` and `--log-cli-level` write. Returns a function that undoes it."""
    before = [(handler, handler.formatter) for handler in log_handlers(config)]
    for handler, formatter in before:
        handler.setFormatter(_ScrubbingFormatter(formatter or logging.Formatter(), scrub))

    def undo() -> None:
        for handler, formatter in before:
            handler.setFormatter(formatter)

    return undo


class Output:
    """The hooks through which reports and warnings pass."""

    def __init__(self, config: pytest.Config, run: Run, scopes: ScopeStack) -> None:
        self._config = config
        self._run = run
        self._scopes = scopes
        self._is_registered = False

    def watch(self) -> None:
        """Register the hooks: from now on something may be recorded. A replay needs none."""
        if not self._is_registered:
            self._is_registered = True
            self._config.pluginmanager.register(self, "reprise-output")

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        has_text = not report.passed or report.sections or report.user_properties
        scope = item.stash.get(SCOPE, None)
        if has_text and self._learn(scope.tape if scope else None):
            return _scrubbed_report(self._config, report, self._run.get_scrubber())
        return report

    def without_environment(self, report: pytest.TestReport) -> pytest.TestReport:
        """Return the report of a failed test without the secrets of the environment.

        It may only have replayed, but its variables hold the real secrets of this machine, and
        `--showlocals` shows them.
        """
        scrubber = self._run.get_scrubber()
        scrubber.learn_environment(os.environ)
        return _changed_report(self._config, report, lambda _: scrubber.scrub_report_text)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Other kinds of reports (subtests) get their captured output after they are made."""
        if type(report) is not pytest.TestReport and self._learn():
            report.sections = _scrubbed(report.sections, self._run.get_scrubber().scrub_log)

    @pytest.hookimpl(tryfirst=True)
    def pytest_warning_recorded(self, warning_message: warnings.WarningMessage) -> None:
        """Scrub what the summary shows. Code that caught the warning has it as it was."""
        if self._run.has_sent:
            text = str(warning_message.message)
            warning_message.message = self._run.get_scrubber().scrub_log(text)

    def scrub_log(self, text: str) -> str:
        """Scrub a log line of a recording scope, or one that comes after all scopes have ended."""
        tape = self._scopes.current_tape()
        is_after_recording = self._run.has_sent and self._scopes.is_empty
        if not (tape.may_send if tape else is_after_recording):
            return text
        self._learn()
        return self._run.get_scrubber().scrub_log(text)

    def _learn(self, ended: Tape | None = None) -> bool:
        """Learn the secrets in what was recorded so far; False where nothing was recorded."""
        tapes = dict.fromkeys((*self._scopes.open_tapes(), *([ended] if ended else [])))
        recording = [tape for tape in tapes if tape.sent]
        for tape in recording:
            tape.learn()
        return bool(recording)


_KEPT_FIELDS = frozenset(("nodeid", "location", "keywords", "when", "outcome", "$report_type"))
"""The fields that identify a test, by which other plugins find it."""


def _scrubbed_report(
    config: pytest.Config, report: pytest.TestReport, scrubber: Scrubber
) -> pytest.TestReport:
    """The report without secrets: traceback, captured output and logs, recorded properties."""
    return _changed_report(config, report, lambda name: _scrub_function(name, scrubber))


def _changed_report(
    config: pytest.Config, report: pytest.TestReport, change_of: Callable[[str], TextMap]
) -> pytest.TestReport:
    """Return the report with each text changed; `change_of` gives the function for a field."""
    hook = config.hook
    plain: dict[str, Any] = hook.pytest_report_to_serializable(config=config, report=report)
    shown = {
        name: value if name in _KEPT_FIELDS else _scrubbed(value, change_of(name))
        for name, value in plain.items()
    }
    if shown == plain:
        return report
    made: pytest.TestReport = hook.pytest_report_from_serializable(config=config, data=shown)
    return made


def _scrub_function(field: str, scrubber: Scrubber) -> TextMap:
    """Captured output may hold secrets that were never recorded, and so are not learned yet."""
    return scrubber.scrub_log if field == "sections" else scrubber.scrub_report_text


def _scrubbed(value: T, change: TextMap) -> T:
    """The value with `change` applied to each text in it."""
    made: Any = value
    if isinstance(value, str):
        made = change(value)
    elif isinstance(value, dict):
        made = {name: _scrubbed(inner, change) for name, inner in value.items()}
    elif isinstance(value, list | tuple):
        made = type(value)(_scrubbed(inner, change) for inner in value)
    return made  # type: ignore[no-any-return]
