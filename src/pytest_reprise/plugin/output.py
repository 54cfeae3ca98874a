"""What a recording run logs and reports, without the secrets that it recorded.

A test's own view (caplog, capsys) stays as it is; what goes to a terminal or a file does not.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Generator, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from ..exchange import TextMap
from ..tape.run import Run
from .scope import SCOPE, Scope

if TYPE_CHECKING:
    from ..scrub.scrubber import Scrubber

Handler = logging.Handler
T = TypeVar("T")


class _Scrubbing(logging.Formatter):
    def __init__(self, inner: logging.Formatter, scrub: TextMap) -> None:
        super().__init__()
        self._inner = inner
        self._scrub = scrub

    def format(self, record: logging.LogRecord) -> str:
        return self._scrub(self._inner.format(record))


def scrub_logs(config: pytest.Config, scrub: TextMap) -> Callable[[], None]:
    """Scrub what `--log-file` and `--log-cli-level` write; returns what undoes it."""
    plugin = config.pluginmanager.get_plugin("logging-plugin")
    handlers: list[Handler] = [
        handler
        for name in ("log_file_handler", "log_cli_handler")
        if isinstance(handler := getattr(plugin, name, None), Handler) and handler.formatter
    ]
    inner = [handler.formatter for handler in handlers]
    for handler in handlers:
        handler.setFormatter(_Scrubbing(handler.formatter or logging.Formatter(), scrub))

    def undo() -> None:
        for handler, formatter in zip(handlers, inner, strict=True):
            handler.setFormatter(formatter)

    return undo


class Output:
    """The hooks that see what is shown. `talking` gives who talks, the last one now (None: a test
    that is not recorded), and the wider fixtures that were set up."""

    def __init__(
        self,
        config: pytest.Config,
        run: Run,
        talking: Callable[[], tuple[list[Scope | None], Iterable[Scope]]],
    ) -> None:
        self._config = config
        self._run = run
        self._talking = talking
        self.has_sent = False
        self._watches = False

    def watch(self) -> None:
        """From now on something may be recorded; a mere replay has nothing to hide."""
        if not self._watches:
            self._watches = True
            self._config.pluginmanager.register(self, "reprise-output")

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        says = not report.passed or report.sections or report.user_properties
        if says and self._learn(item.stash.get(SCOPE, None)):
            return _scrubbed_report(self._config, report, self._run.scrubber)
        return report

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A part of a test is told what it captured only after its report was made."""
        if type(report) is not pytest.TestReport and self._learn():
            report.sections = _scrubbed(report.sections, self._run.scrubber.scrub_log)

    @pytest.hookimpl(tryfirst=True)
    def pytest_warning_recorded(self, warning_message: warnings.WarningMessage) -> None:
        """What the summary says of it; whoever caught the warning itself has it as it was."""
        if self.has_sent:
            warning_message.message = self._run.scrubber.scrub_log(str(warning_message.message))

    def scrub_log(self, text: str) -> str:
        """A line that is logged while something is recorded, or after all that was."""
        stack, _ = self._talking()
        talker = stack[-1] if stack else None
        tape = talker.tape if talker else None
        if not (tape.may_send if tape else self.has_sent and not stack):
            return text
        self._learn()
        return self._run.scrubber.scrub_log(text)

    def _learn(self, ended: Scope | None = None) -> bool:
        """Learn from what was recorded so far; False where that is nothing to hide."""
        stack, fixtures = self._talking()
        tapes = [scope.tape for scope in (*stack, *fixtures, ended) if scope]
        sending = [tape for tape in tapes if tape and tape.has_sent]
        for tape in sending:
            tape.recording.learn()
        self.has_sent |= bool(sending)
        return bool(sending)


_OURS_TO_KEEP = frozenset(("nodeid", "location", "keywords", "when", "outcome", "$report_type"))
"""What tells which test it is; other plugins find it by that."""


def _scrubbed_report(
    config: pytest.Config, report: pytest.TestReport, scrubber: Scrubber
) -> pytest.TestReport:
    """The report without secrets: traceback, captured output and logs, recorded properties."""
    hook = config.hook
    plain: dict[str, Any] = hook.pytest_report_to_serializable(config=config, report=report)
    shown = {
        name: value if name in _OURS_TO_KEEP else _scrubbed(value, _change(name, scrubber))
        for name, value in plain.items()
    }
    if shown == plain:
        return report
    made: pytest.TestReport = hook.pytest_report_from_serializable(config=config, data=shown)
    return made


def _change(name: str, scrubber: Scrubber) -> TextMap:
    """Captured output may hold what nobody has learned from; all else shows what was recorded."""
    return scrubber.scrub_log if name == "sections" else scrubber.scrub_report_text


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
