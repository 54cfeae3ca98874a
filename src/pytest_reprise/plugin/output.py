"""What a recording run logs and reports, without the secrets that it recorded.

A test's own view (caplog, capsys) stays as it is; what goes to a terminal or a file does not.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, TypeVar

import pytest

from ..exchange import TextMap
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


_OURS_TO_KEEP = frozenset(("nodeid", "location", "keywords", "when", "outcome", "$report_type"))
"""What tells which test it is; other plugins find it by that."""


def scrubbed_report(
    config: pytest.Config, report: pytest.TestReport, scrubber: Scrubber
) -> pytest.TestReport:
    """The report without secrets: traceback, captured output and logs, recorded properties."""
    hook = config.hook
    plain: dict[str, Any] = hook.pytest_report_to_serializable(config=config, report=report)
    shown = {
        name: value if name in _OURS_TO_KEEP else scrubbed(value, _change(name, scrubber))
        for name, value in plain.items()
    }
    if shown == plain:
        return report
    made: pytest.TestReport = hook.pytest_report_from_serializable(config=config, data=shown)
    return made


def _change(name: str, scrubber: Scrubber) -> TextMap:
    """Captured output may hold what nobody has learned from; all else shows what was recorded."""
    return scrubber.log if name == "sections" else scrubber.shown


def scrubbed(value: T, change: TextMap) -> T:
    """The value with `change` applied to each text in it."""
    made: Any = value
    if isinstance(value, str):
        made = change(value)
    elif isinstance(value, dict):
        made = {name: scrubbed(inner, change) for name, inner in value.items()}
    elif isinstance(value, list | tuple):
        made = type(value)(scrubbed(inner, change) for inner in value)
    return made  # type: ignore[no-any-return]
