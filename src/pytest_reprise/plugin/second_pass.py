"""The second pass: at the end of a run, some of its tests are recorded again.

These are tests that missed a request (`--reprise-refresh-failed`), and tests whose cassettes are
too old (`on_expiry = rerecord`). By then all fixtures are torn down, so that the second pass
records as a run of these tests alone does.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from itertools import chain

import pytest

from ..messages import counted
from .pytest_internals import is_worker
from .resolution import settings_of_session
from .scope import SCOPE
from .selection import SECOND_PASS


def refusal(config: pytest.Config) -> str:
    """Return why this run may not record again; "" if it may."""
    if os.environ.get("CI"):
        return "nothing is recorded in CI (the variable CI is set)"
    return "recording again needs one process (-n 0)" if is_worker(config) else ""


class SecondPass:
    """The tests to record again."""

    def __init__(self) -> None:
        self._items: set[pytest.Item] = set()
        self.has_begun = False

    @classmethod
    def of(cls, config: pytest.Config) -> SecondPass:
        """Return the second pass of a run, which is made at the first call."""
        return config.stash.setdefault(SECOND_PASS, cls())

    def add(self, items: Iterable[pytest.Item]) -> None:
        """Add tests that are to run once more."""
        self._items.update(items)

    def run(self, session: pytest.Session) -> None:
        """Run the tests once more, in mode rewrite."""
        items = [item for item in session.items if item in self._items]
        if not items:
            return
        self.has_begun = True
        config = session.config
        config.option.record_mode = "rewrite"
        settings_of_session.cache_clear()
        config.pluginmanager.register(_Category())
        if terminal := config.pluginmanager.get_plugin("terminalreporter"):
            terminal.ensure_newline()
            terminal.write_line(f"reprise: recording {counted(len(items), 'test')} again")
        for item, following in zip(items, chain(items[1:], [None]), strict=True):
            if SCOPE in item.stash:
                del item.stash[SCOPE]
            config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if session.shouldfail:
                raise session.Failed(session.shouldfail)
            if session.shouldstop:
                raise session.Interrupted(session.shouldstop)


class _Category:
    """Counts tests that passed in the second pass apart, since they ran before."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        is_call = getattr(report, "when", "") == "call"
        return ("recorded again", ".", "RECORDED AGAIN") if is_call and report.passed else None
